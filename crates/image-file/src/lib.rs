//! Reads and strips image files as containers: type, size, orientation, metadata. No pixel is decoded.
//!
//! ```
//! # fn file() -> Vec<u8> { b"\x89PNG\r\n\x1A\n\0\0\0\x0DIHDR\0\0\x02\x80\0\0\x01\xE0\x08\x02\0\0\0".to_vec() }
//! let header = perse_image_file::read_header(&file())?;
//! assert_eq!(header.upright_size(), (640, 480));
//! # Ok::<(), perse_image_file::HeaderError>(())
//! ```
//!
//! The crate does no I/O and sets no limit: its callers decide which files are too large. It never panics,
//! and its time and memory are proportional to the bytes.
//!
//! The formats are parsed here, in less than 7 kB (gzip) of WebAssembly, because libraries would double the
//! core: `img-parts` 0.4 takes 24 kB, `imagesize` 0.15 9 kB and `kamadak-exif` 0.6 8 kB. They would also lack
//! the difficult parts: `img-parts` reads all bytes after the first scan as one segment, and `imagesize`
//! fails on fill bytes and reads any item of an HEIC file instead of the primary one.

#![forbid(unsafe_code)]

mod bmff;
mod bytes;
mod exif;
mod header;
mod jpeg;
mod metadata_kind;
mod orientation;
mod png;
mod rewriter;
mod strip;
mod webp;

pub use crate::{
    header::{Header, HeaderError, read_header},
    metadata_kind::{MetadataKind, Removed},
    orientation::Orientation,
    strip::{StripError, StripOptions, Stripped, hide_exif, strip},
};
