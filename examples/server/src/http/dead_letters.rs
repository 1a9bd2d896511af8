//! `/v1/dead-letters`: messages that could not be taken, why, and taking them again.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use logistics_core::telemetry::{DeadLetter, Replayed};
use serde::Serialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::paging::{Items, Paging};
use super::phones::{Counts, unavailable};
use super::problem::Problem;
use crate::app::App;

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(get, delete)).routes(routes!(replay))
}

/// A message that could not be taken.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct DeadLetterView {
    id: u64,
    received_at: DateTime<Utc>,
    /// Where it came from, such as an MQTT topic.
    source: String,
    /// Whose device sent it, where that is known: only then can it be taken again.
    partner: Option<String>,
    /// How it is written: `canonical`, `owntracks`, `osmand` or `traccar`.
    form: &'static str,
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
            partner: letter.partner.map(|partner| partner.as_str().to_owned()),
            form: letter.form.name(),
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

/// One message that could not be taken.
#[utoipa::path(get, path = "/dead-letters/{id}", tag = "devices", params(("id" = u64, Path)),
    responses((status = 200, body = DeadLetterView), (status = 404, body = Problem)))]
async fn get(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Json<DeadLetterView>, Problem> {
    Ok(Json(found(&app, &id).await?.into()))
}

/// Forgets a message that could not be taken.
#[utoipa::path(delete, path = "/dead-letters/{id}", tag = "devices", params(("id" = u64, Path)),
    responses((status = 204), (status = 404, body = Problem)))]
async fn delete(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    if app.ports.dead_letters.remove(number(&id)?).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(absent(&id))
    }
}

/// What became of a message that was taken again.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(tag = "outcome", rename_all = "lowercase")]
enum ReplayView {
    /// It is done with, and no dead letter any more. Fixes of it that were refused are letters of
    /// their own now.
    Taken { id: u64, counts: Counts },
    /// It was refused again; the letter bears the new reason.
    Kept { id: u64, code: String, detail: String },
}

/// Takes a message in again, when what it was refused for is mended. Each fix is stored once,
/// however often this is asked.
#[utoipa::path(post, path = "/dead-letters/{id}/replay", tag = "devices", params(("id" = u64, Path)),
    responses((status = 200, body = ReplayView), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 503, body = Problem)))]
async fn replay(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Json<ReplayView>, Problem> {
    let letter = found(&app, &id).await?;
    let id = letter.id;
    match app.gps.replay(&letter, app.now()).await {
        Replayed::Taken(tally) => Ok(Json(ReplayView::Taken { id, counts: tally.into() })),
        Replayed::Kept { code, detail } => Ok(Json(ReplayView::Kept { id, code, detail })),
        Replayed::OfNobody => {
            let detail = "nothing says whose device sent this, so it cannot be taken";
            Err(Problem::conflict("of_nobody", detail))
        }
        Replayed::Unavailable => Err(unavailable()),
    }
}

async fn found(app: &App, id: &str) -> Result<DeadLetter, Problem> {
    let letter = app.ports.dead_letters.find(number(id)?).await?;
    letter.ok_or_else(|| absent(id))
}

fn number(id: &str) -> Result<u64, Problem> {
    id.parse().map_err(|_| absent(id))
}

fn absent(id: &str) -> Problem {
    Problem::not_found("dead letter", id)
}
