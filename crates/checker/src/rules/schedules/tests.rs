use serde_json::json;

use super::BY_ITSELF;
use crate::Kind;
use crate::testing::Run;

/// Events are a second apart, and half a thousand of them; the clock of the log.
const LATER: i64 = 1_000_000;

fn scheduled(at: i64) -> Run {
    let mut run = Run::new();
    let _ = run.draft("p", "s");
    let fields = json!({"release_at": at});
    run.accept("posts.schedule", "p", fields.clone(), "inklog.posts.Scheduled", fields);
    run
}

fn expiring(at: i64) -> Run {
    let mut run = Run::new();
    let _ = run.draft("p", "s");
    run.act("publish", "p");
    let fields = json!({"expires_at": at});
    run.accept("posts.expire", "p", fields.clone(), "inklog.posts.ExpirySet", fields);
    run
}

/// Something happens to the post by itself, as the next event of the log.
fn by_itself(run: &mut Run, verb: &str) {
    let id = run.id();
    let (_, position) = run.append(&format!("inklog.posts.{verb}"), "p", id, json!({}));
    run.event("posts", usize::try_from(position.offset).unwrap()).actor_id = BY_ITSELF.into();
}

/// The log goes on for long.
fn goes_on(run: &mut Run) {
    let _ = run.draft("q", "q");
    let last = run.history.partitions[0].records.len() - 1;
    run.event("posts", last).occurred_at += 60 * LATER;
}

#[test]
fn a_schedule_that_is_carried_out_once_is_fine() {
    let mut run = scheduled(5 * LATER);
    by_itself(&mut run, "Published");
    goes_on(&mut run);
    run.is_clean();
    let mut run = expiring(6 * LATER);
    by_itself(&mut run, "Unpublished");
    goes_on(&mut run);
    run.is_clean();
}

#[test]
fn one_that_is_yet_to_come_is_fine() {
    let mut run = scheduled(500 * LATER);
    goes_on(&mut run);
    run.is_clean();
}

#[test]
fn one_that_is_carried_out_early_is_noticed() {
    let mut run = scheduled(50 * LATER);
    by_itself(&mut run, "Published");
    run.is(Kind::Schedule);
}

#[test]
fn one_that_is_carried_out_twice_is_noticed() {
    let mut run = scheduled(5 * LATER);
    by_itself(&mut run, "Published");
    by_itself(&mut run, "Published");
    run.is(Kind::Schedule);
}

#[test]
fn one_that_is_missed_is_noticed() {
    for mut run in [scheduled(5 * LATER), expiring(6 * LATER)] {
        goes_on(&mut run);
        run.is(Kind::Schedule);
    }
}

#[test]
fn a_clock_that_was_ahead_is_not_the_end_of_the_log() {
    let mut run = scheduled(20 * LATER);
    goes_on(&mut run);
    let _ = run.draft("r", "r");
    run.is_clean();
}

#[test]
fn one_that_was_withdrawn_is_not_carried_out() {
    let mut run = scheduled(5 * LATER);
    run.accept("posts.unschedule", "p", json!({}), "inklog.posts.Unscheduled", json!({}));
    let mut late = run.clone();
    goes_on(&mut run);
    run.is_clean();
    by_itself(&mut late, "Published");
    late.is(Kind::Schedule);
}

#[test]
fn a_deleted_post_is_not_released() {
    let deleted = || {
        let mut run = scheduled(5 * LATER);
        run.act("delete", "p");
        run
    };
    let mut withdrawn = deleted();
    by_itself(&mut withdrawn, "Unscheduled");
    withdrawn.is_clean();
    let mut published = deleted();
    by_itself(&mut published, "Published");
    published.is(Kind::Schedule);
}

/// An account registers, and ends.
fn out(run: &mut Run, account: &str, verb: &str) {
    for verb in ["Registered", verb] {
        let id = run.id();
        let _ = run.append(&format!("inklog.accounts.{verb}"), account, id, json!({}));
    }
}

#[test]
fn a_release_is_called_off_if_its_owner_is_out_and_only_then() {
    for verb in ["Deactivated", "Erased"] {
        let mut run = scheduled(5 * LATER);
        out(&mut run, "a", verb);
        by_itself(&mut run, "Unscheduled");
        assert_eq!(run.judge().count(Kind::Schedule), 0, "{verb}");
    }
    let mut anothers = scheduled(5 * LATER);
    out(&mut anothers, "b", "Deactivated");
    by_itself(&mut anothers, "Unscheduled");
    anothers.has(Kind::Schedule);
}

#[test]
fn a_release_is_called_off_if_a_moderator_blocks_its_owner_from_all_and_only_then() {
    let decided = |measure: &str, post: Option<&str>| {
        let mut run = scheduled(5 * LATER);
        let id = run.id();
        let fields = json!({"measure": measure, "blocked_post_id": post, "subject_id": "a", "ruling": 1});
        let _ = run.append("inklog.moderation.Decided", "account:a", id, fields);
        by_itself(&mut run, "Unscheduled");
        run.judge().count(Kind::Schedule)
    };
    assert_eq!(decided("block", None), 0);
    assert_eq!((decided("block", Some("p")), decided("mute", None)), (1, 1));
}

#[test]
fn an_expiry_is_not_called_off() {
    let mut run = expiring(6 * LATER);
    out(&mut run, "a", "Erased");
    by_itself(&mut run, "Unscheduled");
    run.has(Kind::Schedule);
}

#[test]
fn nothing_else_happens_by_itself() {
    let mut run = scheduled(50 * LATER);
    by_itself(&mut run, "Deleted");
    run.is(Kind::Schedule);
}

/// The zone's clocks skip that time, so the offset before the gap is meant.
#[test]
fn a_local_time_comes_to_what_the_checker_makes_of_it() {
    let at = |release_at: i64| {
        let mut run = Run::new();
        let _ = run.draft("p", "s");
        let asked = json!({"local_time": "2035-03-25T02:30:00", "time_zone": "Europe/Berlin"});
        let mut fields = asked.clone();
        fields["release_at"] = json!(release_at);
        run.accept("posts.schedule", "p", asked, "inklog.posts.Scheduled", fields);
        run
    };
    at(2_058_399_000_000).is_clean();
    at(2_058_395_400_000).is(Kind::Invented);
}
