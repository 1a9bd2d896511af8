//! Service levels: promises in every time zone, and how often they are kept.

mod cohorts;
mod verdicts;
mod windows;
mod zones;

use logistics_core::eventsourcing::Occurred;
use logistics_core::sla::{Delivered, DeliveryFacts, Promise};

use crate::fixtures::minute;

/// A promise in London, from 09:00 to 10:00 on 23 November 2026: minutes 0 to 60.
fn promise() -> Promise {
    window("2026-11-23T09:00:00", "2026-11-23T10:00:00")
}

fn window(from: &str, to: &str) -> Promise {
    Promise::resolve("Europe/London", from.parse().unwrap(), to.parse().unwrap()).unwrap()
}

/// One piece, promised once, not delivered.
fn undelivered(promise: &Promise) -> DeliveryFacts<'_> {
    DeliveryFacts {
        original: promise,
        latest: promise,
        delivered: None,
        pieces_ordered: 1,
        pieces_delivered: 0,
        cancelled_by_client: false,
        clock_stopped: false,
    }
}

fn delivered(promise: &Promise, at: i64) -> DeliveryFacts<'_> {
    let delivered = Delivered { occurred: Occurred::observed(minute(at)), recorded_at: minute(at) };
    DeliveryFacts { delivered: Some(delivered), pieces_delivered: 1, ..undelivered(promise) }
}
