//! The face verification API on this machine, for development and tests.
//!
//! [`app`] makes a router from a [`Config`]; [`serve`] runs it on a socket. What the wire looks like
//! is `perse-protocol`'s, what is in a picture is `perse-vision`'s; here are the rules of the service:
//! who may call, what is refused and in which words, where the work is done, what is kept.
//!
//! - `auth`: session tokens and the private key
//! - `upload`: a multipart body, checked in the order that clients rely on
//! - `decode`: a file into upright RGB pixels, within limits
//! - `face`: pixels into the API's responses
//! - `worker_pool`: the worker threads and their bounded queue
//! - `store`: enrolled descriptors and private keys, in SQLite or PostgreSQL
//! - `admin`: what an operator does to the store, beside the servers
//! - `routes`: the paths of the API
//! - `openapi`: the API's document
//! - `demo`: the page and its backend, only with [`Config::demo`]
//! - `faults`: the API again, failing as a test asks, only with [`Config::faults`]
//! - `metrics`: counters, only published with [`Config::metrics`]
//! - `error`: failures in the API's form

#![forbid(unsafe_code)]

mod account_limit;
mod admin;
mod app;
mod auth;
mod config;
mod decode;
mod demo;
mod error;
mod face;
mod faults;
mod forwarded;
mod lingering_close;
mod log;
mod metrics;
mod openapi;
mod request_id;
mod routes;
mod serve;
mod store;
mod upload;
mod worker_pool;

pub use crate::{
    admin::{Admin, AdminError},
    app::{app, app_with_engine},
    config::{Config, Cors, Data, Demo, Secret},
    error::StartError,
    face::load_engine,
    openapi::openapi,
    serve::serve,
    store::{Account, DataKey, KeyRow},
};
