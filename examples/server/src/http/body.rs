//! Reading request bodies: limited in size, with errors that name the place.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use futures::StreamExt as _;
use serde::de::DeserializeOwned;

use super::problem::Problem;

/// Largest JSON body.
pub(crate) const JSON_BYTES_MAX: usize = 1024 * 1024;
/// Largest zone file.
pub(crate) const ZONES_BYTES_MAX: usize = 32 * 1024 * 1024;
/// How much of an oversized body is read and thrown away, so that the caller gets to read the
/// answer instead of a broken connection.
const DRAIN_BYTES_MAX: usize = 128 * 1024 * 1024;
const READ_TIMEOUT: Duration = Duration::from_secs(30);

/// A JSON body.
#[derive(Debug)]
pub(crate) struct JsonBody<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let bytes = read(request.into_body(), JSON_BYTES_MAX).await?;
        // An empty body stands for an empty object: many commands need no more.
        let text: &[u8] = if bytes.is_empty() { b"{}" } else { &bytes };
        parse(text).map(Self)
    }
}

/// Reads `bytes` as JSON; the error names field, line and column.
pub(crate) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let field = error.path().to_string();
        let cause = error.inner();
        if cause.is_data() {
            Problem::unprocessable("invalid_field", cause).about(field)
        } else {
            Problem::bad_request("bad_json", cause)
        }
    })?;
    json.end().map_err(|error| Problem::bad_request("bad_json", error))?;
    Ok(value)
}

/// Reads one field's value.
pub(crate) fn field_of<T: DeserializeOwned>(
    field: &str,
    value: serde_json::Value,
) -> Result<T, Problem> {
    serde_json::from_value(value)
        .map_err(|error| Problem::unprocessable("invalid_field", error).about(field))
}

/// Reads a body of at most `limit` bytes.
pub(crate) async fn read(body: Body, limit: usize) -> Result<Bytes, Problem> {
    let timed_out = |_| {
        Problem::new(StatusCode::REQUEST_TIMEOUT, "body_timeout", "the body did not arrive in time")
    };
    tokio::time::timeout(READ_TIMEOUT, read_unhurried(body, limit)).await.map_err(timed_out)?
}

async fn read_unhurried(body: Body, limit: usize) -> Result<Bytes, Problem> {
    let mut kept = Vec::new();
    let mut length = 0_usize;
    let mut chunks = body.into_data_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|error| Problem::bad_request("broken_body", error))?;
        length += chunk.len();
        if length <= limit {
            kept.extend_from_slice(&chunk);
        } else if length > DRAIN_BYTES_MAX {
            break;
        } else {
            kept = Vec::new();
        }
    }
    if length > limit {
        let detail = format!("the body has more than {limit} bytes, the most that is taken here");
        return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", detail));
    }
    Ok(kept.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_body_past_the_limit_is_read_to_its_end_and_refused() {
        assert_eq!(read(Body::from(vec![7; 10]), 10).await.expect("fits").len(), 10);
        let problem = read(Body::from(vec![7; 11]), 10).await.expect_err("too large");
        assert!(format!("{problem:?}").contains("body_too_large"));
    }

    #[test]
    fn errors_name_field_and_place() {
        #[derive(Debug, serde::Deserialize)]
        struct Outer {
            #[expect(dead_code, reason = "only its parsing is looked at")]
            inner: Vec<u8>,
        }
        let problem = parse::<Outer>(br#"{"inner":[1,"x"]}"#).expect_err("wrong type");
        assert!(format!("{problem:?}").contains("inner[1]"), "{problem:?}");
        let problem = parse::<Outer>(br#"{"inner":[1}"#).expect_err("broken");
        assert!(format!("{problem:?}").contains("column 12"), "{problem:?}");
    }
}
