//! The wire of the face verification API, v0: [routes](route), [form fields](field),
//! [responses](response) and how they are [read](json), [error codes](Code) and the [limits](limit) on what
//! is sent.
//!
//! The SDK and the sandbox share these definitions. The crate does no I/O and depends on neither browser
//! nor server.

#![forbid(unsafe_code)]

#[cfg(all(feature = "typescript", feature = "serialize"))]
compile_error!("`typescript` renames the fields that `serialize` writes: enable one of them");

mod code;
pub mod field;
mod image_type;
pub mod json;
pub mod limit;
pub mod response;
pub mod route;
mod scope;

pub use code::{Code, Language};
pub use image_type::ImageType;
pub use scope::Scope;
