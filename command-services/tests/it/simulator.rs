//! A seeded simulator of the processes that make values unique: several callers reserve, act, confirm and give up over
//! two owners, whose clocks differ and differ from those of the processes that ask, in an order that is drawn. Requests
//! and replies get lost, callers vanish between any two steps and ask again, reservations expire and are taken over.
//! `crates/checker` judges the log and the answers. `SIMULATOR_SEEDS` and `SIMULATOR_FIRST` choose the seeds.
//!
//! [`scenario`] says what a context brings along: [`posts`] their slugs, [`accounts`] their user names and addresses.

mod accounts;
mod owners;
mod posts;
mod record;
mod scenario;
mod seeds;
mod world;

use checker::Kind;
use domain::accounts::Accounts;
use domain::posts::Posts;

use owners::Nature;

#[test]
fn a_slug_is_borne_by_one_post_whatever_the_order() {
    seeds::are_fine::<Posts>();
}

#[test]
fn a_user_name_and_an_address_are_borne_by_one_account_whatever_the_order() {
    seeds::are_fine::<Accounts>();
}

#[test]
fn owners_that_break_what_claims_rest_on_are_noticed_by_the_checker() {
    for nature in [Nature::ClocksApart, Nature::NoHolderVouches] {
        seeds::notice::<Posts>(nature, Kind::Reservation);
        seeds::notice::<Accounts>(nature, Kind::Reservation);
    }
}

/// Slugs are not given up, so only accounts can act on a reservation that they gave up meanwhile.
#[test]
fn processes_that_act_on_what_was_given_up_are_noticed_by_the_checker() {
    seeds::notice::<Accounts>(Nature::AskersAhead, Kind::Reservation);
}

/// A slug is not given up, so only accounts can confirm a reservation late that they have given up meanwhile.
#[test]
fn owners_that_confirm_what_was_given_up_are_noticed_by_the_checker() {
    seeds::notice::<Accounts>(Nature::AnyIsConfirmed, Kind::Reservation);
}

#[test]
fn a_panic_and_a_caller_that_waits_for_ever_are_failures_of_their_seed() {
    for (nature, said) in [(Nature::Panics, "it panicked: the owner is broken"), (Nature::Silent, "is not answered")] {
        let failure = seeds::run::<Accounts>(1, nature).expect_err("no caller can be answered");
        assert!(failure.why.contains(said), "{nature:?}: {}", failure.why);
    }
}
