//! The program's command line.

mod arguments;
mod commands;

pub(crate) use self::arguments::{Arguments, LogForm};
