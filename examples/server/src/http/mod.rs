//! The HTTP interface: routes, limits, headers.

pub(crate) mod assets;
mod body;
pub(crate) mod correlation;
mod day_routes;
mod dead_letters;
mod dispatch;
mod etag;
mod health;
mod ingest;
mod live;
mod manifests;
mod paging;
mod partners;
mod phones;
mod problem;
mod recorded;
mod report;
mod reports;
mod run_view;
mod shipment_actions;
mod shipments;
mod tracking;
mod zones;

use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderValue, StatusCode, header};
use axum::routing::get;
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::app::App;
pub(crate) use problem::{Problem, chain};

#[derive(OpenApi)]
#[openapi(info(
    title = "logistics-server",
    description = "Shipments, delivery partners, zones and dispatch. Errors are problem+json; lists \
                   are `{\"items\":[…],\"next\":…}`; a POST with an Idempotency-Key can be sent \
                   again safely."
))]
struct Api;

/// All routes.
pub(crate) fn router(app: Arc<App>) -> Router {
    let (versioned, api) =
        OpenApiRouter::with_openapi(Api::openapi()).nest("/v1", resources()).split_for_parts();
    let document = Arc::new(api);
    let openapi = get(move || async move { axum::Json(document.as_ref().clone()) });
    versioned
        .route("/v1/live", get(live::upgrade))
        .route("/openapi.json", openapi)
        .merge(health::routes())
        .with_state(app)
        .merge(assets::routes())
        .fallback(no_such_route)
        .method_not_allowed_fallback(no_such_method)
        .layer(axum::middleware::from_fn(correlation::layer))
        .layer(SetResponseHeaderLayer::if_not_present(
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ))
}

fn resources() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .merge(shipments::routes())
        .merge(shipment_actions::routes())
        .merge(recorded::routes())
        .merge(tracking::routes())
        .merge(zones::routes())
        .merge(partners::routes())
        .merge(day_routes::routes())
        .merge(ingest::routes())
        .merge(phones::routes())
        .merge(dead_letters::routes())
        .merge(dispatch::routes())
        .merge(manifests::routes())
        .merge(reports::routes())
}

async fn no_such_route(uri: axum::http::Uri) -> Problem {
    Problem::not_found("resource", uri.path())
}

async fn no_such_method(method: axum::http::Method) -> Problem {
    let detail = format!("{method} is not possible here");
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", detail)
}
