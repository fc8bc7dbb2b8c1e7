//! Pixels in, numbers out.
