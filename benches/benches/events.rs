//! How long the core takes for a command and for an event: deciding, folding, decoding, hashing.
//!
//! `cargo bench -p logistics-benches --bench events`
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "criterion's macros make undocumented functions, and a bench may stop"
)]

use std::hint::black_box;
use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use futures::executor::block_on;
use logistics_core::eventsourcing::{
    Aggregates, CommandEnvelope, DecideContext, Decider, EventStore, Occurred, RecordedEvent,
    Version, execute, load_all, replay, verify_chain,
};
use logistics_core::ids::CommandId;
use logistics_core::memory::MemoryStore;
use logistics_core::shipment::{
    Shipment, ShipmentCommand, ShipmentEvent, ShipmentPolicy, ShipmentState, shipment_stream,
};
use logistics_core::values::Sha256Digest;
use serde_json::{Value, json};

/// A shipment's commands from the order to the door: two hubs, one failed attempt.
fn commands() -> Vec<ShipmentCommand> {
    let at = json!({"lat": 18.5074, "lon": 73.8077, "accuracy_m": 8.0});
    let round = |date: &str| json!({"partner": "DP-0042", "date": date});
    let commands: [(&str, Value); 14] = [
        (
            "create_shipment",
            json!({"id": "s1", "client": "acme", "pieces": 1, "weight_g": 900, "demand": 1,
                "service_s": 180, "destination": {"position": at}}),
        ),
        ("confirm_pickup", json!({"hub": "pune-1", "position": at})),
        ("scan_inbound", json!({"hub": "pune-1"})),
        ("scan_outbound", json!({"hub": "pune-1", "to": "pune-2"})),
        ("scan_inbound", json!({"hub": "pune-2"})),
        ("assign_to_partner", round("2026-11-23")),
        ("start_delivery", json!({"position": at})),
        ("record_attempt", json!({"reason": "unavailable", "position": at})),
        ("scan_inbound", json!({"hub": "pune-2"})),
        ("assign_to_partner", round("2026-11-24")),
        ("unassign", json!({})),
        ("assign_to_partner", round("2026-11-24")),
        ("start_delivery", json!({"position": at})),
        ("confirm_delivery", json!({"proof": {"kind": "signature"}, "position": at})),
    ];
    let named = commands.into_iter().map(|(name, command)| json!({ name: command }));
    named.map(|command| serde_json::from_value(command).expect("a command")).collect()
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_424_400, 0).expect("in range")
}

/// Decides and folds a whole life; the events of it.
fn live(commands: &[ShipmentCommand], policy: &ShipmentPolicy) -> Vec<ShipmentEvent> {
    let (mut state, mut all) = (ShipmentState::default(), Vec::new());
    for (minutes, command) in (0..).step_by(20).zip(commands) {
        let now = now() + Duration::minutes(minutes);
        let context = DecideContext { now, occurred: Occurred::observed(now), policy };
        let events = Shipment::decide(&state, command, &context).expect("a legal life");
        state = events.iter().fold(state, Shipment::evolve);
        all.extend(events);
    }
    all
}

/// The same life in a store.
async fn store_life(store: &MemoryStore, commands: &[ShipmentCommand]) -> Vec<RecordedEvent> {
    let stream = shipment_stream(&"s1".parse().expect("an id"));
    for (n, command) in commands.iter().enumerate() {
        let id = CommandId::new(n.to_string()).expect("an id");
        let now = now() + Duration::minutes(i64::try_from(n).expect("few"));
        let command = CommandEnvelope::new(id, now, command.clone());
        let policy = ShipmentPolicy::default();
        execute::<Shipment>(store, &stream, &command, now, &policy).await.expect("taken");
    }
    load_all(store, &stream).await.expect("loaded")
}

fn count(items: &[impl Sized]) -> Throughput {
    Throughput::Elements(u64::try_from(items.len()).unwrap_or(u64::MAX))
}

fn benches(c: &mut Criterion) {
    let (commands, policy) = (commands(), ShipmentPolicy::default());
    let events = live(&commands, &policy);
    let recorded = block_on(store_life(&MemoryStore::new(), &commands));

    let mut group = c.benchmark_group("shipment");
    group.throughput(count(&commands));
    group.bench_function("decide and evolve, a command", |b| {
        b.iter(|| live(black_box(&commands), &policy));
    });
    group.throughput(count(&events));
    group.bench_function("fold, a decoded event", |b| {
        b.iter(|| replay::<Shipment>(black_box(&events)));
    });
    group.bench_function("decode, an event", |b| {
        let decode = |event: &RecordedEvent| event.decode::<ShipmentEvent>().expect("readable");
        b.iter(|| black_box(&recorded).iter().map(decode).collect::<Vec<_>>());
    });
    group.bench_function("verify the hash chain, an event", |b| {
        b.iter(|| verify_chain(Version::NONE, Sha256Digest::ZERO, black_box(&recorded)));
    });
    group.finish();

    let mut group = c.benchmark_group("memory store");
    group.throughput(count(&commands));
    group.bench_function("execute, a command", |b| {
        b.iter_batched(
            MemoryStore::new,
            |store| block_on(store_life(&store, &commands)),
            BatchSize::SmallInput,
        );
    });
    group.bench_function("execute with states kept in memory, a command", |b| {
        let stream = shipment_stream(&"s1".parse().expect("an id"));
        b.iter_batched(
            || {
                Aggregates::<Shipment>::new(Arc::new(MemoryStore::new()) as Arc<dyn EventStore>)
                    .cached(8)
            },
            |shipments| {
                block_on(async {
                    for (n, command) in commands.iter().enumerate() {
                        let id = CommandId::new(n.to_string()).expect("an id");
                        let command = CommandEnvelope::new(id, now(), command.clone());
                        let done = shipments.execute(&stream, &command, now(), &policy).await;
                        done.expect("taken");
                    }
                });
            },
            BatchSize::SmallInput,
        );
    });
    group.finish();
}

criterion_group!(all, benches);
criterion_main!(all);
