//! `/v1/dead-letters`: messages that could not be taken, and why.

use axum::Json;
use axum::extract::{Query, State};
use chrono::{DateTime, Utc};
use logistics_core::telemetry::DeadLetter;
use serde::Serialize;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::paging::{Items, Paging};
use super::problem::Problem;
use crate::app::App;

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(list))
}

/// A message that could not be taken.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct DeadLetterView {
    id: u64,
    received_at: DateTime<Utc>,
    /// Where it came from, such as an MQTT topic.
    source: String,
    /// A stable word for the reason.
    code: String,
    detail: String,
    /// The message as text; bytes that are not UTF-8 are replaced.
    payload: String,
    /// The message's length in bytes.
    bytes: usize,
}

impl From<DeadLetter> for DeadLetterView {
    fn from(letter: DeadLetter) -> Self {
        Self {
            id: letter.id,
            received_at: letter.received_at,
            source: letter.source,
            code: letter.code,
            detail: letter.detail,
            bytes: letter.payload.len(),
            payload: String::from_utf8_lossy(&letter.payload).into_owned(),
        }
    }
}

/// Messages that could not be taken, oldest first.
#[utoipa::path(get, path = "/dead-letters", tag = "devices", params(Paging),
    responses((status = 200, body = Items<DeadLetterView>)))]
async fn list(
    State(app): State<Arc<App>>,
    Query(paging): Query<Paging>,
) -> Result<Json<Items<DeadLetterView>>, Problem> {
    let limit = paging.limit()?;
    let after = match paging.after.as_deref().map(str::parse) {
        None => 0,
        Some(Ok(after)) => after,
        Some(Err(_)) => {
            let detail = "after is not a cursor of this list";
            return Err(Problem::unprocessable("invalid_field", detail).about("after"));
        }
    };
    let letters = app.ports.dead_letters.list(after, limit).await?;
    let full = letters.len() == usize::try_from(limit).unwrap_or(usize::MAX);
    let next = letters.last().filter(|_| full).map(|letter| letter.id.to_string());
    Ok(Json(Items { items: letters.into_iter().map(Into::into).collect(), next }))
}
