//! The aggregate that every store runs: a parcel whose command adds one event of about 300 bytes.

use disintegrate::StateQuery as _;
use serde::{Deserialize, Serialize};

/// What can happen to a parcel: five kinds, about 300 bytes of JSON each.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, disintegrate::Event)]
pub enum ParcelEvent {
    Created {
        #[id]
        parcel: String,
        client: String,
        hub: String,
        grams: u64,
        note: String,
    },
    Scanned {
        #[id]
        parcel: String,
        hub: String,
        shelf: u64,
        by: String,
        note: String,
    },
    Loaded {
        #[id]
        parcel: String,
        partner: String,
        vehicle: u64,
        by: String,
        note: String,
    },
    Attempted {
        #[id]
        parcel: String,
        partner: String,
        attempt: u64,
        reason: String,
        note: String,
    },
    Noted {
        #[id]
        parcel: String,
        by: String,
        number: u64,
        note: String,
    },
}

/// What is known of a parcel.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, disintegrate::StateQuery)]
#[state_query(ParcelEvent)]
pub struct Parcel {
    #[id]
    pub parcel: String,
    pub events: u64,
    pub sum: u64,
}

/// Nothing is refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("refused")]
pub struct Refused;

/// The id of parcel `number`; a UUID, since one of the peers takes nothing else.
pub fn id(number: u64) -> uuid::Uuid {
    uuid::Uuid::from_u128(0x0199_0000_0000_7000_8000_0000_0000_0000 | u128::from(number))
}

impl Parcel {
    /// The next `count` events.
    pub fn next(&self, parcel: &str, count: u64) -> Vec<ParcelEvent> {
        (self.events..self.events + count).map(|n| event(parcel, n)).collect()
    }

    pub fn fold(&mut self, event: &ParcelEvent) {
        self.events += 1;
        self.sum += match event {
            ParcelEvent::Created { grams: n, .. }
            | ParcelEvent::Scanned { shelf: n, .. }
            | ParcelEvent::Loaded { vehicle: n, .. }
            | ParcelEvent::Attempted { attempt: n, .. }
            | ParcelEvent::Noted { number: n, .. } => *n,
        };
    }
}

fn event(parcel: &str, n: u64) -> ParcelEvent {
    let parcel = parcel.to_owned();
    let text = |text: &str| text.to_owned();
    let note = text(
        "left with the porter, who counts the pieces again, signs for them and calls the desk \
         before noon; the lift is out of order until Thursday",
    );
    match n % 5 {
        0 => ParcelEvent::Created {
            parcel,
            client: text("client-4711"),
            hub: text("pune-kothrud"),
            grams: 900 + n,
            note,
        },
        1 => ParcelEvent::Scanned {
            parcel,
            hub: text("pune-kothrud"),
            shelf: n,
            by: text("desk-3"),
            note,
        },
        2 => ParcelEvent::Loaded {
            parcel,
            partner: text("DP-0042"),
            vehicle: n,
            by: text("desk-3"),
            note,
        },
        3 => ParcelEvent::Attempted {
            parcel,
            partner: text("DP-0042"),
            attempt: n,
            reason: text("unavailable"),
            note,
        },
        _ => ParcelEvent::Noted { parcel, by: text("desk-3"), number: n, note },
    }
}
