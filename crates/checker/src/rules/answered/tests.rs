use serde_json::{Value, json};

use crate::Kind;
use crate::testing::Run;

/// What is found of who may do what.
fn found(run: &Run) -> Vec<Kind> {
    run.judge().found.into_keys().filter(|kind| *kind == Kind::Access).collect()
}

/// A post of `a` that is published, with a comment of theirs.
fn published() -> Run {
    let mut run = Run::new();
    run.draft("p", "s");
    run.act("publish", "p");
    comment(&mut run, "a", None);
    run
}

fn comment(run: &mut Run, author: &str, reply_to: Option<i64>) {
    let fields = json!({"post_id": "p", "number": null, "author_id": author, "reply_to": reply_to, "text": "x",
        "editable_until_at": i64::MAX});
    let place = run.accept(
        "comments.write",
        "p",
        json!({"text": "x", "reply_to": reply_to}),
        "inklog.comments.Written",
        fields,
    );
    let offset = usize::try_from(place.offset).unwrap();
    let event = run.event("comments", offset);
    event.actor_id = author.into();
    event.fields.insert("number".into(), json!(offset));
}

fn react(run: &mut Run, by: &str, target: &str, arguments: Value) {
    let mark = format!("{by}:reaction:like:{target}");
    let (kind, id) = target.split_once(':').unwrap();
    let fields = json!({"account_id": by, "target_kind": kind, "target_id": id, "kind": "like"});
    let place = run.accept("reactions.react", &mark, arguments, "inklog.reactions.Given", fields);
    run.event("reactions", usize::try_from(place.offset).unwrap()).actor_id = by.into();
}

fn follow(run: &mut Run, by: &str, whom: &str) {
    let (pair, fields) = (format!("{by}:{whom}"), json!({"follower_id": by, "followee_id": whom}));
    let place = run.accept("following.follow", &pair, json!({}), "inklog.following.Followed", fields);
    run.event("following", usize::try_from(place.offset).unwrap()).actor_id = by.into();
}

fn invite(run: &mut Run, whom: &str) {
    let whom = json!({"account_id": whom});
    drop(run.accept("posts.invite", "p", whom.clone(), "inklog.posts.CoAuthorInvited", whom));
}

fn block(run: &mut Run, verb: &str, event: &str, (blocker, blocked): (&str, &str)) {
    let (pair, fields) = (format!("block:{blocker}:{blocked}"), json!({"blocker_id": blocker, "blocked_id": blocked}));
    let event = format!("inklog.moderation.{event}");
    let place = run.accept(&format!("moderation.{verb}"), &pair, json!({}), &event, fields);
    run.event("moderation", usize::try_from(place.offset).unwrap()).actor_id = blocker.into();
}

/// A moderator hides the post, or shows it; of what comes after it in the log it is told when.
fn rule(run: &mut Run, event: &str, ruling: i64) {
    let id = run.id();
    let mut fields = json!({"ruling": ruling});
    if event == "Hidden" {
        fields["from_author"] = json!(false);
    }
    let _ = run.append(&format!("inklog.posts.{event}"), "p", id, fields);
    run.draft(&format!("after-{ruling}"), &format!("after-{ruling}"));
}

#[test]
fn what_moderators_hid_takes_no_comments_and_reactions_once_every_instance_knows() {
    let acts: [&dyn Fn(&mut Run); 3] =
        [&|run| comment(run, "c", None), &|run| react(run, "c", "post:p", json!({})), &|run| {
            react(run, "c", "comment:c", json!({"post_id": "p", "number": 1}))
        }];
    for act in acts {
        let mut run = published();
        act(&mut run);
        rule(&mut run, "Hidden", 1);
        act(&mut run);
        assert_eq!(found(&run), [], "an instance may look at what it has read before");
        run.later();
        let mut shown = run.clone();
        act(&mut run);
        assert_eq!(found(&run), [Kind::Access]);
        rule(&mut shown, "Shown", 2);
        act(&mut shown);
        assert_eq!(found(&shown), [], "it is shown again");
    }
}

#[test]
fn a_draft_and_what_is_deleted_take_no_comments() {
    for verb in ["unpublish", "delete"] {
        let mut run = published();
        run.act(verb, "p");
        run.later();
        comment(&mut run, "c", None);
        assert_eq!(found(&run), [Kind::Access], "{verb}");
    }
}

#[test]
fn a_comment_that_is_deleted_is_not_answered_nor_reacted_to() {
    let mut run = published();
    run.accept(
        "comments.delete",
        "p",
        json!({"number": 1}),
        "inklog.comments.Deleted",
        json!({"post_id": "p", "number": 1, "author_id": "a"}),
    );
    run.later();
    let mut reacted = run.clone();
    comment(&mut run, "c", Some(1));
    assert_eq!(found(&run), [Kind::Access]);
    react(&mut reacted, "c", "comment:c", json!({"post_id": "p", "number": 1}));
    assert_eq!(found(&reacted), [Kind::Access]);
}

#[test]
fn nothing_is_accepted_from_who_is_blocked_once_every_instance_knows() {
    type Act<'a> = &'a dyn Fn(&mut Run);
    let acts: [(&str, Act<'_>); 5] = [
        ("comments", &|run| comment(run, "b", None)),
        ("answers", &|run| comment(run, "b", Some(1))),
        ("reacts", &|run| react(run, "b", "comment:c", json!({"post_id": "p", "number": 1}))),
        ("follows", &|run| follow(run, "b", "a")),
        ("is invited", &|run| invite(run, "b")),
    ];
    for (what, act) in acts {
        for pair in [("a", "b"), ("b", "a")] {
            let mut run = published();
            block(&mut run, "block", "PersonBlocked", pair);
            let mut soon = run.clone();
            act(&mut soon);
            assert_eq!(found(&soon), [], "{what}: an instance may look at what it has read before");
            run.later();
            let mut ended = run.clone();
            act(&mut run);
            assert_eq!(found(&run), [Kind::Access], "{what}");
            block(&mut ended, "unblock", "PersonUnblocked", pair);
            act(&mut ended);
            assert_eq!(found(&ended), [], "{what}: it has ended");
        }
    }
}

#[test]
fn a_reaction_to_a_post_is_no_answer_to_a_person_and_others_are_not_apart() {
    let mut run = published();
    block(&mut run, "block", "PersonBlocked", ("a", "b"));
    run.later();
    react(&mut run, "b", "post:p", json!({}));
    comment(&mut run, "c", Some(1));
    follow(&mut run, "c", "a");
    assert_eq!(found(&run), []);
}

#[test]
fn whose_a_post_is_that_was_handed_over_is_not_told_for_sure_at_that_moment() {
    let mut run = published();
    block(&mut run, "block", "PersonBlocked", ("a", "b"));
    run.later();
    let to = || json!({"account_id": "d"});
    run.accept(
        "posts.hand_over",
        "p",
        to(),
        "inklog.posts.HandedOver",
        json!({"from_account_id": "a", "to_account_id": "d"}),
    );
    let mut soon = run.clone();
    comment(&mut soon, "b", None);
    assert_eq!(found(&soon), []);
    run.later();
    comment(&mut run, "b", None);
    assert_eq!(found(&run), [], "it is another's");
    block(&mut run, "block", "PersonBlocked", ("d", "b"));
    run.later();
    comment(&mut run, "b", None);
    assert_eq!(found(&run), [Kind::Access]);
}
