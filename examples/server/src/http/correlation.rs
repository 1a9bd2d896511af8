//! One correlation id per request: taken from the caller or made, in every log line, event and
//! answer.

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use logistics_core::CorrelationId;
use tracing::Instrument as _;

static HEADER: HeaderName = HeaderName::from_static("x-correlation-id");

tokio::task_local! {
    static CURRENT: CorrelationId;
}

/// The correlation id of the request being served.
pub(crate) fn current() -> Option<CorrelationId> {
    CURRENT.try_with(Clone::clone).ok()
}

/// The correlation id of the request being served; a new one outside of requests.
pub(crate) fn current_or_new() -> CorrelationId {
    current().unwrap_or_else(|| crate::ids::fresh(CorrelationId::new))
}

/// Serves one request under its correlation id. An unusable one from the caller is replaced.
pub(crate) async fn layer(request: Request, next: Next) -> Response {
    let id = request
        .headers()
        .get(&HEADER)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| CorrelationId::new(text).ok())
        .unwrap_or_else(|| crate::ids::fresh(CorrelationId::new));
    let span = tracing::info_span!("http", correlation_id = %id, method = %request.method(), path = request.uri().path());
    let mut response = CURRENT.scope(id.clone(), next.run(request)).instrument(span).await;
    if let Ok(value) = HeaderValue::from_str(id.as_str()) {
        response.headers_mut().insert(HEADER.clone(), value);
    }
    response
}
