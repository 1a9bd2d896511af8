//! `/v1/reports`: what can be learnt from what happened.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use chrono::{Days, NaiveDate};
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::problem::Problem;
use crate::app::App;
use crate::override_report::{OverrideReport, report};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(overrides))
}

/// Which week.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
struct Week {
    /// Its first day; six days ago when not given.
    from: Option<NaiveDate>,
}

/// The overrides of seven days: how often, why, of whose manifests, in which zones; and constraints
/// that they suggest, with the visits that bear them out.
#[utoipa::path(get, path = "/reports/overrides", tag = "dispatch", params(Week),
    responses((status = 200, body = OverrideReport)))]
async fn overrides(
    State(app): State<Arc<App>>,
    Query(Week { from }): Query<Week>,
) -> Result<Json<OverrideReport>, Problem> {
    let today = app.date_of(app.now());
    let from = from.or(today.checked_sub_days(Days::new(6))).unwrap_or(today);
    Ok(Json(report(&app, from).await?))
}
