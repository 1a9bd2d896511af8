//! What a caller reports: a command's content, when it happened, under which key.

use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;
use chrono::{DateTime, Duration, Utc};
use logistics_core::CommandId;
use logistics_core::eventsourcing::{Actor, CommandEnvelope, Occurred};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::body::{JSON_BYTES_MAX, field_of, parse, read};
use super::correlation;
use super::problem::Problem;
use crate::ids::{derived, fresh};

const KEY_HEADER: &str = "idempotency-key";
const KEY_BYTES_MAX: usize = 255;
/// Reports from further ahead than this are marked suspect.
const CLOCK_TOLERANCE: Duration = Duration::minutes(2);

/// A command's content as JSON, with `occurred_at` beside it and perhaps an Idempotency-Key.
#[derive(Debug)]
pub(crate) struct Report<C> {
    pub(crate) content: C,
    pub(crate) occurred_at: Option<DateTime<Utc>>,
    pub(crate) key: Option<String>,
}

impl<S: Send + Sync, C: DeserializeOwned> FromRequest<S> for Report<C> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let key = key(request.headers())?;
        let bytes = read(request.into_body(), JSON_BYTES_MAX).await?;
        // An empty body stands for an empty object: many commands need no more.
        let mut body: Value = parse(if bytes.is_empty() { b"{}" } else { &bytes })?;
        let occurred_at = body.as_object_mut().and_then(|fields| fields.remove("occurred_at"));
        let occurred_at = occurred_at.map(|at| field_of("occurred_at", at)).transpose()?.flatten();
        let content = serde_path_to_error::deserialize(body).map_err(|error| {
            let field = error.path().to_string();
            Problem::unprocessable("invalid_field", error.inner()).about(field)
        })?;
        Ok(Self { content, occurred_at, key })
    }
}

impl<C> Report<C> {
    /// The command's id: the same again for the same key.
    pub(crate) fn command_id(&self) -> CommandId {
        match &self.key {
            Some(key) => derived(CommandId::new, &["http", key]),
            None => fresh(CommandId::new),
        }
    }
}

/// The command as the domain takes it.
pub(crate) fn envelope<B>(
    command_id: CommandId,
    occurred_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
    body: B,
) -> CommandEnvelope<B> {
    let occurred = match occurred_at {
        Some(at) => Occurred::reported(at, now, CLOCK_TOLERANCE),
        None => Occurred::observed(now),
    };
    CommandEnvelope::new(command_id, now, body)
        .by(Actor::Api("local".to_owned()))
        .because_of(correlation::current_or_new(), None)
        .occurring(occurred)
}

fn key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(value) = headers.get(KEY_HEADER) else { return Ok(None) };
    match value.to_str() {
        Ok(key) if (1..=KEY_BYTES_MAX).contains(&key.len()) => Ok(Some(key.to_owned())),
        _ => {
            let detail = format!("the key must have 1 to {KEY_BYTES_MAX} visible ASCII characters");
            Err(Problem::bad_request("invalid_header", detail).about("Idempotency-Key"))
        }
    }
}
