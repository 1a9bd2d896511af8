//! What commands and events are made of: one value of each kind, drawn at once.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Strategy, any};
use proptest::sample::select;

use crate::eventsourcing::EventId;
use crate::ids::{
    CarrierId, ClientId, HubId, IdError, PartnerId, RunId, ShipmentId, SubjectId, Waybill,
};
use crate::privacy::Sealed;
use crate::shipment::{
    AttemptReason, CarrierMeaning, CodMethod, CreateShipment, Destination, Evidence, EvidenceKind,
    HandoverSide, Proof, ProofKind, RequestedBy, RetractionReason, RtoCause,
};
use crate::sla::Promise;
use crate::values::{Currency, GeoPosition, Money, Sha256Digest};

/// One value of each kind that commands and events are made of.
#[derive(Debug, Clone)]
pub(super) struct Parts {
    pub(super) order: CreateShipment,
    pub(super) hub: HubId,
    pub(super) other_hub: Option<HubId>,
    pub(super) partner: PartnerId,
    pub(super) by: Option<PartnerId>,
    pub(super) date: NaiveDate,
    pub(super) run: Option<RunId>,
    pub(super) position: Option<GeoPosition>,
    pub(super) reason: AttemptReason,
    pub(super) proof: Proof,
    pub(super) more_proofs: Vec<Proof>,
    pub(super) evidence: Vec<Evidence>,
    pub(super) money: Money,
    pub(super) at: DateTime<Utc>,
    /// 0 to 5.
    pub(super) number: u32,
    pub(super) flag: bool,
    pub(super) text: String,
    /// One of a few names.
    pub(super) reference: String,
    pub(super) carrier: CarrierId,
    pub(super) waybill: Waybill,
    pub(super) meaning: Option<CarrierMeaning>,
    pub(super) method: CodMethod,
    pub(super) side: HandoverSide,
    pub(super) cause: RtoCause,
    pub(super) requested_by: RequestedBy,
    pub(super) promise: Promise,
    pub(super) subject: SubjectId,
    pub(super) operator: String,
    pub(super) event_id: EventId,
    pub(super) wrong: RetractionReason,
}

/// Ids of one kind, `prefix-0` to `prefix-4`: few, so that they meet again.
fn id<T>(
    prefix: &'static str,
    make: impl Fn(String) -> Result<T, IdError> + Clone,
) -> impl Strategy<Value = T>
where
    T: std::fmt::Debug,
{
    (0_u8..5).prop_filter_map("a legal id", move |n| make(format!("{prefix}-{n}")).ok())
}

fn name(prefix: &'static str) -> impl Strategy<Value = String> {
    (0_u8..4).prop_map(move |n| format!("{prefix}-{n}"))
}

fn date() -> impl Strategy<Value = NaiveDate> {
    (1_u32..=28).prop_filter_map("a date", |day| NaiveDate::from_ymd_opt(2026, 11, day))
}

pub(super) fn instant() -> impl Strategy<Value = DateTime<Utc>> {
    (1_790_000_000_i64..1_800_000_000)
        .prop_filter_map("an instant", |second| DateTime::from_timestamp(second, 0))
}

fn position() -> impl Strategy<Value = GeoPosition> {
    ((-180.0..=180.0), (-90.0..=90.0), option::of(0.0..5_000.0)).prop_filter_map(
        "a position",
        |(lon, lat, accuracy_m): (f64, f64, Option<f64>)| {
            let place = GeoPosition::new(lon, lat).ok()?;
            accuracy_m.map_or(Some(place), |m| place.with_accuracy(m).ok())
        },
    )
}

fn money() -> impl Strategy<Value = Money> {
    (0_u64..100_000, select(vec![Currency::INR, Currency::GBP]))
        .prop_map(|(amount_minor, currency)| Money::new(amount_minor, currency))
}

fn promise() -> impl Strategy<Value = Promise> {
    let zones = select(vec!["Asia/Kolkata", "Europe/London", "America/St_Johns"]);
    (zones, date(), 0_u32..22, 1_u32..3).prop_filter_map("a promise", |(zone, day, hour, hours)| {
        let from = day.and_hms_opt(hour, 30, 0)?;
        Promise::resolve(zone, from, from + Duration::hours(hours.into())).ok()
    })
}

fn digest() -> impl Strategy<Value = Sha256Digest> {
    any::<[u8; 4]>().prop_map(Sha256Digest::of)
}

fn proof() -> impl Strategy<Value = Proof> {
    let kinds = [
        ProofKind::Otp,
        ProofKind::Photo,
        ProofKind::Signature,
        ProofKind::Unattended,
        ProofKind::CarrierReport,
    ];
    (select(kinds.to_vec()), option::of(digest())).prop_map(|(kind, digest)| Proof { kind, digest })
}

