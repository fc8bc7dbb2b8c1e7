//! The server as its clients meet it: a router without a socket, and a few times the program itself.

// clippy.toml allows these in a test function, but not in what several of them share.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod access;
mod accounts;
mod allocation;
mod answers;
mod commands;
mod common;
mod demo;
mod faults;
mod images;
mod limits;
mod operation;
mod program;
mod refusals;
mod scopes;
