//! `/v1/live`: the WebSocket of the dashboard.

use std::sync::Arc;

use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;

use super::problem::Problem;
use crate::app::App;
use crate::live;

/// Largest message a session may send.
const INCOMING_BYTES_MAX: usize = 64 * 1024;

pub(super) async fn upgrade(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Problem> {
    if !same_origin(&headers) {
        let detail = "pages of other origins may not open a live session";
        return Err(Problem::new(StatusCode::FORBIDDEN, "foreign_origin", detail));
    }
    Ok(upgrade.max_message_size(INCOMING_BYTES_MAX).on_upgrade(move |socket| async move {
        let hub = Arc::clone(&app.hub);
        live::connect(socket, hub, |rev, zones| crate::snapshot::json(app, rev, zones)).await;
    }))
}

/// Browsers name the page's origin: another page of the user's browser must not get in. Programs
/// name none.
fn same_origin(headers: &HeaderMap) -> bool {
    let text =
        |name| headers.get(name).and_then(|value: &axum::http::HeaderValue| value.to_str().ok());
    match (text(header::ORIGIN), text(header::HOST)) {
        (None, _) => true,
        (Some(origin), Some(host)) => {
            origin.split_once("://").is_some_and(|(_, origin)| origin == host)
        }
        (Some(_), None) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_pages_and_programs_get_in() {
        let headers = |pairs: &[(&'static str, &'static str)]| {
            let mut headers = HeaderMap::new();
            for &(name, value) in pairs {
                headers.insert(name, axum::http::HeaderValue::from_static(value));
            }
            headers
        };
        let host = ("host", "127.0.0.1:8080");
        assert!(same_origin(&headers(&[host])));
        assert!(same_origin(&headers(&[host, ("origin", "http://127.0.0.1:8080")])));
        assert!(!same_origin(&headers(&[host, ("origin", "http://evil.example")])));
        assert!(!same_origin(&headers(&[host, ("origin", "null")])));
    }
}
