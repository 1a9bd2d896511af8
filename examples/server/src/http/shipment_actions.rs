//! `/v1/shipments/{id}/…`: what befalls a shipment beside the usual round, a line each.

use std::sync::Arc;

use axum::extract::{Path, State};
use logistics_core::shipment::{
    AllocateCarrier, CancelReattempt, CollectCod, ConfirmRto, DeclareDamaged, DeclareFound,
    DeclareLost, DeliverPartially, DepartRto, HandOver, Hold, IngestCarrierEvent, InitiateRto,
    RejectHandover, Release, ScheduleReattempt, WaiveCod,
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::problem::Problem;
use super::report::Report;
use super::shipments::{Answer, run};
use crate::app::App;
use crate::shipments::ShipmentView;

/// Routes whose body is a command as the domain has it, with `occurred_at` beside its fields.
macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident $path:literal $command:ty: $example:tt;)+) => {
        pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
            OpenApiRouter::new()$(.routes(routes!($name)))+
        }

        $($(#[$doc])*
        #[utoipa::path(post, path = $path, tag = "shipments", params(("id" = String, Path)),
            request_body(content = Object, example = json!($example)),
            responses((status = 200, body = ShipmentView), (status = 409, body = Problem)))]
        async fn $name(
            State(app): State<Arc<App>>,
            Path(id): Path<String>,
            report: Report<$command>,
        ) -> Answer {
            run(&app, &id, report).await
        })+
    };
}

actions! {
    /// Some of its pieces were delivered. Body: `pieces`, `reason` where the others failed.
    deliver_partially "/shipments/{id}/partial-delivery" DeliverPartially:
        {"pieces": 1, "reason": "refused"};
    /// The partner who has it is to try again. Body: `not_before`, `date`.
    schedule_reattempt "/shipments/{id}/reattempt" ScheduleReattempt:
        {"not_before": "2026-11-23T11:00:00Z"};
    /// The partner who has it is not to try again after all. Body: `reason`.
    cancel_reattempt "/shipments/{id}/reattempt/cancel" CancelReattempt:
        {"reason": "client_request"};
    /// Cash on delivery was paid. Body: `amount`, `method`, `reference`, `partner`, `position`.
    collect_cod "/shipments/{id}/cod" CollectCod:
        {"amount": {"amount_minor": 49900, "currency": "INR"}, "method": "cash", "reference": "receipt-7"};
    /// What is still due is given up. Body: `reason`.
    waive_cod "/shipments/{id}/cod/waive" WaiveCod:
        {"reason": "no change at hand"};
    /// It must not go on until it is released. Body: `reason`.
    hold "/shipments/{id}/hold" Hold:
        {"reason": "customs"};
    /// It may go on. Body: `reason`, optional.
    release "/shipments/{id}/release" Release:
        {"reason": "cleared"};
    /// Another carrier is to deliver it. Body: `carrier`, `waybill`.
    allocate_carrier "/shipments/{id}/carrier" AllocateCarrier:
        {"carrier": "C-1", "waybill": "W-1"};
    /// One side scanned it while it was handed to the carrier. Body: `side`, `position`.
    hand_over "/shipments/{id}/handover" HandOver:
        {"side": "giver"};
    /// The carrier did not take it. Body: `reason`.
    reject_handover "/shipments/{id}/handover/reject" RejectHandover:
        {"reason": "too heavy"};
    /// The carrier told something about it. Body: `carrier`, `waybill`, `code`, `at`, `meaning`
    /// where it is known, `proof`.
    ingest_carrier_event "/shipments/{id}/carrier-events" IngestCarrierEvent:
        {"carrier": "C-1", "waybill": "W-1", "code": "DL", "at": "2026-11-23T11:00:00Z", "meaning": "delivered"};
    /// It is to go back to the consignor. Body: `cause`.
    initiate_rto "/shipments/{id}/return" InitiateRto:
        {"cause": "consignee_decision"};
    /// It left on its way back. Body: `waybill`, optional.
    depart_rto "/shipments/{id}/return/departure" DepartRto:
        {"waybill": "W-1"};
    /// The consignor has it back. Body: `position`, optional.
    confirm_rto "/shipments/{id}/return/arrival" ConfirmRto:
        {"position": {"lat": 18.52, "lon": 73.85}};
    /// Nobody knows where it is. Body: `reason`, `evidence`.
    declare_lost "/shipments/{id}/lost" DeclareLost:
        {"reason": "not on the vehicle", "evidence": [{"kind": "document", "digest": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}]};
    /// It cannot be delivered as it is. Body: `reason`, `evidence`.
    declare_damaged "/shipments/{id}/damaged" DeclareDamaged:
        {"reason": "wet", "evidence": [{"kind": "photo", "digest": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}]};
    /// What was lost lies at a hub. Body: `hub`.
    declare_found "/shipments/{id}/found" DeclareFound:
        {"hub": "HUB-1"};
}
