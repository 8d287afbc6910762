use serde_json::json;
use uuid::Uuid;

use crate::Kind;
use crate::history::{Act, Answer, Outcome, Refusal};
use crate::testing::Run;

const SESSION: Uuid = Uuid::from_u128(0x5e55);
const OTHER: Uuid = Uuid::from_u128(0x07e4);
const GRANTED: Answer = Answer::Granted { session: None };

/// A person who registered, and logged in twice.
fn run() -> Run {
    let mut run = Run::new();
    let profile = json!({"user_name": "Ada", "display_name": "Ada L.", "bio": "", "image_url": "", "email_key": "e1"});
    run.accept("accounts.enroll", "a", profile.clone(), "inklog.accounts.Registered", profile);
    hold(&mut run, "a", &["user-name:ada", "email:e1"]);
    logged_in(&mut run, 0, SESSION);
    logged_in(&mut run, 0, OTHER);
    run
}

/// An account holds reservations, by steps of the last call.
fn hold(run: &mut Run, account: &str, reservations: &[&str]) {
    let registration = run.history.calls.last().unwrap().command_id;
    for reservation in reservations {
        for step in ["Claimed", "Confirmed"] {
            let verb = if reservation.starts_with("email:") { "Email" } else { "UserName" };
            let (name, id) = (format!("inklog.accounts.{verb}{step}"), run.id());
            let (_, position) = run.append(&name, reservation, id, json!({"holder_id": account}));
            run.event("accounts", usize::try_from(position.offset).unwrap()).correlation_id = registration;
        }
    }
}

fn logged_in(run: &mut Run, password: u64, session: Uuid) {
    run.visit(Act::LogIn { password, by_name: true }, Answer::Granted { session: Some(session) });
}

fn log_in(run: &mut Run, password: u64, answer: Answer) {
    run.visit(Act::LogIn { password, by_name: true }, answer);
}

fn change(run: &mut Run, from: u64, to: u64, answer: Answer) {
    run.visit(Act::ChangePassword { from, to, session: SESSION }, answer);
}

fn refresh(run: &mut Run, session: Uuid, token: u64, answer: Answer) {
    run.visit(Act::Refresh { session, token }, answer);
}

fn deactivate(run: &mut Run) {
    run.accept("accounts.deactivate", "a", json!({}), "inklog.accounts.Deactivated", json!({}));
}

fn erase(run: &mut Run) {
    let command = run.call("accounts.erase", "a", json!({}), Outcome::Unknown).command_id;
    let (_, position) = run.append("inklog.accounts.Erased", "a", command, json!({}));
    let call = run.history.calls.last_mut().unwrap();
    call.outcome = Outcome::Promised { done: true, position: Some(position) };
    call.answered_at = Some(call.invoked_at + 8);
}

#[test]
fn a_session_goes_on_and_a_wrong_password_is_wrong() {
    let mut run = run();
    refresh(&mut run, SESSION, 0, GRANTED);
    refresh(&mut run, SESSION, 1, Answer::Unknown);
    refresh(&mut run, SESSION, 1, GRANTED);
    log_in(&mut run, 7, Answer::Wrong);
    run.visit(Act::Show { password: 7 }, Answer::Wrong);
    run.is_clean();
    assert_eq!(run.judge().counts.visits, 7);
}

#[test]
fn a_session_that_is_alive_after_log_out_is_found() {
    let mut run = run();
    run.visit(Act::LogOut { session: SESSION }, GRANTED);
    refresh(&mut run, SESSION, 0, Answer::Over);
    refresh(&mut run, OTHER, 0, GRANTED);
    run.is_clean();
    refresh(&mut run, SESSION, 0, GRANTED);
    run.is(Kind::Access);
}

#[test]
fn a_log_out_without_an_answer_may_have_ended_the_session_or_not() {
    let mut run = run();
    run.visit(Act::LogOut { session: SESSION }, Answer::Unknown);
    refresh(&mut run, SESSION, 0, GRANTED);
    refresh(&mut run, SESSION, 1, Answer::Over);
    run.is_clean();
}

#[test]
fn a_session_that_nothing_ended_is_not_over() {
    for act in [Act::Refresh { session: SESSION, token: 0 }, Act::Use { session: SESSION }] {
        let mut run = run();
        run.visit(act, Answer::Over);
        run.is(Kind::Access);
    }
}

