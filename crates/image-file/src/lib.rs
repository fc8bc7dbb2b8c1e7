//! Image files as containers: their type, size, orientation and metadata. No pixel is ever decoded.
//!
//! ```
//! # fn file() -> Vec<u8> { b"\x89PNG\r\n\x1A\n\0\0\0\x0DIHDR\0\0\x02\x80\0\0\x01\xE0\x08\x02\0\0\0".to_vec() }
//! let header = perse_image_file::read_header(&file())?;
//! assert_eq!(header.upright_size(), (640, 480));
//! # Ok::<(), perse_image_file::HeaderError>(())
//! ```
//!
//! The crate does no input or output and knows nothing of limits, servers or browsers: what is too
//! large or unwelcome is the caller's to say. Whatever the bytes are, it answers without a panic, in
//! time and memory proportional to them.
//!
//! It walks the formats by itself, in less than 7 kB (gzip) of WebAssembly, because libraries would double the
//! core: `img-parts` 0.4 takes 24 kB, `imagesize` 0.15 9 kB and `kamadak-exif` 0.6 8 kB. What is hard
//! would be left over, too: `img-parts` takes all that follows the first scan for one piece, and
//! `imagesize` stumbles over fill bytes and looks at any item of an HEIC file instead of the primary one.

#![forbid(unsafe_code)]

mod bmff;
mod edit;
mod exif;
mod header;
mod jpeg;
mod orientation;
mod png;
mod read;
mod removed;
mod strip;
mod webp;

pub use crate::{
    header::{Header, HeaderError, read_header},
    orientation::Orientation,
    removed::{Kind, Removed},
    strip::{StripError, Stripped, hide_exif, strip, strip_with_orientation},
};