fn evidence() -> impl Strategy<Value = Evidence> {
    let kinds =
        [EvidenceKind::Photo, EvidenceKind::CallLog, EvidenceKind::Message, EvidenceKind::Document];
    (select(kinds.to_vec()), digest()).prop_map(|(kind, digest)| Evidence { kind, digest })
}

fn sealed() -> impl Strategy<Value = Sealed> {
    (id("subject", SubjectId::new), vec(any::<u8>(), 0..20))
        .prop_filter_map("short", |(subject, bytes)| Sealed::new(subject, bytes).ok())
}

pub(super) fn order() -> impl Strategy<Value = CreateShipment> {
    let names = (id("s", ShipmentId::new), id("c", ClientId::new), option::of("[a-z]{1,8}"));
    let size = (1_u32..9, option::of(1_u32..30_000), 1_u32..20, 0_u32..900);
    let goal = (position(), option::of(0.0..=1.0), option::of(id("HUB", HubId::new)));
    let demands = select(vec![ProofKind::Otp, ProofKind::Photo, ProofKind::Signature]);
    let due =
        (option::of(promise()), option::of(money()), vec(demands, 0..2), option::of(digest()));
    (names, size, goal, due, option::of(sealed())).prop_filter_map(
        "an order",
        |((id, client, reference), size, (position, confidence, hub), due, consignee)| {
            let (pieces, weight_g, demand, service_s) = size;
            let (promise, cod, proofs, otp_digest) = due;
            let place = Destination::new(position);
            let destination = confidence.map_or(Some(place), |c: f64| place.geocoded(c).ok())?;
            Some(CreateShipment {
                reference,
                pieces,
                weight_g,
                demand,
                service_s,
                hub,
                promise,
                cod,
                tracking_token_hash: Some(Sha256Digest::of(id.as_str())),
                proofs,
                otp_digest,
                consignee,
                ..CreateShipment::new(id, client, destination)
            })
        },
    )
}

/// One value of each kind.
pub(super) fn parts() -> impl Strategy<Value = Parts> {
    let people = (id("DP", PartnerId::new), option::of(id("DP", PartnerId::new)), name("op"));
    let places = (id("HUB", HubId::new), option::of(id("HUB", HubId::new)), option::of(position()));
    let times = (date(), instant(), promise(), option::of(id("run", RunId::new)));
    let shown = (select(AttemptReason::ALL), proof(), vec(proof(), 0..3), vec(evidence(), 1..3));
    let words = (money(), 0_u32..6, any::<bool>(), "[a-z ]{1,20}", name("ref"));
    let carrier = (id("C", CarrierId::new), id("W", Waybill::new), option::of(meaning()));
    let record = (id("subject", SubjectId::new), any::<[u8; 16]>().prop_map(EventId::from_bytes));
    let most = (order(), people, places, times, shown, words, carrier, record, choices());
    most.prop_map(|(order, people, places, times, shown, words, carrier, record, choices)| {
        let (partner, by, operator) = people;
        let (hub, other_hub, position) = places;
        let (date, at, promise, run) = times;
        let (reason, proof, more_proofs, evidence) = shown;
        let (money, number, flag, text, reference) = words;
        let (carrier, waybill, meaning) = carrier;
        let (subject, event_id) = record;
        let (method, side, cause, requested_by, wrong) = choices;
        Parts {
            order,
            hub,
            other_hub,
            partner,
            by,
            date,
            run,
            position,
            reason,
            proof,
            more_proofs,
            evidence,
            money,
            at,
            number,
            flag,
            text,
            reference,
            carrier,
            waybill,
            meaning,
            method,
            side,
            cause,
            requested_by,
            promise,
            subject,
            operator,
            event_id,
            wrong,
        }
    })
}

fn meaning() -> impl Strategy<Value = CarrierMeaning> {
    select(vec![
        CarrierMeaning::InTransit,
        CarrierMeaning::OutForDelivery,
        CarrierMeaning::AttemptFailed,
        CarrierMeaning::Delivered,
        CarrierMeaning::Returning,
        CarrierMeaning::Returned,
        CarrierMeaning::Lost,
        CarrierMeaning::Damaged,
    ])
}

fn choices()
-> impl Strategy<Value = (CodMethod, HandoverSide, RtoCause, RequestedBy, RetractionReason)> {
    let causes = [
        RtoCause::AttemptsExhausted,
        RtoCause::ClientDecision,
        RtoCause::ConsigneeDecision,
        RtoCause::Cancelled,
        RtoCause::CarrierDecision,
    ];
    (
        select(vec![CodMethod::Cash, CodMethod::Card, CodMethod::Transfer]),
        select(vec![HandoverSide::Giver, HandoverSide::Taker]),
        select(causes.to_vec()),
        select(vec![RequestedBy::Client, RequestedBy::Consignee, RequestedBy::Operations]),
        select(vec![RetractionReason::DidNotOccur, RetractionReason::IncorrectData]),
    )
}
