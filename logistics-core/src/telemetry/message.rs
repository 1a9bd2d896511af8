//! What is read from one message of a device, whatever form it came in.

use super::fix::Fix;
use super::payload_error::PayloadError;

/// Longest message read, in bytes.
pub const MESSAGE_BYTES_MAX: usize = 64 * 1024;
/// Most fixes in one batch.
pub const BATCH_FIXES_MAX: usize = 200;

/// A message that could be read as a whole.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Message<'a> {
    /// A batch, not a fix by itself.
    pub batch: bool,
    /// Its fixes, in its order: at most one when it is not a batch.
    pub items: Vec<Item<'a>>,
    /// Why parts of it that are sound say no position.
    pub ignored: Vec<Ignored>,
}

/// One fix of a message.
#[derive(Debug, Clone, PartialEq)]
pub struct Item<'a> {
    /// Its bytes in the message, which can be read as a message of the same form.
    pub raw: &'a [u8],
    /// What they say.
    pub fix: Result<Fix, PayloadError>,
    /// The device says that a program made the position up.
    pub mock: bool,
}

impl<'a> Item<'a> {
    /// A fix that is marked as the device marks it.
    pub(super) fn new(raw: &'a [u8], fix: Result<Fix, PayloadError>, mock: bool) -> Self {
        let fix = fix.map(|fix| Fix { mocked: mock, ..fix });
        Self { raw, fix, mock }
    }
}

/// Why a message, or a part of it, that is as its app means it says no position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Ignored {
    /// It speaks of something else: a will, a waypoint, a transition, a status.
    NotALocation,
    /// It is encrypted, and this platform has no key: turn encryption off in the app, the
    /// transport encrypts.
    Encrypted,
    /// A sign of life without a position.
    NoPosition,
    /// The device says that its position does not hold.
    NotValid,
}

impl Ignored {
    /// A word for the reason that never changes.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NotALocation => "not_a_location",
            Self::Encrypted => "encrypted",
            Self::NoPosition => "no_position",
            Self::NotValid => "not_valid",
        }
    }
}

impl<'a> Message<'a> {
    /// A message of one fix.
    pub(super) fn one(item: Item<'a>) -> Self {
        Self { items: vec![item], ..Self::default() }
    }

    /// A message that says no position.
    pub(super) fn without_position(reason: Ignored) -> Self {
        Self { ignored: vec![reason], ..Self::default() }
    }
}
