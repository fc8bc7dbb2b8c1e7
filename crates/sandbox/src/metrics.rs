//! Counts and times the server's work, for `GET /metrics` in the text format that Prometheus reads.
//!
//! No label comes from a client: routes are templates, methods and codes are those of the API.

use std::time::Duration;

use axum::http::Method;
use perse_protocol::Code;
use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{
        counter::Counter,
        family::Family,
        gauge::ConstGauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::Registry,
};

/// The labels of a request.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    method: &'static str,
    route: String,
    code: &'static str,
}

/// All counters of a server.
pub(crate) struct Metrics {
    requests: Family<Labels, Counter>,
    request_seconds: Family<RouteLabel, Histogram, fn() -> Histogram>,
    job_wait_seconds: Histogram,
    job_seconds: Histogram,
    store_errors: Counter,
}

/// The label of a request's duration: fewer than those of its number, because a histogram has 14 series.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabel {
    route: String,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            requests: Family::default(),
            request_seconds: Family::new_with_constructor(histogram),
            job_wait_seconds: histogram(),
            job_seconds: histogram(),
            store_errors: Counter::default(),
        }
    }
}

/// From 1 ms, doubling, to 4 s.
fn histogram() -> Histogram {
    Histogram::new(exponential_buckets(0.001, 2.0, 13))
}

impl Metrics {
    /// Counts a request to a route's template, with the code of its response.
    pub(crate) fn add_request(&self, method: &Method, route: &str, code: Code, took: Duration) {
        let method = match *method {
            Method::GET => "GET",
            Method::POST => "POST",
            Method::PUT => "PUT",
            Method::DELETE => "DELETE",
            Method::OPTIONS => "OPTIONS",
            _ => "other",
        };
        let route = route.to_owned();
        self.requests.get_or_create(&Labels { method, route: route.clone(), code: code.as_str() }).inc();
        self.request_seconds.get_or_create(&RouteLabel { route }).observe(took.as_secs_f64());
    }

    /// Counts a job of the worker threads: the time until it began, and the time that it took.
    pub(crate) fn add_job(&self, waited: Duration, took: Duration) {
        self.job_wait_seconds.observe(waited.as_secs_f64());
        self.job_seconds.observe(took.as_secs_f64());
    }

    /// Counts a statement that the store could not carry out.
    pub(crate) fn add_store_error(&self) {
        self.store_errors.inc();
    }

    /// Writes all of them. `pending` is the number of requests that hold or await a worker thread, `capacity` the
    /// largest number of them.
    pub(crate) fn write(&self, pending: usize, capacity: usize) -> String {
        let mut registry = Registry::with_prefix("perse");
        let number = |value| ConstGauge::<u64>::new(u64::try_from(value).unwrap_or(u64::MAX));
        registry.register("requests", "Requests that were answered", self.requests.clone());
        registry.register("request_seconds", "Durations of requests", self.request_seconds.clone());
        registry.register("job_wait_seconds", "Waits for a worker thread", self.job_wait_seconds.clone());
        registry.register("job_seconds", "Times that worker threads took", self.job_seconds.clone());
        registry.register("store_errors", "Statements that the store failed", self.store_errors.clone());
        registry.register("jobs_pending", "Requests that hold or await a worker thread", number(pending));
        registry.register("jobs_limit", "The largest number of them", number(capacity));
        let mut text = String::new();
        // Writing into a string does not fail.
        let _ = encode(&mut text, &registry);
        text
    }
}
