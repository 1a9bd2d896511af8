//! `/v1/ingest`: fixes over HTTP, through the same pipeline as MQTT.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use logistics_core::PartnerId;
use logistics_core::telemetry::{BATCH_FIXES_MAX, Form, Inbound, Outcome};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::body::JsonBody;
use super::phones::unavailable;
use super::problem::Problem;
use crate::app::App;

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(fixes))
}

/// Position reports of any partners.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
struct Batch {
    /// At most 200. Each as in MQTT, and `partner` beside it.
    #[schema(value_type = Vec<Object>)]
    fixes: Vec<Box<RawValue>>,
}

#[derive(Debug, Deserialize)]
struct Whose {
    partner: PartnerId,
}

/// What became of a batch.
#[derive(Debug, Default, Serialize, utoipa::ToSchema)]
struct Ingested {
    /// New fixes, durable now.
    stored: u32,
    /// Known already.
    duplicates: u32,
    /// Not accurate enough to be used.
    filtered: u32,
    /// Could not be taken; kept as dead letters unless they name no partner.
    rejected: Vec<Rejected>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
struct Rejected {
    /// Place in the batch, from 0.
    index: usize,
    code: String,
    detail: String,
}

/// Takes position reports; what is stored is durable when this answers.
#[utoipa::path(post, path = "/ingest/fixes", tag = "devices", request_body = Batch,
    responses((status = 200, body = Ingested), (status = 503, body = Problem)))]
async fn fixes(
    State(app): State<Arc<App>>,
    JsonBody(batch): JsonBody<Batch>,
) -> Result<Json<Ingested>, Problem> {
    if batch.fixes.len() > BATCH_FIXES_MAX {
        let detail = format!("{} fixes, more than {BATCH_FIXES_MAX}", batch.fixes.len());
        return Err(Problem::unprocessable("too_many_fixes", detail).about("fixes"));
    }
    let mut answer = Ingested::default();
    let (mut inbound, mut places) = (Vec::new(), Vec::new());
    for (index, fix) in batch.fixes.iter().enumerate() {
        match serde_json::from_str::<Whose>(fix.get()) {
            Ok(Whose { partner }) => {
                places.push(index);
                inbound.push(Inbound {
                    partner,
                    source: "http".to_owned(),
                    form: Form::Canonical,
                    payload: fix.get().as_bytes().to_vec(),
                    received_at: app.now(),
                });
            }
            Err(error) => {
                let (code, detail) = ("invalid_partner".to_owned(), error.to_string());
                answer.rejected.push(Rejected { index, code, detail });
            }
        }
    }
    let outcomes = app.gps.ingest(inbound, app.now()).await;
    for (index, outcome) in places.into_iter().zip(outcomes) {
        match outcome {
            Outcome::Taken(tally) => {
                answer.stored += tally.stored;
                answer.duplicates += tally.duplicates + tally.conflicts;
                answer.filtered += tally.filtered;
            }
            Outcome::Rejected { code, detail } => {
                answer.rejected.push(Rejected { index, code: code.to_owned(), detail });
            }
            Outcome::Unavailable => return Err(unavailable()),
        }
    }
    answer.rejected.sort_by_key(|rejected| rejected.index);
    Ok(Json(answer))
}
