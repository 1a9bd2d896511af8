//! What can be wrong with a device's message, each with a stable word for machines.

/// Why a message, or one fix of it, was refused.
///
/// A fix that is refused does not take the others of its batch with it; which one it was is its
/// place in [`Message::items`](super::Message::items).
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PayloadError {
    /// The message is too long: send a backlog as several batches.
    #[error("message has {bytes} bytes, more than {bytes_max}")]
    TooLarge {
        /// Its length.
        bytes: usize,
        /// The most that is read.
        bytes_max: usize,
    },
    /// The bytes are not JSON (RFC 8259); `NaN` and `Infinity` are not either.
    #[error("broken JSON at byte {at}: {reason}")]
    BadJson {
        /// Offset in the message of the first byte that cannot be read.
        at: usize,
        /// What the JSON reader says.
        reason: String,
    },
    /// JSON, but not an object.
    #[error("expected a JSON object")]
    NotAnObject,
    /// A field is there twice, perhaps once under its short and once under its long name.
    #[error("a field is given twice, the second time at byte {at}")]
    DuplicateField {
        /// Offset in the message where the second one ends its name.
        at: usize,
    },
    /// The batch is in a form that this version does not know.
    #[error("unknown version {found} of the message's form, known is 1")]
    UnknownVersion {
        /// The value of `v`, cut to a readable length.
        found: String,
    },
    /// The batch is too long: send it as several.
    #[error("batch has {count} fixes, more than {count_max}")]
    TooManyFixes {
        /// How many it has.
        count: usize,
        /// The most that are read.
        count_max: usize,
    },
    /// A fix of a batch has the field `fixes`: it is a batch itself.
    #[error("a fix of the batch is a batch itself")]
    BatchInBatch,
    /// A field that every fix needs is not there, or null.
    #[error("{field} is missing")]
    MissingField {
        /// Its short name.
        field: &'static str,
    },
    /// The field's value is of the wrong kind, such as a number in quotes.
    #[error("{field} is not {expected}")]
    WrongType {
        /// Its short name.
        field: &'static str,
        /// What it must be.
        expected: &'static str,
    },
    /// The field's value cannot be.
    #[error("{field} is {found}, expected {range}")]
    OutOfRange {
        /// Its short name.
        field: &'static str,
        /// Its value; infinite when the number has no `f64`.
        found: f64,
        /// What is accepted.
        range: &'static str,
    },
    /// The time is a text, but not RFC 3339 with an offset from UTC.
    #[error("ts {found:?} is not RFC 3339, such as 2026-11-02T06:30:00.250Z")]
    BadTimestamp {
        /// The text, cut to a readable length.
        found: String,
    },
}

impl PayloadError {
    /// A word for the reason that never changes: for counters, dead letters and clients.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "too_large",
            Self::BadJson { .. } => "bad_json",
            Self::NotAnObject => "not_an_object",
            Self::DuplicateField { .. } => "duplicate_field",
            Self::UnknownVersion { .. } => "unknown_version",
            Self::TooManyFixes { .. } => "too_many_fixes",
            Self::BatchInBatch => "batch_in_batch",
            Self::MissingField { .. } => "missing_field",
            Self::WrongType { .. } => "wrong_type",
            Self::OutOfRange { .. } => "out_of_range",
            Self::BadTimestamp { .. } => "bad_timestamp",
        }
    }

    /// The field at fault, by its short name, where it is one field's fault.
    #[must_use]
    pub fn field(&self) -> Option<&'static str> {
        match self {
            Self::UnknownVersion { .. } => Some("v"),
            Self::TooManyFixes { .. } | Self::BatchInBatch => Some("fixes"),
            Self::BadTimestamp { .. } => Some("ts"),
            Self::MissingField { field }
            | Self::WrongType { field, .. }
            | Self::OutOfRange { field, .. } => Some(field),
            _ => None,
        }
    }
}
