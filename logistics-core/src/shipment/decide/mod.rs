//! What a command to a shipment leads to.

mod care;
mod carrier;
mod cash;
mod door;
mod network;
mod order;
mod record;
mod round;
mod rto;

use super::command::{CommandKind, ShipmentCommand};
use super::custody::Custody;
use super::event::ShipmentEvent;
use super::policy::ShipmentPolicy;
use super::proof::Evidence;
use super::rejection::ShipmentRejection;
use super::state::ShipmentState;
use super::{CATEGORY, evolve, index, table};
use crate::eventsourcing::{DecideContext, Decider, IndexEntry, Snapshotted};
use crate::ids::PartnerId;

/// Most pieces of one shipment.
pub const PIECES_MAX: u32 = 10_000;
/// Greatest weight of one shipment, in grams.
pub const WEIGHT_G_MAX: u32 = 100_000_000;
/// Greatest demand of one shipment, in capacity units.
pub const DEMAND_MAX: u32 = 1_000_000;
/// Longest service at one door, in seconds.
pub const SERVICE_S_MAX: u32 = 86_400;
/// Longest free text of a command, in bytes.
pub const TEXT_BYTES_MAX: usize = 256;
/// Most proofs, or pieces of evidence, of one command.
pub const EVIDENCE_MAX: usize = 16;
/// Most payments, legal holds or disputes of one shipment.
pub const ENTRIES_MAX: usize = 100;
/// Most reports of carriers about one shipment.
pub const CARRIER_EVENTS_MAX: usize = 1_000;

/// The shipment as a decider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shipment;

type Decision = Result<Vec<ShipmentEvent>, ShipmentRejection>;
type Context<'a> = DecideContext<'a, ShipmentPolicy>;

impl Decider for Shipment {
    const CATEGORY: &'static str = CATEGORY;
    type Command = ShipmentCommand;
    type Event = ShipmentEvent;
    type State = ShipmentState;
    type Rejection = ShipmentRejection;
    type Policy = ShipmentPolicy;

    fn decide(state: &ShipmentState, command: &ShipmentCommand, context: &Context<'_>) -> Decision {
        use ShipmentCommand as C;
        check_phase(state, command.kind())?;
        match command {
            C::CreateShipment(order) => order::create(order, context),
            C::Reschedule(change) => order::reschedule(state, change, context),
            C::Cancel(cancel) => order::cancel(state, cancel),
            C::ConfirmPickup(pickup) => network::pick_up(state, pickup),
            C::ScanInbound(scan) => network::scan_inbound(state, scan),
            C::ScanOutbound(scan) => Ok(network::scan_outbound(state, scan)),
            C::AssignToPartner(assignment) => round::assign(state, assignment),
            C::Unassign(unassign) => round::unassign(state, unassign),
            C::StartDelivery(start) => round::start(state, start, context),
            C::ScheduleReattempt(again) => round::schedule(state, again, context),
            C::CancelReattempt(cancel) => round::cancel(state, cancel),
            C::RecordAttempt(attempt) => door::fail(state, attempt, context),
            C::ConfirmDelivery(delivery) => door::confirm(state, delivery, context),
            C::DeliverPartially(part) => door::deliver_part(state, part, context),
            C::CollectCod(payment) => cash::collect(state, payment),
            C::WaiveCod(waiver) => cash::waive(state, waiver),
            C::Hold(hold) => care::hold(state, hold),
            C::Release(release) => care::release(state, release),
            C::DeclareLost(loss) => care::lose(state, loss),
            C::DeclareDamaged(damage) => care::damage(damage),
            C::DeclareFound(found) => care::find(found),
            C::AllocateCarrier(choice) => Ok(carrier::allocate(state, choice)),
            C::HandOver(scan) => carrier::hand_over(state, scan),
            C::RejectHandover(rejection) => carrier::reject(state, rejection),
            C::IngestCarrierEvent(report) => carrier::ingest(state, report, context),
            C::InitiateRto(start) => rto::initiate(state, start, context),
            C::DepartRto(departure) => rto::depart(state, departure),
            C::ConfirmRto(arrival) => rto::confirm(state, arrival),
            C::RetractEvent(retraction) => record::retract(state, retraction),
            C::ApproveRetraction(approval) => record::approve(state, approval),
            C::PlaceLegalHold(hold) => record::place_legal_hold(state, hold),
            C::LiftLegalHold(hold) => record::lift_legal_hold(state, hold),
            C::OpenDispute(dispute) => record::open_dispute(state, dispute),
            C::CloseDispute(dispute) => record::close_dispute(state, dispute),
            C::EraseSubject(erasure) => record::erase(state, erasure),
        }
    }

