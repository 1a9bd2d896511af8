//! The conformance suite of the storage ports: what every store must do, one function a case.
//!
//! Call [`store_conformance!`](crate::store_conformance) in the tests of an adapter; it makes one
//! test of each case.
#![allow(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a case fails by panicking, as a test does"
)]

pub mod commands;
pub mod commits;
pub mod dead_letters;
pub mod documents;
pub mod feed;
pub mod fixes;
mod fixtures;
pub mod outbox;
pub mod read_models;
pub mod reading;
pub mod timers;

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use crate::documents::Documents;
use crate::eventsourcing::{EventStore, Outbox, ReadModels, Snapshots, StreamIndex, Timers};
use crate::privacy::KeyStore;
use crate::telemetry::{DeadLetters, FixStore, PresenceStore};

/// The ports of one store under test, empty at the start of a case.
pub struct Stores {
    /// Its events.
    pub events: Arc<dyn EventStore>,
    /// Its index of streams.
    pub index: Arc<dyn StreamIndex>,
    /// Its snapshots.
    pub snapshots: Arc<dyn Snapshots>,
    /// Its outbox.
    pub outbox: Arc<dyn Outbox>,
    /// Its timers.
    pub timers: Arc<dyn Timers>,
    /// Its read models.
    pub models: Arc<dyn ReadModels>,
    /// Its position history.
    pub fixes: Arc<dyn FixStore>,
    /// Its partners' last presence.
    pub presences: Arc<dyn PresenceStore>,
    /// Its subjects' keys.
    pub keys: Arc<dyn KeyStore>,
    /// Its dead letters.
    pub dead_letters: Arc<dyn DeadLetters>,
    /// How many dead letters it was told to keep: at least 3, at most 1,000.
    pub dead_letters_max: u64,
    /// Its documents.
    pub documents: Arc<dyn Documents>,
    guard: Option<Box<dyn Any>>,
}

impl Stores {
    /// The ports of a store that implements all of them and keeps `dead_letters_max` dead letters.
    pub fn of<S>(store: S, dead_letters_max: u64) -> Self
    where
        S: EventStore
            + StreamIndex
            + Snapshots
            + Outbox
            + Timers
            + ReadModels
            + FixStore
            + PresenceStore
            + KeyStore
            + DeadLetters
            + Documents
            + 'static,
    {
        let store = Arc::new(store);
        Self {
            events: Arc::<S>::clone(&store),
            index: Arc::<S>::clone(&store),
            snapshots: Arc::<S>::clone(&store),
            outbox: Arc::<S>::clone(&store),
            timers: Arc::<S>::clone(&store),
            models: Arc::<S>::clone(&store),
            fixes: Arc::<S>::clone(&store),
            presences: Arc::<S>::clone(&store),
            keys: Arc::<S>::clone(&store),
            dead_letters: Arc::<S>::clone(&store),
            dead_letters_max,
            documents: store,
            guard: None,
        }
    }

    /// Keeps `guard`, such as a temporary directory, until the case is over.
    #[must_use]
    pub fn keeping(mut self, guard: impl Any) -> Self {
        self.guard = Some(Box::new(guard));
        self
    }
}

impl fmt::Debug for Stores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stores").field("guarded", &self.guard.is_some()).finish_non_exhaustive()
    }
}

/// Makes a module of tests, one for each case that a store must pass.
///
/// Takes the module's name, a function that runs a future to its end, and an expression for a
/// future of the [`Stores`](crate::testing::stores::Stores) of a new, empty store:
///
/// ```ignore
/// mod conformance {
///     use logistics_core::memory::MemoryStore;
///     use logistics_core::testing::stores::Stores;
///
///     async fn memory() -> Stores {
///         Stores::of(MemoryStore::new().with_dead_letters_max(100), 100)
///     }
///     logistics_core::store_conformance!(memory, futures::executor::block_on, memory());
/// }
/// ```
#[macro_export]
macro_rules! store_conformance {
    ($name:ident, $block_on:path, $make:expr) => {
        mod $name {
            #[allow(unused_imports, reason = "what makes a store may be named by a full path")]
            use super::*;
            $crate::store_conformance! { @cases $block_on, $make;
                commits:
                    a_commit_is_read_back_as_it_was_made
                    payloads_come_back_byte_for_byte
                    no_stream_conflicts_with_an_existing_stream
                    another_version_conflicts
                    a_refused_commit_changes_nothing
                    a_duplicate_is_seen_before_a_conflict
                    the_same_command_id_in_two_streams_is_two_commands
                    an_empty_commit_is_recorded
                    versions_are_contiguous_within_a_commit
                    what_passes_a_limit_is_refused
                    an_event_id_cannot_come_twice
                    times_are_kept_to_the_microsecond
                    similar_streams_are_told_apart
                    ;
                commands:
                    a_command_sent_again_is_replayed
                    a_command_id_with_other_content_is_refused
                    a_decision_without_events_is_replayed
                    events_of_one_tick_are_all_kept_in_order
                    writers_on_one_stream_lose_nothing
                    writers_on_many_streams_do_not_meet
                    ;
                reading:
                    a_large_stream_is_read_in_pages
                    a_page_starts_after_and_holds_at_most
                    an_unknown_stream_is_empty
                    an_unknown_command_has_no_record
                    ;
                feed:
                    the_feed_is_gapless_while_writers_run
                    pages_of_the_feed_do_not_change
                    refused_commits_leave_no_gap
                    a_feed_page_holds_at_most
                    ;
                outbox:
                    messages_wait_in_commit_order
                    delivery_is_idempotent
                    a_message_cannot_wait_twice
                    ;
                timers:
                    due_timers_come_earliest_first
                    a_timer_is_never_early
                    a_newer_generation_takes_the_place_of_an_older
                    a_stale_firing_removes_nothing
                    a_timer_set_anew_is_not_forgotten
                    timers_are_changed_in_order
                    ;
                read_models:
                    a_checkpoint_moves_only_from_where_it_stands
                    a_row_and_its_index_entries_are_replaced
                    a_partition_is_listed_in_pages
                    rows_are_counted_by_partition
                    models_do_not_share_rows
                    projecting_again_changes_nothing
                    racing_projectors_apply_each_event_once
                    ;
                fixes:
                    a_fix_comes_back_as_it_was_appended
                    the_same_fix_is_kept_once
                    of_two_fixes_at_one_time_the_more_accurate_is_kept
                    answers_come_in_the_order_of_the_batch
                    a_range_is_half_open
                    the_latest_fix_of_each_partner_is_known
                    old_fixes_are_pruned_up_to_a_limit
                    cursors_are_replaced
                    ;
                dead_letters:
                    letters_are_numbered_in_order
                    the_oldest_letters_go
                    ;
                documents:
                    each_put_is_a_new_version
                    a_put_can_insist_on_the_latest_version
                    the_latest_version_of_each_name_is_listed
                    ;
            }
        }
    };
    (@cases $block_on:path, $make:expr; $($group:ident: $($case:ident)+;)+) => {
        $(mod $group {
            #[allow(unused_imports, reason = "what makes a store may be named by a full path")]
            use super::*;
            $(#[test]
            fn $case() {
                $block_on(async {
                    let stores = $make.await;
                    $crate::testing::stores::$group::$case(&stores).await;
                });
            })+
        })+
    };
}
