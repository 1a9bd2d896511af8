//! Versions as ETags, and the version that a caller has seen.

use axum::http::{HeaderMap, HeaderValue, header};

use super::problem::Problem;

pub(super) fn etag(version: u64) -> HeaderValue {
    HeaderValue::try_from(format!("\"{version}\"")).unwrap_or(HeaderValue::from_static("\"0\""))
}

/// The version that the caller has seen, if it says so.
pub(super) fn if_match(headers: &HeaderMap) -> Result<Option<u64>, Problem> {
    let Some(value) = headers.get(header::IF_MATCH) else { return Ok(None) };
    let text = value.to_str().unwrap_or_default().trim_matches('"');
    let unknown = |_| {
        Problem::bad_request("invalid_header", "If-Match must be the ETag of a version")
            .about("If-Match")
    };
    text.parse().map(Some).map_err(unknown)
}
