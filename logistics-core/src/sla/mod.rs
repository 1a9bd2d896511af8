//! Service levels: the promised window in civil time, whether it will be kept, and how often
//! promises are kept.
//!
//! On-time delivery is a rate over a cohort: the shipments whose promise ends in a [`Period`], each
//! counted once, on time ÷ due. Each shipment's part in it is a [`Contribution`]; a [`Cohort`]
//! keeps these by shipment, a [`Tally`] only their sum. Neither can pass 100 %.
//!
//! ```
//! use chrono::{NaiveDate, NaiveTime};
//! use logistics_core::{ShipmentId, eventsourcing::Occurred, sla::*};
//!
//! let day = NaiveDate::from_ymd_opt(2026, 11, 23).unwrap();
//! let at = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
//! let promise = Promise::on_date("Asia/Kolkata", day, at(10), at(13))?;
//! let delivered = promise.end() - chrono::Duration::minutes(5);
//! let facts = DeliveryFacts {
//!     original: &promise,
//!     latest: &promise,
//!     delivered: Some(Delivered { occurred: Occurred::observed(delivered), recorded_at: delivered }),
//!     pieces_ordered: 2,
//!     pieces_delivered: 1,
//!     cancelled_by_client: false,
//!     clock_stopped: false,
//! };
//! let policy = PunctualityPolicy::default();
//! let now = promise.end();
//! let mut cohort = Cohort::new(Period::day(day, promise.time_zone()));
//! cohort.put(ShipmentId::new("S-1")?, Contribution::of(&facts, Basis::Original, now, &policy));
//! let tally = cohort.tally(now);
//! assert_eq!(tally.on_time().basis_points(), Some(10_000));
//! assert_eq!(tally.on_time_in_full().basis_points(), Some(0), "a piece is missing");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod cohort;
mod period;
mod promise;
mod punctuality;
mod rate;

pub use cohort::{Cohort, Tally, TallyError};
pub use period::{Period, PeriodError};
pub use promise::{PROMISE_HOURS_MAX, Promise, PromiseError, local_date, predicted_breach};
pub use punctuality::{
    Basis, Contribution, Delivered, DeliveredTime, DeliveryFacts, Early, PunctualityPolicy,
    Verdict, delivered_time,
};
pub use rate::{OtdRate, RateError};
