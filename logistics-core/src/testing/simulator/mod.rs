//! A simulation of everything that can go wrong around the commands of an aggregate, all of it
//! decided by one seed.
//!
//! Two processes run real [`execute`](crate::eventsourcing::execute), [`project`], [`unpark`] and
//! [`rebuild`] against a store, in one thread and in a time of their own. They die at any await and
//! keep nothing but what the store took; calls fail, or leave open what they did; commands and
//! answers are lost, late, sent twice; clocks jump and step back; writers get into each other's
//! way; one process runs an older program that cannot read every event. When all commands are
//! answered and nothing goes wrong any more, the run is judged by what clients, readers, followers
//! and receivers saw on the way, not by what the program says of itself:
//!
//! - every command that was acknowledged is there once, at the versions that its client was told,
//!   and one order explains what everyone saw ([`ListHistory`](super::ListHistory)); one that was
//!   refused everywhere had no effect;
//! - the hash chain of every stream holds, and each event was recorded later than the one before;
//! - the read models are what folding the streams from the start gives;
//! - followers of the feed, who die between a page and their cursor, have seen every event;
//! - every message was delivered, every timer fired and none too early.
//!
//! The same seed is the same run, down to the last step: a failure says which seed it was.
//!
//! [`project`]: crate::eventsourcing::project
//! [`unpark`]: crate::eventsourcing::unpark
//! [`rebuild`]: crate::eventsourcing::rebuild

mod audit;
mod broken;
mod checks;
mod clients;
mod drains;
mod executor;
mod faults;
mod history;
mod older;
mod ports;
mod process;
mod random;
mod run;
mod services;
mod trace;
mod world;

pub use broken::Broken;
pub use faults::Faults;
pub use process::Process;
pub use random::Random;
pub use run::{Failure, Report, Simulation};
pub use trace::Trace;
