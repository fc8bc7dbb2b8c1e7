//! The SDK's core: [`perse::Perse`] turns one call into one request, and its response into a verdict.
//!
//! ```text
//! consent → form → fetch → response → verdict
//! ```
//!
//! Modules without web-sys hold every decision and are tested on the host: [`operation`], [`photo`],
//! [`response`], [`retry`], [`verdict`], [`error_detail`], [`camel_case`]. The modules for WebAssembly only
//! convert and send: `perse` is the exported class, `attempt` the request, `js_value` the conversions.
//!
//! An attempt is never repeated here. A refused attempt rejects with what its caller needs to repeat it.

#![forbid(unsafe_code)]

pub mod camel_case;
pub mod error_detail;
pub mod operation;
pub mod photo;
pub mod response;
pub mod retry;
pub mod verdict;

#[cfg(target_arch = "wasm32")]
mod attempt;
#[cfg(target_arch = "wasm32")]
mod js_value;
#[cfg(target_arch = "wasm32")]
pub mod perse;

#[cfg(all(target_arch = "wasm32", feature = "standalone"))]
mod raw_image;

#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();
