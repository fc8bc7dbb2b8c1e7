//! The SDK's core: a call from the page becomes a request, its answer becomes a verdict.
//!
//! ```text
//! Arguments → consent, credentials → preflight, prepare → request, repeated where that is safe → answer → verdict
//! ```
//!
//! What needs no browser ([`operation`], [`preflight`], [`retry`], [`jwt`], [`verdict`], [`failure`],
//! [`keys`]) knows nothing of one and is tested natively; the rest is built for
//! WebAssembly only. The JavaScript facade keeps all state, the session token and every timer
//! included, so that an instance that failed can be thrown away.

#![forbid(unsafe_code)]

pub mod failure;
pub mod jwt;
pub mod keys;
pub mod operation;
pub mod preflight;
pub mod retry;
pub mod verdict;

#[cfg(target_arch = "wasm32")]
mod answer;
#[cfg(target_arch = "wasm32")]
mod arguments;
#[cfg(target_arch = "wasm32")]
pub mod bindings;
#[cfg(target_arch = "wasm32")]
mod call;
#[cfg(target_arch = "wasm32")]
mod image;
#[cfg(target_arch = "wasm32")]
mod request;
#[cfg(target_arch = "wasm32")]
mod source;
#[cfg(target_arch = "wasm32")]
mod value;

#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();
