//! Service levels: the promised window in civil time, and whether it will be kept.

mod promise;

pub use promise::{PROMISE_HOURS_MAX, Promise, PromiseError, local_date, predicted_breach};
