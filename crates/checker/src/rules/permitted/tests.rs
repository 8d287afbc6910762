use serde_json::{Value, json};

use crate::Kind;
use crate::history::Caller;
use crate::testing::Run;

/// What is found of who may do what, and of what was decided.
fn found(run: &Run) -> Vec<Kind> {
    run.judge().found.into_keys().filter(|kind| matches!(kind, Kind::Access | Kind::Undecided)).collect()
}

/// The account `a` decides something by a role.
fn decide(run: &mut Run, case: &str, (measure, role): (&str, &str), ruling: i64) {
    let (kind, id) = case.split_once(':').unwrap();
    let asked = json!({"measure": measure, "rule": "spam", "explanation": "x"});
    let mut fields = json!({"target_kind": kind, "target_id": id, "subject_id": "b", "ruling": ruling,
        "ruled_at": i64::MAX, "moderator_id": "a", "moderator_role": role});
    fields.as_object_mut().unwrap().extend(asked.as_object().unwrap().clone());
    run.accept("moderation.decide", case, asked, "inklog.moderation.Decided", fields);
    by(run, role);
}

/// The last call is of `a`, whose token has this role.
fn by(run: &mut Run, role: &str) {
    let is_editor = matches!(role, "editor" | "admin");
    let caller = Caller { account_id: "a".into(), is_editor, role: Some(role.into()) };
    run.history.calls.last_mut().unwrap().caller = Some(caller);
}

fn role(run: &mut Run, verb: &str, event: &str, name: &str) {
    let role = json!({"role_name": name});
    run.accept(&format!("accounts.{verb}"), "b", role.clone(), &format!("inklog.accounts.{event}"), role);
}

#[test]
fn moderators_deal_with_people_of_lesser_roles_alone() {
    for (theirs, own, is_right) in
        [("moderator", "moderator", false), ("moderator", "editor", true), ("admin", "admin", false)]
    {
        let mut run = Run::new();
        role(&mut run, "grant", "RoleGranted", theirs);
        let mut soon = run.clone();
        decide(&mut soon, "account:b", ("mute", own), 1);
        assert_eq!(found(&soon), [], "an instance may not have read it");
        run.later();
        let mut taken = run.clone();
        decide(&mut run, "account:b", ("mute", own), 1);
        assert_eq!(found(&run).is_empty(), is_right, "{own} of {theirs}");
        role(&mut taken, "revoke", "RoleRevoked", theirs);
        decide(&mut taken, "account:b", ("mute", own), 1);
        assert_eq!(found(&taken), [], "whose role is taken");
    }
}

#[test]
fn what_one_of_a_higher_role_wrote_is_hidden_by_no_lesser_one() {
    for (own, is_right) in [("moderator", false), ("editor", true)] {
        let mut run = Run::new();
        role(&mut run, "grant", "RoleGranted", "editor");
        run.later();
        decide(&mut run, "post:p", ("hide", own), 1);
        assert_eq!(found(&run).is_empty(), is_right, "{own}");
    }
}

#[test]
fn a_role_that_is_not_the_callers_is_noticed() {
    let mut run = Run::new();
    decide(&mut run, "post:p", ("hide", "moderator"), 1);
    assert_eq!(found(&run), []);
    by(&mut run, "author");
    assert_eq!(found(&run), [Kind::Access]);
}

/// A post that moderators have removed by its first ruling.
fn removed() -> Run {
    let mut run = Run::new();
    run.draft("p", "s");
    run.act("publish", "p");
    decide(&mut run, "post:p", ("remove", "moderator"), 1);
    hidden(&mut run, 1);
    run
}

fn hidden(run: &mut Run, ruling: i64) {
    let id = run.id();
    let _ = run.append("inklog.posts.Hidden", "p", id, json!({"ruling": ruling, "from_author": true}));
}

#[test]
fn who_writes_a_removed_post_takes_back_what_they_did_and_changes_nothing() {
    let edit = |run: &mut Run| {
        drop(run.accept("posts.edit", "p", json!({"title": "t"}), "inklog.posts.Edited", json!({"title": "t"})));
    };
    let unpublish = |run: &mut Run| drop(run.act("unpublish", "p"));
    type Act<'a> = &'a dyn Fn(&mut Run);
    let acts: [(Act<'_>, &str, bool); 4] =
        [(&edit, "author", false), (&edit, "moderator", true), (&unpublish, "author", true), (&edit, "admin", true)];
    for (act, role, is_right) in acts {
        let mut run = removed();
        act(&mut run);
        by(&mut run, role);
        assert_eq!(found(&run).is_empty(), is_right, "{role}");
    }
}

#[test]
fn a_lesser_ruling_is_passed_over_while_a_greater_stands() {
    let mut run = removed();
    decide(&mut run, "post:p", ("hide", "moderator"), 2);
    let mut right = run.clone();
    hidden(&mut right, 2);
    assert_eq!(found(&right), []);
    hidden(&mut run, 1);
    assert_eq!(found(&run), [Kind::Undecided]);
}

#[test]
fn a_lesser_ruling_on_a_comment_is_passed_over_too() {
    let of = |more: &Value| {
        let mut fields = json!({"post_id": "p", "number": 1, "author_id": "b"});
        fields.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        fields
    };
    let hidden = |run: &mut Run, ruling: i64| {
        let id = run.id();
        let fields = of(&json!({"ruling": ruling, "from_author": false}));
        let _ = run.append("inklog.comments.Hidden", "p", id, fields);
    };
    let mut run = Run::new();
    let written = of(&json!({"text": "x", "editable_until_at": i64::MAX}));
    run.accept("comments.write", "p", json!({"text": "x"}), "inklog.comments.Written", written);
    for ruling in 1..=2 {
        let case = json!({"target_kind": "comment", "target_id": "c", "post_id": "p", "number": 1, "subject_id": "b",
            "ruling": ruling, "ruled_at": i64::MAX, "moderator_id": "a", "moderator_role": "moderator",
            "measure": "hide", "rule": "spam", "explanation": "x"});
        let asked = json!({"measure": "hide", "rule": "spam", "explanation": "x"});
        run.accept("moderation.decide", "comment:p:1", asked, "inklog.moderation.Decided", case);
    }
    hidden(&mut run, 1);
    hidden(&mut run, 2);
    assert_eq!(found(&run), []);
    hidden(&mut run, 2);
    assert_eq!(found(&run), [Kind::Undecided]);
}
