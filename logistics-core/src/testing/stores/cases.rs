//! The list of all cases, and the macro that makes a test of each.

/// Makes a module of tests, one for each case that a store must pass.
///
/// Takes the module's name, a function that runs a future to its end, and an expression for a
/// future of the [`Stores`](crate::testing::stores::Stores) of a new, empty store:
///
/// ```
/// mod conformance {
///     use logistics_core::memory::MemoryStore;
///     use logistics_core::testing::stores::Stores;
///
///     pub async fn memory() -> Stores {
///         Stores::of(MemoryStore::new().with_dead_letters_max(100), 100)
///     }
///     logistics_core::store_conformance!(memory, futures::executor::block_on, memory());
/// }
/// # use logistics_core::testing::stores::commits;
/// # futures::executor::block_on(async {
/// #     commits::a_commit_is_read_back_as_it_was_made(&conformance::memory().await).await;
/// # });
/// ```
///
/// A store that implements some of the ports names the groups that concern them:
///
/// ```
/// # use logistics_core::{memory::MemoryStore, testing::stores::Stores};
/// # async fn positions() -> Stores { Stores::of(MemoryStore::new(), 100) }
/// logistics_core::store_conformance!(
///     positions, futures::executor::block_on, positions(), [fixes presences]
/// );
/// ```
#[macro_export]
macro_rules! store_conformance {
    ($name:ident, $block_on:path, $make:expr $(,)?) => {
        $crate::store_conformance!($name, $block_on, $make, [
            commits sequences limits isolation commands concurrency reading chain feed follow index
            snapshots outbox timers read_models projecting parking rebuilding fixes presences
            dead_letters day_routes documents keys
        ]);
    };
    ($name:ident, $block_on:path, $make:expr, [$($group:ident)+] $(,)?) => {
        mod $name {
            #[allow(unused_imports, reason = "what makes a store may be named by a full path")]
            use super::*;
            $($crate::store_conformance! { @group $group $block_on, $make })+
        }
    };
    (@group commits $block_on:path, $make:expr) => {
        $crate::store_conformance! { @cases commits $block_on, $make;
            a_commit_is_read_back_as_it_was_made
            payloads_come_back_byte_for_byte
            no_stream_conflicts_with_an_existing_stream
            another_version_conflicts
            a_refused_commit_changes_nothing
            a_duplicate_is_seen_before_a_conflict
            the_same_command_id_in_two_streams_is_two_commands
            an_empty_commit_is_recorded
            versions_are_contiguous_within_a_commit
            an_event_id_cannot_come_twice
            times_are_kept_to_the_microsecond
            an_unknown_outcome_is_found_by_sending_again
            a_commit_sent_at_once_by_many_is_taken_once
            events_of_one_microsecond_are_told_apart
        }
    };
    (@group limits $block_on:path, $make:expr) => {
        $crate::store_conformance! { @cases limits $block_on, $make;
            the_largest_commit_is_taken
            what_passes_a_limit_is_refused
            the_largest_payload_is_taken
        }
    };
    (@group isolation $block_on:path, $make:expr) => {
        $crate::store_conformance! { @cases isolation $block_on, $make;
            similar_streams_are_told_apart
            long_streams_are_told_apart
            similar_categories_are_told_apart
            similar_commands_are_told_apart
            streams_do_not_disturb_each_other
        }
    };
    (@group sequences $block_on:path, $make:expr) => {
        $crate::store_conformance! { @cases sequences $block_on, $make;
            a_sequence_is_taken_in_its_order
            a_sequence_upon_another_version_is_not_taken
            nothing_is_taken_behind_a_gap
            nothing_is_taken_behind_a_known_command
            nothing_is_taken_behind_what_is_too_large
            sequences_of_many_writers_do_not_mix
        }
    };
    (@group commands $block_on:path, $make:expr) => {
        $crate::store_conformance! { @cases commands $block_on, $make;
            a_command_sent_again_is_replayed
            a_command_id_with_other_content_is_refused
            a_decision_without_events_is_replayed
            events_of_one_tick_are_all_kept_in_order
            writers_on_one_stream_lose_nothing
            writers_on_many_streams_do_not_meet
        }
    };
    (@group concurrency $block_on:path, $make:expr) => {
        $crate::store_conformance! { @cases concurrency $block_on, $make;
            many_writers_on_one_stream_agree
            many_writers_on_many_streams_agree
        }
    };
    (@group reading $block_on:path, $make:expr) => {
        $crate::store_conformance! { @cases reading $block_on, $make;
            a_large_stream_is_read_in_pages
            a_page_starts_after_and_holds_at_most
            an_unknown_stream_is_empty
            an_unknown_command_has_no_record
            a_heavy_stream_is_read_whole
            a_stream_is_seen_as_of_any_point
        }
    };
    (@group chain $block_on:path, $make:expr) => {
        $crate::store_conformance! { @cases chain $block_on, $make;
            hashes_come_back_byte_for_byte
            the_chain_of_a_stream_holds
            the_chain_holds_across_pages
            the_chains_hold_in_the_feed
            what_was_altered_is_found
        }
    };
    (@group feed $block_on:path, $make:expr) => {
        $crate::store_conformance! { @cases feed $block_on, $make;
            the_feed_is_gapless_while_writers_run
            the_feed_is_in_the_order_that_is_promised
            pages_of_the_feed_do_not_change
            refused_commits_leave_no_gap
            a_feed_page_holds_at_most
            large_events_pass_through_the_feed
        }
    };
    (@group follow $block_on:path, $make:expr) => {
        $crate::store_conformance! { @cases follow $block_on, $make;
            what_follows_a_cursor_comes_in_pages
            a_follower_that_has_caught_up_gets_nothing
            a_foreign_cursor_is_noticed
            a_page_has_a_greatest_size
            followers_beside_writers_see_everything_once
        }
    };
    (@group index $block_on:path, $make:expr) => {
        $crate::store_conformance! { @cases index $block_on, $make;
            entries_appear_with_the_commit
            entries_are_replaced_as_a_whole
            an_empty_list_removes_the_entries
            a_commit_without_entries_leaves_them
            a_commit_without_events_can_change_the_entries
            partitions_are_apart
            a_stream_may_stand_in_a_partition_twice
            a_partition_is_found_in_pages
            a_page_begins_behind_a_place_that_is_gone
            below_bounds_what_is_found
            a_refused_commit_changes_no_entry
            entries_follow_the_state
        }
    };
    (@group snapshots $block_on:path, $make:expr) => {
        $crate::store_conformance! { @cases snapshots $block_on, $make;
            a_stream_has_none_at_first
            a_snapshot_comes_back_as_it_was_saved
            the_higher_version_stays
            the_higher_revision_stays
            streams_do_not_share_snapshots
            of_many_at_once_the_highest_stays
        }
    };
    (@group outbox $block_on:path, $make:expr) => {
        $crate::store_conformance! { @cases outbox $block_on, $make;
            messages_wait_in_commit_order
            messages_of_a_stream_wait_in_its_order
            delivery_is_idempotent
            a_message_cannot_wait_twice
        }
    };
    (@group timers $block_on:path, $make:expr) => {
        $crate::store_conformance! { @cases timers $block_on, $make;
            due_timers_come_earliest_first
            a_timer_is_never_early
            a_newer_generation_takes_the_place_of_an_older
            a_stale_firing_removes_nothing
            a_timer_set_anew_is_not_forgotten
            timers_are_changed_in_order
        }
    };
    (@group read_models $block_on:path, $make:expr) => {
        $crate::store_conformance! { @cases read_models $block_on, $make;
            a_checkpoint_moves_only_from_where_it_stands
            a_row_and_its_index_entries_are_replaced
            a_partition_is_listed_in_pages
            rows_are_counted_by_partition
            models_do_not_share_rows
            below_bounds_what_is_listed
            a_checkpoint_is_kept_with_its_hash
            rows_come_back_byte_for_byte
            many_rows_are_written_at_once
        }
    };
    (@group projecting $block_on:path, $make:expr) => {
        $crate::store_conformance! { @cases projecting $block_on, $make;
            projecting_again_changes_nothing
            the_size_of_a_step_changes_nothing
            projecting_goes_on_with_what_comes
            what_a_row_has_is_not_added_again
            racing_projectors_apply_each_event_once
            a_model_of_another_past_stands_still
        }
    };
    (@group parking $block_on:path, $make:expr) => {
        $crate::store_conformance! { @cases parking $block_on, $make;
            a_parked_row_comes_back_as_it_was_parked
            parked_rows_are_listed_in_pages
            what_cannot_be_read_parks_its_row
            a_parked_row_is_left_alone
            a_row_can_be_parked_before_its_first_event
            a_newer_program_takes_parked_rows_up
            a_row_is_taken_up_as_far_as_can_be_read
            many_parked_rows_are_taken_up_beside_projectors
            a_row_taken_up_beside_a_projector_loses_nothing
        }
    };
    (@group rebuilding $block_on:path, $make:expr) => {
        $crate::store_conformance! { @cases rebuilding $block_on, $make;
            a_model_takes_the_place_of_another
            nothing_takes_the_place_of_a_model_by_mistake
            a_model_is_removed_with_all_that_belongs_to_it
            a_rebuilt_model_is_as_projected_from_the_start
            readers_see_the_old_or_the_new
            an_interrupted_rebuild_goes_on
            a_model_of_another_past_is_mended
            two_rebuilds_at_once_lose_nothing
        }
    };
    (@group fixes $block_on:path, $make:expr) => {
        $crate::store_conformance! { @cases fixes $block_on, $make;
            a_fix_comes_back_as_it_was_appended
            the_same_fix_is_kept_once
            of_two_fixes_at_one_time_the_more_accurate_is_kept
            answers_come_in_the_order_of_the_batch
            a_range_is_half_open
            the_latest_fix_of_each_partner_is_known
            old_fixes_are_pruned_up_to_a_limit
            cursors_are_replaced
        }
    };
    (@group presences $block_on:path, $make:expr) => {
        $crate::store_conformance! { @cases presences $block_on, $make;
            a_presence_comes_back_as_it_was_noted
            what_was_seen_later_stays
            of_one_time_the_one_that_comes_later_stays
            only_partners_on_shift_are_silent
            the_longest_silent_come_first
            partners_in_a_zone_are_listed_in_pages
            a_partner_leaves_its_zone
        }
    };
    (@group dead_letters $block_on:path, $make:expr) => {
        $crate::store_conformance! { @cases dead_letters $block_on, $make;
            letters_are_numbered_in_order
            the_oldest_letters_go
            a_letter_is_amended_and_removed_by_its_number
            removed_letters_count_towards_the_bound
        }
    };
    (@group day_routes $block_on:path, $make:expr) => {
        $crate::store_conformance! { @cases day_routes $block_on, $make;
            a_route_is_found_by_pseudonym_and_day
            a_route_of_fewer_fixes_takes_no_place
        }
    };
    (@group documents $block_on:path, $make:expr) => {
        $crate::store_conformance! { @cases documents $block_on, $make;
            each_put_is_a_new_version
            a_put_can_insist_on_the_latest_version
            the_latest_version_of_each_name_is_listed
        }
    };
    (@group keys $block_on:path, $make:expr) => {
        $crate::store_conformance! { @cases keys $block_on, $make;
            a_key_comes_back_as_it_was_created
            the_first_key_wins
            a_destroyed_key_stays_destroyed
            destroying_again_changes_nothing
            a_subject_without_a_key_can_be_erased
            erasing_one_subject_leaves_the_others
            of_many_at_once_one_key_wins
            destroying_beside_creating_ends_destroyed
        }
    };
    (@cases $group:ident $block_on:path, $make:expr; $($case:ident)+) => {
        mod $group {
            #[allow(unused_imports, reason = "what makes a store may be named by a full path")]
            use super::*;
            $(#[test]
            fn $case() {
                $block_on(async {
                    let stores = $make.await;
                    $crate::testing::stores::$group::$case(&stores).await;
                });
            })+
        }
    };
}

