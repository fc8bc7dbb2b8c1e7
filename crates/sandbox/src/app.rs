//! The router, put together.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::Request,
    http::{HeaderName, HeaderValue, Method, header},
    middleware::{from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
};
use perse_protocol::{Code, route};
use perse_vision::FaceEngine;
use tower_http::{
    catch_panic::CatchPanicLayer,
    cors::{AllowOrigin, CorsLayer},
    set_header::SetResponseHeaderLayer,
};

use crate::{
    account_limit::AccountLimit,
    auth::Auth,
    config::{Config, Cors},
    decode::Photo,
    demo,
    error::{Failure, StartError, format_errors},
    face::{self, FaceDescriptor, load_engine},
    faults,
    forwarded::{Proxies, forwarded},
    lingering_close::linger,
    log::log,
    metrics::Metrics,
    request_id::{REQUEST_ID, set_request_id},
    routes,
    store::{Account, Store},
    upload::Form,
    worker_pool::{JobPermit, Pool},
};

/// State that the handlers share.
pub(crate) struct App {
    pub(crate) auth: Auth,
    pub(crate) engine: Arc<FaceEngine>,
    pub(crate) pool: Pool,
    account_limit: AccountLimit,
    pub(crate) store: Store,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) body_timeout: Duration,
    /// Published with each comparison, 0..=100.
    pub(crate) similarity_threshold: f64,
}

impl App {
    /// The form of an account's upload that may hold so many images.
    pub(crate) async fn form(
        &self,
        request: Request,
        account: &Account,
        images: usize,
    ) -> Result<Form, Failure> {
        let permit = self.account_limit.acquire(account)?;
        Form::read(request, images, &self.pool, permit, self.body_timeout).await
    }

    /// The largest face of a photo, worked out on a worker thread.
    pub(crate) async fn compute_descriptor(
        &self,
        permit: &JobPermit,
        photo: Photo,
    ) -> Result<FaceDescriptor, Failure> {
        let engine = Arc::clone(&self.engine);
        permit.run(move || face::compute_descriptor(&engine, &photo)).await?
    }
}

/// A server as a router. Needs no socket, but a Tokio runtime.
///
/// # Errors
///
/// When the weights are missing or wrong, or the data file or database cannot be opened.
pub async fn app(config: Config) -> Result<Router, StartError> {
    let engine = load_engine(&config.models)?;
    app_with_engine(config, engine).await
}

/// The same with an engine that is [loaded](load_engine) already, which several servers can share.
///
/// # Errors
///
/// When the data file or database cannot be opened or the worker threads cannot be started.
pub async fn app_with_engine(config: Config, engine: Arc<FaceEngine>) -> Result<Router, StartError> {
    let metrics = Arc::new(Metrics::default());
    let store = Store::open(&config, face::NETWORK, Arc::clone(&metrics)).await?;
    let app = Arc::new(App {
        auth: Auth::new(config.private_key, &config.jwt_secret, config.token_ttl, store.clone()),
        engine,
        pool: Pool::new(config.workers.get(), config.queue, Arc::clone(&metrics))
            .map_err(StartError::Workers)?,
        account_limit: AccountLimit::new(config.account_limit),
        store,
        metrics: Arc::clone(&metrics),
        body_timeout: config.body_timeout,
        similarity_threshold: config.similarity_threshold,
    });
    let mut router =
        Router::new().nest(route::PREFIX, routes::api()).merge(routes::operation(config.metrics));
    if config.faults {
        router = router.merge(faults::router());
    }
    router = match &config.demo {
        Some(demo) => router.merge(demo::router(demo)),
        None => router.fallback(routes::not_found),
    };
    // The last layer is the outermost.
    let router = router
        .method_not_allowed_fallback(routes::method_not_allowed)
        .with_state(app)
        .layer(from_fn(linger))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn(format_errors))
        .layer(from_fn_with_state(metrics, log))
        .layer(from_fn_with_state(Proxies(config.trusted_proxies.into()), forwarded))
        .layer(SetResponseHeaderLayer::overriding(
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ));
    let router = match cors(config.cors) {
        Some(cors) => router.layer(cors),
        None => router,
    };
    // Preflights have an id, too.
    let router = router.layer(from_fn(set_request_id));
    // Around CORS, because preflights too must leave no connection behind.
    Ok(if config.faults { router.layer(from_fn(faults::closing)) } else { router })
}

/// The message of a panic may contain anything: the process's hook prints it, the response and the log do not.
fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    tracing::error!("a handler panicked");
    Failure::from(Code::ServerError).into_response()
}

fn cors(cors: Cors) -> Option<CorsLayer> {
    let origins = match cors {
        Cors::Off => return None,
        Cors::Any => AllowOrigin::any(),
        Cors::Origins(origins) => AllowOrigin::list(origins),
    };
    Some(
        CorsLayer::new()
            .allow_origin(origins)
            .allow_methods([Method::GET, Method::POST, Method::PUT, Method::DELETE])
            .allow_headers([
                header::AUTHORIZATION,
                header::CONTENT_TYPE,
                HeaderName::from_static(route::API_KEY),
                HeaderName::from_static(route::IDEMPOTENCY_KEY),
                REQUEST_ID,
            ])
            .expose_headers([header::RETRY_AFTER, REQUEST_ID])
            .max_age(Duration::from_secs(3600)),
    )
}
