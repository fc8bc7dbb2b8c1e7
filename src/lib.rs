//! The SDK's core.