    fn evolve(state: ShipmentState, event: &ShipmentEvent) -> ShipmentState {
        evolve::evolve(state, event)
    }

    /// The indexes `client`, `hub`, `partner_day`, `pending_confirmation` and `subject`.
    fn index(state: &ShipmentState) -> Vec<IndexEntry> {
        index::entries(state)
    }
}

impl Snapshotted for Shipment {
    const REVISION: u32 = 1;
}

/// Whether the table has the command for where the shipment stands.
fn check_phase(state: &ShipmentState, command: CommandKind) -> Result<(), ShipmentRejection> {
    let on_hold = state.hold.is_some();
    if table::is_legal(state.phase, on_hold, command) {
        return Ok(());
    }
    match &state.hold {
        Some(reason) if table::is_legal(state.phase, false, command) => {
            Err(ShipmentRejection::OnHold { command, reason: reason.clone() })
        }
        _ => Err(ShipmentRejection::IllegalTransition { phase: state.phase, command }),
    }
}

fn one(event: impl Into<ShipmentEvent>) -> Decision {
    Ok(vec![event.into()])
}

const fn nothing() -> Decision {
    Ok(Vec::new())
}

fn not_in_hand(state: &ShipmentState, command: CommandKind) -> ShipmentRejection {
    ShipmentRejection::NotInHand { command, holder: state.custody.clone() }
}

/// The partner whose round it belongs to, if that is who reports.
fn holder(
    state: &ShipmentState,
    command: CommandKind,
    reported_by: Option<&PartnerId>,
) -> Result<PartnerId, ShipmentRejection> {
    let assigned = state.partner.as_ref().ok_or_else(|| not_in_hand(state, command))?;
    match reported_by {
        Some(found) if found != assigned => Err(ShipmentRejection::WrongPartner {
            assigned: assigned.clone(),
            found: found.clone(),
        }),
        _ => Ok(assigned.clone()),
    }
}

/// Whether a hub has it, so that the platform may dispose of it.
fn check_at_hub(state: &ShipmentState, command: CommandKind) -> Result<(), ShipmentRejection> {
    match state.custody {
        Custody::Hub(_) => Ok(()),
        _ => Err(not_in_hand(state, command)),
    }
}

fn check_text(field: &'static str, text: &str) -> Result<(), ShipmentRejection> {
    let bytes = text.len();
    if (1..=TEXT_BYTES_MAX).contains(&bytes) {
        Ok(())
    } else {
        Err(ShipmentRejection::TextLength { field, bytes, bytes_max: TEXT_BYTES_MAX })
    }
}

fn check_range(
    field: &'static str,
    found: u32,
    min: u32,
    max: u32,
) -> Result<(), ShipmentRejection> {
    if (min..=max).contains(&found) {
        Ok(())
    } else {
        let (found, min, max) = (found.into(), min.into(), max.into());
        Err(ShipmentRejection::OutOfRange { field, found, min, max })
    }
}

/// Whether one more fits beside the `count` that are kept.
fn check_room(what: &'static str, count: usize, max: usize) -> Result<(), ShipmentRejection> {
    if count < max { Ok(()) } else { Err(ShipmentRejection::TooMany { what, max }) }
}

/// Whether something shows it.
fn check_evidence(evidence: &[Evidence]) -> Result<(), ShipmentRejection> {
    if evidence.is_empty() {
        return Err(ShipmentRejection::EvidenceMissing);
    }
    check_count("evidence", evidence.len())
}

/// Whether a list of proofs or evidence is short enough.
fn check_count(field: &'static str, count: usize) -> Result<(), ShipmentRejection> {
    if count <= EVIDENCE_MAX {
        return Ok(());
    }
    let found = u64::try_from(count).unwrap_or(u64::MAX);
    Err(ShipmentRejection::OutOfRange { field, found, min: 0, max: EVIDENCE_MAX as u64 })
}
