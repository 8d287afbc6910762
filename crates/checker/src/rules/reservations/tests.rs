use serde_json::json;

use crate::Kind;
use crate::history::Outcome;
use crate::testing::Run;

#[test]
fn two_posts_with_a_slug_each_are_fine() {
    let mut run = Run::new();
    run.draft("p", "s");
    run.draft("q", "t");
    run.is_clean();
}

#[test]
fn two_posts_with_one_slug_are_not() {
    let mut run = Run::new();
    run.draft("p", "s");
    run.draft("q", "t");
    run.event("posts", 5).fields.insert("slug".into(), json!("s"));
    run.has(Kind::Reservation);
}

#[test]
fn a_former_slug_stays_taken() {
    let mut run = Run::new();
    run.draft("p", "s");
    run.reservation("inklog.posts.SlugClaimed", "s2", "p", run.history.calls[0].command_id);
    let asked = json!({"slug": "s2"});
    run.accept("posts.edit", "p", asked.clone(), "inklog.posts.Edited", asked);
    run.is_clean();
    run.draft("q", "t");
    run.event("posts", 7).fields.insert("slug".into(), json!("s"));
    run.has(Kind::Reservation);
}

/// A post gives its former slug up, and another has it. The events after the rename are at 6, 7, 8, 9, 10.
fn handed_on_slug() -> Run {
    let mut run = Run::new();
    run.draft("p", "s");
    let command = run.history.calls[0].command_id;
    run.reservation("inklog.posts.SlugClaimed", "s2", "p", command);
    let asked = json!({"slug": "s2"});
    run.accept("posts.edit", "p", asked.clone(), "inklog.posts.Edited", asked);
    let asked = json!({"slug": "s"});
    run.accept("posts.give_up_slug", "p", asked.clone(), "inklog.posts.SlugGivenUp", asked);
    run.reservation("inklog.posts.SlugReleased", "s", "p", command);
    run.event("posts", 7).fields.insert("expires_at".into(), json!(7_060_000));
    run.draft("q", "s");
    run
}

#[test]
fn a_former_slug_that_was_given_up_is_anothers() {
    handed_on_slug().is_clean();
    let mut too_soon = handed_on_slug();
    too_soon.event("posts", 9).occurred_at = 5_999_999;
    too_soon.has(Kind::Reservation);
}

#[test]
fn a_slug_that_was_not_given_up_is_not_released() {
    let mut run = handed_on_slug();
    run.event("posts", 6).fields.insert("slug".into(), json!("another"));
    run.has(Kind::Reservation);
}

#[test]
fn a_bearer_holds_the_reservation() {
    let mut run = Run::new();
    run.draft("p", "s");
    run.event("posts", 1).fields.insert("holder_id".into(), json!("q"));
    run.event("posts", 3).fields.insert("holder_id".into(), json!("q"));
    run.is(Kind::Reservation);
}

#[test]
fn a_reservation_is_taken_over_only_when_it_has_expired_and_never_when_confirmed() {
    let reservations = |then: &str, expires: i64| {
        let mut run = Run::new();
        run.draft("p", "other");
        let command = run.history.calls[0].command_id;
        run.reservation("inklog.posts.SlugClaimed", "s", "p", command);
        run.event("posts", 4).fields.insert("expires_at".into(), json!(expires));
        if then == "confirmed" {
            run.reservation("inklog.posts.SlugConfirmed", "s", "p", command);
        }
        run.reservation("inklog.posts.SlugClaimed", "s", "q", uuid::Uuid::from_u128(77));
        let last = run.history.partitions[0].records.len() - 1;
        run.event("posts", last).correlation_id = command;
        run
    };
    reservations("", 5_000_000).is_clean();
    reservations("", 5_000_001).is(Kind::Reservation);
    reservations("confirmed", 5_000_000).is(Kind::Reservation);
}

#[test]
fn what_is_confirmed_is_borne() {
    let mut run = Run::new();
    run.draft("p", "s");
    let command = run.history.calls[0].command_id;
    // Reserved and left to expire: the post was drafted under another slug.
    run.reservation("inklog.posts.SlugClaimed", "t", "p", command);
    run.is_clean();
    run.reservation("inklog.posts.SlugConfirmed", "t", "p", command);
    run.is(Kind::Reservation);
}

#[test]
fn what_is_confirmed_is_borne_by_then() {
    let mut run = Run::new();
    run.draft("p", "s");
    let drafted_at = run.event("posts", 2).occurred_at;
    run.event("posts", 3).occurred_at = drafted_at - 30_000;
    run.is_clean();
    run.event("posts", 3).occurred_at = drafted_at - 30_001;
    run.has(Kind::Reservation);
}

#[test]
fn user_names_are_unique_without_regard_to_case() {
    let mut run = Run::new();
    for (id, name) in [("x", "Ann"), ("y", "ann")] {
        let asked = json!({"user_name": name, "display_name": "", "bio": "", "image_url": ""});
        run.accept("accounts.register", id, asked.clone(), "inklog.accounts.Registered", asked);
    }
    run.is(Kind::Reservation);
}