#[test]
fn an_instance_that_has_not_read_of_the_account_may_turn_its_owner_away() {
    let mut run = run();
    log_in(&mut run, 0, Answer::Wrong);
    run.history.visits[2].instance = 1;
    refresh(&mut run, SESSION, 0, Answer::Over);
    run.history.visits[3].instance = 1;
    run.is_clean();
    run.history.visits[2].instance = 0;
    run.is(Kind::Access);
}

#[test]
fn a_refresh_token_that_was_used_before_may_end_the_session() {
    let mut run = run();
    refresh(&mut run, SESSION, 0, Answer::Unknown);
    refresh(&mut run, SESSION, 0, GRANTED);
    refresh(&mut run, SESSION, 1, GRANTED);
    run.visit(Act::Use { session: SESSION }, Answer::Over);
    run.is_clean();
    // Had the first been answered, nothing would be under way any more.
    run.history.visits[2].answer = GRANTED;
    run.is(Kind::Access);
}

#[test]
fn after_a_change_the_new_password_is_good_and_the_old_one_is_not() {
    let mut run = run();
    change(&mut run, 0, 1, GRANTED);
    log_in(&mut run, 1, GRANTED);
    log_in(&mut run, 0, Answer::Wrong);
    run.is_clean();
    let mut old = run.clone();
    log_in(&mut old, 0, GRANTED);
    old.is(Kind::Access);
    log_in(&mut run, 1, Answer::Wrong);
    run.is(Kind::Access);
}

#[test]
fn after_a_change_without_an_answer_either_may_be_good_until_one_was() {
    let mut run = run();
    change(&mut run, 0, 1, Answer::Unknown);
    log_in(&mut run, 1, Answer::Wrong);
    log_in(&mut run, 0, GRANTED);
    log_in(&mut run, 1, GRANTED);
    log_in(&mut run, 0, Answer::Wrong);
    run.is_clean();
    run.visit(Act::Show { password: 0 }, GRANTED);
    run.is(Kind::Access);
}

#[test]
fn of_two_changes_of_one_password_one_is_done() {
    let mut run = run();
    change(&mut run, 0, 1, GRANTED);
    change(&mut run, 0, 2, GRANTED);
    run.is(Kind::Access);
}

#[test]
fn a_password_that_was_never_set_is_not_good() {
    let mut run = run();
    log_in(&mut run, 1, GRANTED);
    change(&mut run, 0, 1, GRANTED);
    run.is(Kind::Access);
}

#[test]
fn a_change_ends_all_sessions_but_the_one_that_asked() {
    let mut run = run();
    change(&mut run, 0, 1, GRANTED);
    refresh(&mut run, SESSION, 0, GRANTED);
    refresh(&mut run, OTHER, 0, Answer::Over);
    run.is_clean();
    refresh(&mut run, OTHER, 0, GRANTED);
    run.is(Kind::Access);
}

#[test]
fn a_deactivation_ends_all_sessions_for_good() {
    let mut run = run();
    log_in(&mut run, 0, Answer::Deactivated);
    run.is(Kind::Access);
    run.history.visits.pop();
    deactivate(&mut run);
    log_in(&mut run, 0, Answer::Deactivated);
    run.visit(Act::Use { session: SESSION }, Answer::Over);
    run.accept("accounts.reactivate", "a", json!({}), "inklog.accounts.Reactivated", json!({}));
    logged_in(&mut run, 0, Uuid::from_u128(3));
    run.visit(Act::Use { session: Uuid::from_u128(3) }, GRANTED);
    run.is_clean();
    let mut over = run.clone();
    over.visit(Act::Use { session: Uuid::from_u128(3) }, Answer::Over);
    over.is(Kind::Access);
    refresh(&mut run, OTHER, 0, GRANTED);
    run.is(Kind::Access);
}

#[test]
fn a_lost_deactivation_and_a_doubled_one_are_found() {
    let mut lost = run();
    deactivate(&mut lost);
    lost.history.partitions[1].records.pop();
    lost.is(Kind::Lost);
    let mut doubled = run();
    deactivate(&mut doubled);
    let command = doubled.history.calls[1].command_id;
    doubled.append("inklog.accounts.Deactivated", "a", command, json!({}));
    doubled.is(Kind::Doubled);
}

