//! One function per door that bytes from outside come in by: none may panic on any bytes, and what
//! is accepted must keep the promises asserted here. A broken promise is a panic, which is what
//! both libFuzzer and the replay test look for.
//!
//! Functions return early on inputs whose size alone would make them slow; the limits of the
//! crates themselves are far higher and have their own tests.

mod device;
mod events;
mod problems;
mod shapes;
mod upcasting;
mod zones;

pub use device::{device_payload, osmand_payload, owntracks_payload, traccar_payload};
pub use events::event_decoding;
pub use problems::{solomon, vroom, vrplib};
pub use shapes::planar_classify;
pub use upcasting::upcasting;
pub use zones::zones_geojson;
