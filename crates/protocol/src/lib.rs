//! The wire of the face verification API, v0: [routes](route), [form fields](field),
//! [answers](answer) and how they are [read](json), [error codes](Code) and the [limits](limit) on what
//! is sent.
//!
//! Written once and used by the SDK and by the sandbox, so that the two cannot drift. It does no
//! I/O and knows neither browser nor server.

#![forbid(unsafe_code)]

#[cfg(all(feature = "typescript", feature = "serialize"))]
compile_error!("`typescript` renames the fields that `serialize` writes: enable one of them");

pub mod answer;
mod code;
pub mod field;
mod image_type;
pub mod json;
pub mod limit;
pub mod route;
mod scope;

pub use code::{Code, Language};
pub use image_type::ImageType;
pub use scope::Scope;