#[test]
fn an_address_is_confirmed_as_it_was_asked() {
    let mut run = run();
    let asked = json!({"email_key": "e1"});
    run.accept("accounts.confirm", "a", asked.clone(), "inklog.accounts.EmailVerified", asked.clone());
    run.unchanged("accounts.confirm", "a", asked.clone(), 2);
    run.refuse("accounts.confirm", "a", asked, Refusal::NotShown, None);
    run.is_clean();
    run.event("accounts", 6).fields["email_key"] = json!("e2");
    run.has(Kind::Invented);
}

#[test]
fn a_person_who_is_forgotten_is_let_in_no_more() {
    let mut run = run();
    erase(&mut run);
    log_in(&mut run, 0, Answer::Wrong);
    refresh(&mut run, SESSION, 0, Answer::Over);
    run.is_clean();
    let mut refreshed = run.clone();
    refresh(&mut refreshed, SESSION, 0, GRANTED);
    refreshed.is(Kind::Access);
    log_in(&mut run, 0, GRANTED);
    run.is(Kind::Access);
}

#[test]
fn what_was_promised_is_done_in_the_end_by_this_command_or_another() {
    let mut run = run();
    run.call("accounts.erase", "a", json!({}), Outcome::Promised { done: false, position: None });
    run.is(Kind::Lost);
    erase(&mut run);
    run.is_clean();
    deactivate(&mut run);
    run.is(Kind::Invented);
}

#[test]
fn a_lost_erasure_and_one_elsewhere_are_found() {
    let mut lost = run();
    erase(&mut lost);
    let mut elsewhere = lost.clone();
    lost.history.partitions[1].records.pop();
    lost.is(Kind::Lost);
    if let Outcome::Promised { position: Some(position), .. } = &mut elsewhere.history.calls[1].outcome {
        position.offset += 1;
    }
    elsewhere.is(Kind::Lost);
}

/// A reader is shown the account by its name, or beside a post, after the given version.
fn shown(run: &mut Run, version: Option<u64>, name: &str) {
    let read = run.read("accounts", "a", version);
    read.seen[0].fields.insert("user_name".into(), json!(name));
}

#[test]
fn an_erased_name_that_is_seen_again_is_found() {
    let mut run = run();
    shown(&mut run, Some(1), "Ada");
    shown(&mut run, None, "Ada");
    erase(&mut run);
    // What readers see may lag.
    shown(&mut run, None, "Ada");
    run.is_clean();
    run.read("accounts", "a", None);
    shown(&mut run, None, "~deleted-00");
    run.is_clean();
    for version in [Some(1), None] {
        let mut again = run.clone();
        shown(&mut again, version, "Ada");
        again.is(Kind::Stale);
    }
}

#[test]
fn an_erased_name_is_not_shown_to_who_waited_for_the_erasure() {
    let mut run = run();
    erase(&mut run);
    let Outcome::Promised { position, .. } = run.history.calls[1].outcome.clone() else { panic!("it was promised") };
    shown(&mut run, None, "Ada");
    run.is_clean();
    run.history.reads[0].position = position;
    run.is(Kind::Stale);
}

#[test]
fn what_cannot_be_opened_any_more_is_not_held_against_what_was_asked_if_the_person_is_forgotten() {
    let mut run = run();
    shown(&mut run, Some(1), "Ada");
    run.history.reads[0].seen[0].fields.insert("display_name".into(), json!("Ada L."));
    run.event("accounts", 1).fields["display_name"] = json!({"forgotten": true});
    let row = |name: &str, text: &str, version: u64| {
        json!({"account_id": "a", "user_name": name, "display_name": text, "bio": "", "image_url": "",
            "former_user_names": [], "roles": [], "deactivated": false, "registered_at": 1_000_000,
            "version": version})
    };
    let mut kept = run.clone();
    kept.history.views.insert("authors".into(), vec![row("Ada", "Ada L.", 1)]);
    kept.is(Kind::Row);
    erase(&mut run);
    run.history.views.insert("authors".into(), vec![row("~deleted-", "", 2)]);
    run.is_clean();
    run.history.views.insert("authors".into(), vec![row("~deleted-", "Ada L.", 2)]);
    run.is(Kind::Row);
}