#[cfg(test)]
mod tests {
    /// A case that is written and not listed would never be run.
    #[test]
    fn every_case_is_listed() {
        let listed = include_str!("cases.rs");
        for (group, source) in [
            ("commits", include_str!("commits.rs")),
            ("limits", include_str!("limits.rs")),
            ("isolation", include_str!("isolation.rs")),
            ("commands", include_str!("commands.rs")),
            ("concurrency", include_str!("concurrency.rs")),
            ("reading", include_str!("reading.rs")),
            ("chain", include_str!("chain.rs")),
            ("feed", include_str!("feed.rs")),
            ("follow", include_str!("follow.rs")),
            ("index", include_str!("index.rs")),
            ("snapshots", include_str!("snapshots.rs")),
            ("outbox", include_str!("outbox.rs")),
            ("timers", include_str!("timers.rs")),
            ("read_models", include_str!("read_models.rs")),
            ("projecting", include_str!("projecting.rs")),
            ("parking", include_str!("parking.rs")),
            ("rebuilding", include_str!("rebuilding.rs")),
            ("fixes", include_str!("fixes.rs")),
            ("presences", include_str!("presences.rs")),
            ("dead_letters", include_str!("dead_letters.rs")),
            ("documents", include_str!("documents.rs")),
            ("keys", include_str!("keys.rs")),
        ] {
            let start = listed.find(&format!("@cases {group} ")).expect("a list of the group");
            let list = listed[start..].split_once('}').map_or("", |(list, _)| list);
            let cases = source.split("\npub async fn ").skip(1);
            let cases: Vec<&str> = cases.filter_map(|case| Some(case.split_once('(')?.0)).collect();
            let listed: Vec<&str> = list.split_whitespace().skip(4).collect();
            assert_eq!(listed, cases, "{group}");
        }
    }
}
