//! What every log keeps, in memory or on Kafka. Each rule is an `async fn` over any [`Harness`]; the macro at the end
//! runs all of them against both.

mod moving;
mod single;
mod terms;

use crate::harness::{Kafka, Memory};

macro_rules! contract {
    ($($chapter:ident { $($rule:ident,)+ })+) => {
        mod in_memory { $($(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $rule() { super::$chapter::$rule::<super::Memory>().await; }
        )+)+ }
        mod on_kafka { $($(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $rule() { super::$chapter::$rule::<super::Kafka>().await; }
        )+)+ }
    };
}

contract! {
    single {
        an_accepted_command_is_in_the_log_once,
        a_repeated_command_gets_the_first_receipt,
        a_command_id_used_for_something_else_is_refused,
        a_version_that_is_not_the_present_one_is_a_conflict,
        a_refusal_appends_nothing,
        what_is_already_so_appends_nothing,
        commands_at_once_on_one_aggregate_have_versions_without_gap,
        aggregates_are_spread_over_the_partitions,
    }
    moving {
        two_instances_share_the_partitions_and_either_takes_any_command,
        who_passes_an_answer_on_has_read_what_it_says,
        one_command_sent_to_both_instances_at_once_is_applied_once,
        joining_takes_a_share_and_loses_nothing,
        closing_hands_over_and_loses_nothing,
        who_closes_alone_waits_for_no_other,
        those_who_close_together_do_not_wait_for_each_other,
        a_restart_reads_the_same_history,
        who_has_just_begun_knows_what_was_there_or_says_that_it_does_not,
        a_repeated_command_gets_the_first_receipt_after_a_restart,
    }
    terms {
        what_a_stale_writer_appends_is_void,
        an_owner_that_misses_an_append_begins_a_new_term,
        an_owner_that_was_overtaken_comes_back_when_the_other_is_gone,
        without_a_reachable_owner_a_command_is_not_applied,
    }
}
