//! Integration tests of `logistics-geofence`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed step is a failed test"
)]

mod antimeridian;
mod drawn;
mod half_open;
mod hostile;
mod index;
mod load;
mod locate;
mod noise;
mod noisy_city;
mod oracle;
mod partition;
mod passages;
mod random;
mod segment;
mod shapes;
mod track;
mod zone_set;
