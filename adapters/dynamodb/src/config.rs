//! Which table a store uses and how much it keeps.

use std::time::Duration;

/// How a [`DynamoStore`](super::DynamoStore) uses its table.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DynamoConfig {
    /// The table.
    pub table: String,
    /// How long fixes are kept, counted from their own time: 90 days by default, `None` for ever.
    /// Older ones are not answered any more, and DynamoDB removes them some time later.
    pub fixes_kept: Option<Duration>,
    /// Dead letters kept; the oldest beyond it go. 10,000 by default.
    pub dead_letters_max: u64,
    /// How often a write is sent again after others were faster on the same items, or DynamoDB
    /// asked for less. 12 by default, which with the pauses between them takes some 3 s.
    pub attempts_max: u32,
    /// Requests that one call may have under way at a time, where it needs many. 16 by default.
    pub requests_max: usize,
}

impl DynamoConfig {
    /// The defaults for a store in `table`.
    #[must_use]
    pub fn new(table: impl Into<String>) -> Self {
        Self {
            table: table.into(),
            fixes_kept: Some(Duration::from_secs(90 * 24 * 60 * 60)),
            dead_letters_max: 10_000,
            attempts_max: 12,
            requests_max: 16,
        }
    }
}
