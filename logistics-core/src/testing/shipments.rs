//! Strategies for shipments: any event, any command, and histories that could have happened.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Strategy, any, prop_oneof};
use proptest::sample::{Index, select};

use crate::eventsourcing::{DecideContext, Decider, Occurred};
use crate::ids::{ClientId, HubId, IdError, PartnerId, RunId, ShipmentId};
use crate::shipment::{
    AssignToPartner, AssignedToPartner, AttemptReason, Cancel, Cancelled, CommandKind,
    ConfirmDelivery, ConfirmPickup, CreateShipment, DeliveryAttempted, DeliveryConfirmed,
    Destination, HubArrived, HubDeparted, Misrouted, OutForDelivery, Phase, PickupConfirmed, Proof,
    ProofKind, RecordAttempt, ScanInbound, ScanOutbound, Shipment, ShipmentCommand,
    ShipmentCreated, ShipmentEvent, ShipmentPolicy, ShipmentState, StartDelivery, Unassign,
    UnassignedFromPartner, legal_commands,
};
use crate::sla::Promise;
use crate::values::{Currency, GeoPosition, Money, Sha256Digest};

/// A history of one shipment that could have happened, as it was lived.
#[derive(Debug, Clone)]
pub struct History {
    /// The commands that were taken, each with the time of deciding.
    pub commands: Vec<(DateTime<Utc>, ShipmentCommand)>,
    /// All events, oldest first.
    pub events: Vec<ShipmentEvent>,
    /// The state after each event, `states[0]` before the first.
    pub states: Vec<ShipmentState>,
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

fn hub() -> impl Strategy<Value = HubId> {
    id("HUB", HubId::new)
}

fn partner() -> impl Strategy<Value = PartnerId> {
    id("DP", PartnerId::new)
}

fn run() -> impl Strategy<Value = RunId> {
    id("run", RunId::new)
}

fn date() -> impl Strategy<Value = NaiveDate> {
    (1_u32..=28).prop_filter_map("a date", |day| NaiveDate::from_ymd_opt(2026, 11, day))
}

fn instant() -> impl Strategy<Value = DateTime<Utc>> {
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

fn reason() -> impl Strategy<Value = AttemptReason> {
    select(AttemptReason::ALL)
}

fn proof() -> impl Strategy<Value = Proof> {
    let kinds = [ProofKind::Otp, ProofKind::Photo, ProofKind::Signature, ProofKind::Unattended];
    (select(kinds.to_vec()), option::of(any::<[u8; 4]>().prop_map(Sha256Digest::of)))
        .prop_map(|(kind, digest)| Proof { kind, digest })
}

fn create() -> impl Strategy<Value = CreateShipment> {
    let names = (id("s", ShipmentId::new), id("c", ClientId::new), option::of("[a-z]{1,8}"));
    let size = (1_u32..9, option::of(1_u32..30_000), 1_u32..20, 0_u32..900);
    let goal = (position(), option::of(0.0..=1.0), option::of(hub()), option::of(promise()));
    (names, size, goal, option::of(money())).prop_filter_map(
        "an order",
        |((id, client, reference), size, (position, confidence, hub, promise), cod)| {
            let (pieces, weight_g, demand, service_s) = size;
            let place = Destination::new(position);
            let destination = confidence.map_or(Some(place), |c: f64| place.geocoded(c).ok())?;
            let tracking_token_hash = Some(Sha256Digest::of(id.as_str()));
            Some(CreateShipment {
                id,
                client,
                reference,
                pieces,
                weight_g,
                demand,
                service_s,
                destination,
                hub,
                promise,
                cod,
                tracking_token_hash,
            })
        },
    )
}

/// Any command with legal values, whether or not it is legal in any state.
pub fn any_command() -> impl Strategy<Value = ShipmentCommand> {
    let by = || (option::of(partner()), option::of(position()));
    let round = (partner(), date(), option::of(1_u32..9), option::of(run()));
    prop_oneof![
        create().prop_map(ShipmentCommand::from),
        (option::of(hub()), by()).prop_map(|(hub, (partner, position))| ConfirmPickup {
            hub,
            partner,
            position
        }
        .into()),
        hub().prop_map(|hub| ScanInbound { hub }.into()),
        (hub(), option::of(hub())).prop_map(|(hub, to)| ScanOutbound { hub, to }.into()),
        round.prop_map(|(partner, date, manifest_version, run)| {
            AssignToPartner { partner, date, manifest_version, run }.into()
        }),
        option::of(run()).prop_map(|run| Unassign { run }.into()),
        by().prop_map(|(partner, position)| StartDelivery { partner, position }.into()),
        (reason(), by()).prop_map(|(reason, (partner, position))| {
            RecordAttempt { reason, partner, position }.into()
        }),
        (proof(), by(), option::of(money())).prop_map(
            |(proof, (partner, position), cod_collected)| {
                ConfirmDelivery { proof, partner, position, cod_collected }.into()
            }
        ),
        "[a-z ]{1,20}".prop_map(|reason| Cancel { reason }.into()),
    ]
}

/// Any event, whether or not it could come next in any history.
pub fn any_event() -> impl Strategy<Value = ShipmentEvent> {
    let by = || (partner(), 0_u32..6, option::of(position()));
    let created = create().prop_map(|order| created(&order));
    prop_oneof![
        created,
        (option::of(hub()), option::of(partner()), option::of(position()))
            .prop_map(|(hub, partner, position)| PickupConfirmed { hub, partner, position }.into()),
        hub().prop_map(|hub| HubArrived { hub }.into()),
        (hub(), option::of(hub())).prop_map(|(hub, to)| HubDeparted { hub, to }.into()),
        (hub(), hub()).prop_map(|(expected, found)| Misrouted { expected, found }.into()),
        (partner(), date(), option::of(1_u32..9), option::of(run())).prop_map(
            |(partner, date, manifest_version, run)| {
                AssignedToPartner { partner, date, manifest_version, run }.into()
            }
        ),
        (partner(), option::of(run())).prop_map(|(partner, run)| UnassignedFromPartner {
            partner,
            run
        }
        .into()),
        by().prop_map(|(partner, attempt, position)| {
            OutForDelivery { partner, attempt, position }.into()
        }),
        (by(), reason(), instant()).prop_map(
            |((partner, attempt, position), reason, late_report_until)| {
                DeliveryAttempted { partner, attempt, reason, position, late_report_until }.into()
            }
        ),
        (by(), proof(), option::of(money()), any::<bool>()).prop_map(
            |((partner, attempt, position), proof, cod_collected, late_report)| {
                DeliveryConfirmed { partner, attempt, proof, position, cod_collected, late_report }
                    .into()
            }
        ),
        "[a-z ]{1,20}".prop_map(|reason| Cancelled { reason }.into()),
    ]
}

fn created(order: &CreateShipment) -> ShipmentEvent {
    let order = order.clone();
    ShipmentCreated {
        id: order.id,
        client: order.client,
        reference: order.reference,
        pieces: order.pieces,
        weight_g: order.weight_g,
        demand: order.demand,
        service_s: order.service_s,
        destination: order.destination,
        hub: order.hub,
        promise: order.promise,
        cod: order.cod,
        tracking_token_hash: order.tracking_token_hash,
    }
    .into()
}

/// What a step of a history may be made of, whichever command it becomes.
#[derive(Debug, Clone)]
struct Wish {
    pick: Index,
    seconds: i64,
    hub: HubId,
    to: Option<HubId>,
    partner: PartnerId,
    date: NaiveDate,
    position: Option<GeoPosition>,
    reason: AttemptReason,
    proof: Proof,
}

fn wish() -> impl Strategy<Value = Wish> {
    let who = (hub(), option::of(hub()), partner(), date(), option::of(position()));
    (any::<Index>(), 1_i64..7_200, who, reason(), proof()).prop_map(
        |(pick, seconds, (hub, to, partner, date, position), reason, proof)| Wish {
            pick,
            seconds,
            hub,
            to,
            partner,
            date,
            position,
            reason,
            proof,
        },
    )
}

impl Wish {
    /// The command of this kind, as the right partner with the right cash would give it.
    fn command(self, kind: CommandKind, state: &ShipmentState) -> Option<ShipmentCommand> {
        let Self { hub, to, partner, date, position, reason, proof, .. } = self;
        let assigned = state.partner.clone();
        let cod_collected = state.order.as_ref().and_then(|order| order.cod);
        Some(match kind {
            CommandKind::CreateShipment => return None,
            CommandKind::ConfirmPickup => {
                ConfirmPickup { hub: to, partner: Some(partner), position }.into()
            }
            CommandKind::ScanInbound => ScanInbound { hub }.into(),
            CommandKind::ScanOutbound => ScanOutbound { hub, to }.into(),
            CommandKind::AssignToPartner => {
                AssignToPartner { partner, date, manifest_version: None, run: None }.into()
            }
            CommandKind::Unassign => Unassign { run: None }.into(),
            CommandKind::StartDelivery => StartDelivery { partner: assigned, position }.into(),
            CommandKind::RecordAttempt => RecordAttempt { reason, partner: None, position }.into(),
            CommandKind::ConfirmDelivery => {
                ConfirmDelivery { proof, partner: assigned, position, cod_collected }.into()
            }
            CommandKind::Cancel => Cancel { reason: "ordered twice".to_owned() }.into(),
        })
    }
}

/// A history that could have happened: commands that `Shipment` took, one after another.
pub fn legal_history() -> impl Strategy<Value = History> {
    let start = (create(), instant());
    (start, vec(wish(), 0..28), any::<bool>()).prop_map(|((order, now), wishes, ahead)| {
        let mut life = Life::new(now);
        life.take(order.into());
        for wish in wishes {
            life.now += Duration::seconds(wish.seconds);
            let kind = life.choose(wish.pick, ahead);
            if let Some(command) = kind.and_then(|kind| wish.command(kind, life.state())) {
                life.take(command);
            }
        }
        life.history
    })
}

/// A shipment that lives.
struct Life {
    now: DateTime<Utc>,
    policy: ShipmentPolicy,
    initial: ShipmentState,
    history: History,
}

impl Life {
    fn new(now: DateTime<Utc>) -> Self {
        let initial = ShipmentState::default();
        let states = vec![initial.clone()];
        let history = History { commands: Vec::new(), events: Vec::new(), states };
        Self { now, policy: ShipmentPolicy::default(), initial, history }
    }

    fn state(&self) -> &ShipmentState {
        self.history.states.last().unwrap_or(&self.initial)
    }

    /// A command that is legal now. `ahead` prefers what leads out of the hubs, where most lives
    /// would otherwise be spent.
    fn choose(&self, pick: Index, ahead: bool) -> Option<CommandKind> {
        let phase = self.state().phase;
        let mut legal: Vec<CommandKind> = legal_commands(phase).collect();
        if ahead {
            legal.retain(|&kind| kind != CommandKind::Cancel);
            if matches!(phase, Phase::AtHub | Phase::Assigned) {
                return legal.into_iter().max();
            }
        }
        (!legal.is_empty()).then(|| legal[pick.index(legal.len())])
    }

    fn take(&mut self, command: ShipmentCommand) {
        let occurred = Occurred::observed(self.now);
        let context = DecideContext { now: self.now, occurred, policy: &self.policy };
        let Ok(events) = Shipment::decide(self.state(), &command, &context) else { return };
        self.history.commands.push((self.now, command));
        for event in events {
            let next = Shipment::evolve(self.state().clone(), &event);
            self.history.states.push(next);
            self.history.events.push(event);
        }
    }
}