#[test]
fn the_address_of_a_person_who_is_forgotten_may_be_anothers() {
    let mut run = run();
    erase(&mut run);
    let erasure = run.history.calls[1].command_id;
    let (id, fields) = (run.id(), json!({"holder_id": "a", "expires_at": 7_500_000}));
    let (_, position) = run.append("inklog.accounts.EmailReleased", "email:e1", id, fields);
    run.event("accounts", usize::try_from(position.offset).unwrap()).correlation_id = erasure;
    let profile = json!({"user_name": "Bea", "display_name": "", "bio": "", "image_url": "", "email_key": "e1"});
    run.accept("accounts.enroll", "b", profile.clone(), "inklog.accounts.Registered", profile);
    hold(&mut run, "b", &["user-name:bea", "email:e1"]);
    run.is_clean();
    // Had neither been forgotten, both would bear it.
    run.event("accounts", 6).event_type = "inklog.accounts.Deactivated".into();
    run.has(Kind::Reservation);
}

fn reset(run: &mut Run, to: u64, answer: Answer) {
    run.visit(Act::Reset { to }, answer);
}

#[test]
fn a_password_that_came_by_mail_replaces_the_former_one_and_ends_all_sessions() {
    let mut good = run();
    reset(&mut good, 1, GRANTED);
    log_in(&mut good, 0, Answer::Wrong);
    logged_in(&mut good, 1, Uuid::from_u128(7));
    refresh(&mut good, SESSION, 0, Answer::Over);
    good.is_clean();
    let mut former = good.clone();
    log_in(&mut former, 0, GRANTED);
    former.is(Kind::Access);
    let mut alive = good.clone();
    refresh(&mut alive, OTHER, 0, GRANTED);
    alive.is(Kind::Access);
    let mut wrong = good.clone();
    log_in(&mut wrong, 1, Answer::Wrong);
    wrong.is(Kind::Access);
}

#[test]
fn a_letter_whose_answer_was_lost_may_have_set_the_password_or_not() {
    for (former, new) in [(GRANTED, Answer::Wrong), (Answer::Wrong, GRANTED)] {
        let mut run = run();
        reset(&mut run, 1, Answer::Unknown);
        reset(&mut run, 1, Answer::Over);
        log_in(&mut run, 0, former);
        log_in(&mut run, 1, new);
        run.is_clean();
        log_in(&mut run, 2, GRANTED);
        run.is(Kind::Access);
    }
}

#[test]
fn a_password_of_before_is_not_good_after_one_that_was_seen_to_be_good_since() {
    let mut run = run();
    reset(&mut run, 1, Answer::Unknown);
    reset(&mut run, 2, Answer::Unknown);
    log_in(&mut run, 2, GRANTED);
    run.is_clean();
    log_in(&mut run, 1, GRANTED);
    run.is(Kind::Access);
}

#[test]
fn where_a_code_is_needed_a_password_alone_lets_no_caller_in() {
    let mut run = run();
    run.visit(Act::AddFactor { session: SESSION }, Answer::Unknown);
    log_in(&mut run, 0, GRANTED);
    run.visit(Act::AddFactor { session: SESSION }, GRANTED);
    log_in(&mut run, 0, Answer::CodeNeeded);
    run.visit(Act::ShowCode { code: "1".into() }, Answer::Granted { session: Some(Uuid::from_u128(7)) });
    refresh(&mut run, Uuid::from_u128(7), 0, GRANTED);
    refresh(&mut run, OTHER, 0, Answer::Over);
    run.is_clean();
    let mut twice = run.clone();
    twice.visit(Act::ShowCode { code: "1".into() }, GRANTED);
    twice.is(Kind::Access);
    let mut without = run.clone();
    log_in(&mut without, 0, GRANTED);
    without.is(Kind::Access);
    run.visit(Act::RemoveFactor { session: SESSION }, Answer::Unknown);
    log_in(&mut run, 0, GRANTED);
    run.is_clean();
}

#[test]
fn no_code_is_asked_for_where_no_caller_had_added_one() {
    let mut run = run();
    log_in(&mut run, 0, Answer::CodeNeeded);
    run.is(Kind::Access);
}

#[test]
fn what_is_wrong_about_a_code_says_nothing_of_the_password() {
    let mut run = run();
    run.visit(Act::Show { password: 0 }, Answer::NotDone);
    run.visit(Act::ShowCode { code: "1".into() }, Answer::NotDone);
    run.is_clean();
}