/// Two accounts that bear one name after the other; the second takes it over as long after the release as given.
fn handed_on(after: i64) -> Run {
    let mut run = Run::new();
    let register = |run: &mut Run, id: &str, name: &str| {
        let asked = json!({"user_name": name, "display_name": "", "bio": "", "image_url": ""});
        let command = run.call("accounts.register", id, asked.clone(), Outcome::Unknown).command_id;
        let mut registered = asked;
        registered["email_key"] = json!("");
        run.append("inklog.accounts.Registered", id, command, registered);
        command
    };
    let reservation = |run: &mut Run, what: &str, name: &str, holder: &str, expires_at: i64, command: uuid::Uuid| {
        let step = uuid::Uuid::new_v5(&command, format!("{what}/{name}/{expires_at}").as_bytes());
        let fields = json!({"claimed_value": name, "holder_id": holder, "expires_at": expires_at});
        let event = format!("inklog.accounts.UserName{what}");
        let (_, at) = run.append(&event, &format!("user-name:{name}"), step, fields);
        run.event("accounts", usize::try_from(at.offset).unwrap()).correlation_id = command;
        run.event("accounts", usize::try_from(at.offset).unwrap()).occurred_at
    };
    let x = register(&mut run, "x", "Ann");
    reservation(&mut run, "Claimed", "ann", "x", 9_000_000, x);
    reservation(&mut run, "Confirmed", "ann", "x", 0, x);
    let asked = json!({"user_name": "anna"});
    reservation(&mut run, "Claimed", "anna", "x", 9_000_000, x);
    run.accept("accounts.rename", "x", asked.clone(), "inklog.accounts.UserNameChanged", asked);
    let released = reservation(&mut run, "Released", "ann", "x", 8_000_000 - after, x);
    assert!(released < 8_000_000);
    let y = register(&mut run, "y", "ann");
    run.event("accounts", 7).occurred_at = 9_000_000;
    reservation(&mut run, "Claimed", "ann", "y", 99_000_000, y);
    run
}

#[test]
fn a_name_that_was_given_up_is_had_by_another_when_its_reservation_expired() {
    handed_on(0).is_clean();
    handed_on(-1).is(Kind::Reservation);
}

#[test]
fn a_name_that_was_given_up_is_not_confirmed() {
    let confirmed = |at: i64| {
        let mut run = handed_on(0);
        let given_up_at = run.event("accounts", 5).occurred_at;
        run.event("accounts", 3).occurred_at = given_up_at + at;
        run.judge().count(Kind::Reservation)
    };
    assert_eq!(confirmed(30_000), 0, "by a clock that is as wrong as is tolerated");
    assert_eq!(confirmed(30_001), 1);
}

#[test]
fn a_name_is_not_borne_by_another_before_it_was_given_up() {
    let mut run = handed_on(0);
    run.event("accounts", 7).occurred_at = 1_500_000;
    run.has(Kind::Reservation);
}

/// An account that gives its address up at this time, and another that takes it over once the reservation has expired.
fn given_up(at: i64) -> Run {
    let mut run = Run::new();
    let register = |run: &mut Run, id: &str| {
        let asked = json!({"user_name": "", "display_name": "", "bio": "", "image_url": "", "email_key": "e"});
        let command = run.call("accounts.register", id, asked.clone(), Outcome::Unknown).command_id;
        run.append("inklog.accounts.Registered", id, command, asked);
        command
    };
    let reservation = |run: &mut Run, what: &str, holder: &str, expires_at: i64, command: uuid::Uuid| {
        let step = uuid::Uuid::new_v5(&command, format!("{what}/{holder}").as_bytes());
        let fields = json!({"claimed_value": "e", "holder_id": holder, "expires_at": expires_at});
        let (_, at) = run.append(&format!("inklog.accounts.Email{what}"), "email:e", step, fields);
        run.event("accounts", usize::try_from(at.offset).unwrap()).correlation_id = command;
    };
    let x = register(&mut run, "x");
    reservation(&mut run, "Claimed", "x", 9_000_000, x);
    reservation(&mut run, "Confirmed", "x", 0, x);
    run.append("inklog.accounts.EmailGivenUp", "x", x, json!({"email_key": "e"}));
    run.event("accounts", 4).occurred_at = at;
    reservation(&mut run, "Released", "x", 0, x);
    let y = register(&mut run, "y");
    run.event("accounts", 6).occurred_at = 9_000_000;
    reservation(&mut run, "Claimed", "y", 99_000_000, y);
    run
}

#[test]
fn an_address_that_was_given_up_is_anothers_from_then_on_and_not_before() {
    let verdict = given_up(8_000_000).judge();
    assert_eq!(verdict.count(Kind::Reservation), 0, "{verdict}");
    given_up(9_000_001).has(Kind::Reservation);
}
