use serde_json::{Value, json};
use uuid::Uuid;

use crate::Kind;
use crate::history::{Caller, Refusal};
use crate::testing::Run;

#[test]
fn a_conflict_names_a_version_that_there_was_and_not_the_one_asked_for() {
    let mut run = Run::new();
    run.set("a", 1);
    run.refuse("cells.set", "a", json!({"value": 2}), Refusal::VersionConflict, Some(1));
    run.is_clean();
    run.history.calls[1].expected = Some(1);
    run.is(Kind::Stale);
    run.refuse("cells.set", "a", json!({"value": 2}), Refusal::VersionConflict, Some(9));
    run.has(Kind::Invented);
}

#[test]
fn a_post_that_is_deleted_is() {
    let mut run = Run::new();
    run.draft("p", "s");
    run.act("delete", "p");
    run.refuse("posts.publish", "p", json!({}), Refusal::Deleted, None);
    run.refuse("posts.publish", "p", json!({}), Refusal::Deleted, Some(2));
    run.act("restore", "p");
    run.is_clean();
    run.refuse("posts.publish", "p", json!({}), Refusal::Deleted, None);
    run.is(Kind::Stale);
}

/// The author of the posts that are drafted here is the account `a`.
#[test]
fn a_draft_is_there_for_its_author_and_for_editors() {
    let by = |account: &str, is_editor| Some(Caller { account_id: account.into(), is_editor, role: None });
    let mut run = Run::new();
    run.draft("p", "s");
    run.refuse("posts.publish", "p", json!({}), Refusal::NotFound, None);
    run.is_clean();
    let last = run.history.calls.len() - 1;
    for (caller, is_right) in [(by("b", false), true), (by("a", false), false), (by("b", true), false)] {
        run.history.calls[last].caller = caller.clone();
        assert_eq!(run.judge().is_clean(), is_right, "{caller:?}");
    }
    run.is(Kind::Stale);
}

#[test]
fn a_draft_is_there_for_who_is_asked_to_write_it_until_they_leave() {
    let b = || json!({"account_id": "b"});
    let mut run = Run::new();
    run.draft("p", "s");
    let refused = |run: &mut Run| {
        run.refuse("posts.edit", "p", json!({"title": "t"}), Refusal::NotFound, None);
        run.history.calls.last_mut().unwrap().caller =
            Some(Caller { account_id: "b".into(), is_editor: false, role: None });
    };
    refused(&mut run);
    run.accept("posts.invite", "p", b(), "inklog.posts.CoAuthorInvited", b());
    run.accept("posts.accept", "p", b(), "inklog.posts.CoAuthorJoined", b());
    run.accept("posts.remove", "p", b(), "inklog.posts.CoAuthorLeft", b());
    refused(&mut run);
    run.is_clean();
    let mut run = Run::new();
    run.draft("p", "s");
    run.accept("posts.invite", "p", b(), "inklog.posts.CoAuthorInvited", b());
    refused(&mut run);
    run.is(Kind::Stale);
}

#[test]
fn a_slug_that_is_taken_is_anothers() {
    let mut run = Run::new();
    run.draft("p", "s");
    run.refuse("posts.draft", "q", json!({"slug": "s", "title": "q"}), Refusal::Taken, None);
    run.is_clean();
    run.refuse("posts.draft", "q", json!({"slug": "free", "title": "q"}), Refusal::Taken, None);
    run.is(Kind::Stale);
}

#[test]
fn an_id_is_reused_only_for_something_else() {
    let mut run = Run::new();
    run.set("a", 1);
    let id = run.history.calls[0].command_id;
    run.refuse("cells.set", "a", json!({"value": 2}), Refusal::IdReused, None);
    run.history.calls[1].command_id = id;
    run.is_clean();
    run.history.calls[1].arguments = json!({"value": 1});
    run.is(Kind::Stale);
}

#[test]
fn no_account_follows_itself_and_each_may_follow_others() {
    let mut run = Run::new();
    run.refuse("following.follow", "a:a", json!({}), Refusal::Invalid, None);
    run.is_clean();
    run.refuse("following.follow", "a:b", json!({}), Refusal::Invalid, None);
    run.is(Kind::Stale);
}

#[test]
fn a_request_that_is_right_is_not_called_wrong() {
    let mut run = Run::new();
    run.draft("p", "s");
    run.refuse("unheard.of", "p", json!({}), Refusal::Invalid, None);
    run.refuse("cells.set", "a", json!({"value": 1}), Refusal::Invalid, Some(0));
    run.is_clean();
    run.refuse("posts.edit", "p", json!({"title": "new"}), Refusal::Invalid, None);
    run.is(Kind::Stale);
}

/// An account takes a name, with the reservation on it.
fn rename(run: &mut Run, account: &str, name: &str) {
    let asked = json!({"user_name": name});
    run.accept("accounts.rename", account, asked.clone(), "inklog.accounts.UserNameChanged", asked);
    let command_id = run.history.calls.last().unwrap().command_id;
    let step = Uuid::new_v5(&command_id, name.as_bytes());
    let held = json!({"claimed_value": name, "holder_id": account, "expires_at": 9_000_000});
    let (_, at) = run.append("inklog.accounts.UserNameClaimed", &format!("user-name:{name}"), step, held);
    run.event("accounts", usize::try_from(at.offset).unwrap()).correlation_id = command_id;
}

#[test]
fn an_account_is_not_put_under_another_name_than_it_bears() {
    let mut run = Run::new();
    rename(&mut run, "x", "ann");
    let put = |run: &mut Run, name: &str| {
        run.refuse("accounts.put", "x", json!({"user_name": name}), Refusal::Invalid, None);
    };
    put(&mut run, "bea");
    run.is_clean();
    put(&mut run, "ann");
    run.is(Kind::Stale);
    run.history.calls.pop();
    let before = run.history.calls.last().unwrap().invoked_at;
    rename(&mut run, "x", "bea");
    put(&mut run, "bea");
    run.is(Kind::Stale);
    // Asked while it may have borne the former name.
    run.history.calls.last_mut().unwrap().invoked_at = before;
    run.is_clean();
}

/// An account `a`, a post `p` that everyone can read, and a comment on it, all of it for long.
fn before_readers() -> Run {
    let mut run = Run::new();
    let profile = json!({"display_name": "", "bio": "", "image_url": ""});
    run.accept("accounts.register", "a", profile.clone(), "inklog.accounts.Registered", profile);
    run.draft("p", "s");
    run.act("publish", "p");
    let written = json!({"post_id": "p", "number": 1, "author_id": "a", "text": "t", "depth": 0});
    run.accept("comments.write", "p", json!({"text": "t"}), "inklog.comments.Written", written);
    run.later();
    run.is_clean();
    run
}

/// What the account says of the post, of its first comment, and of one that is not there.
fn of_post() -> (&'static str, Value) {
    ("a:reaction:like:post:p", json!({}))
}

fn of_comment(number: i64) -> (&'static str, Value) {
    ("a:reaction:like:comment:c", json!({"post_id": "p", "number": number}))
}

fn refused(run: &Run, (mark, arguments): (&str, Value), refusal: Refusal) -> Run {
    let mut run = run.clone();
    run.refuse("reactions.react", mark, arguments, refusal, None);
    run
}

#[test]
fn what_everyone_can_read_is_not_refused_a_reaction() {
    let run = before_readers();
    for refusal in [Refusal::NotFound, Refusal::Invalid, Refusal::NotPermitted] {
        for mark in [of_post(), of_comment(1)] {
            refused(&run, mark, refusal).is(Kind::Stale);
        }
        let mut sharing = run.clone();
        sharing.refuse("reactions.share", "a:share:link:post:p", json!({}), refusal, None);
        sharing.is(Kind::Stale);
    }
    refused(&run, of_comment(2), Refusal::NotFound).is_clean();
    refused(&run, of_comment(2), Refusal::Invalid).is(Kind::Stale);
}

#[test]
fn what_cannot_be_read_is_refused_a_reaction_and_so_is_a_comment_that_says_nothing() {
    let mut run = before_readers();
    let gone = json!({"post_id": "p", "number": 1});
    run.accept("comments.delete", "p", json!({"number": 1}), "inklog.comments.Deleted", gone);
    run.later();
    refused(&run, of_comment(1), Refusal::Invalid).is_clean();
    refused(&run, of_comment(1), Refusal::NotFound).is(Kind::Stale);
    refused(&run, of_post(), Refusal::Invalid).is(Kind::Stale);
    run.act("unpublish", "p");
    for refusal in [Refusal::NotFound, Refusal::Invalid] {
        refused(&run, of_post(), refusal).is_clean();
    }
    refused(&run, of_post(), Refusal::NotPermitted).is(Kind::Stale);
    run.act("publish", "p");
    // As long as an instance may look at what it read before.
    refused(&run, of_post(), Refusal::NotFound).is_clean();
    run.later();
    refused(&run, of_post(), Refusal::NotFound).is(Kind::Stale);
}

/// A moderator has hidden the first comment.
fn hidden(run: &mut Run) {
    let about = json!({"target_kind": "comment", "target_id": "c", "post_id": "p", "number": 1, "subject_id": "b"});
    let mut decided = json!({"ruling": 1, "ruled_at": i64::MAX, "moderator_id": "a", "moderator_role": "moderator",
        "measure": "hide", "rule": "spam", "explanation": "x"});
    decided.as_object_mut().unwrap().extend(about.as_object().unwrap().clone());
    let asked = json!({"measure": "hide", "rule": "spam", "explanation": "x"});
    run.accept("moderation.decide", "comment:p:1", asked, "inklog.moderation.Decided", decided);
    let id = run.id();
    let fields = json!({"post_id": "p", "number": 1, "author_id": "a", "ruling": 1, "from_author": false});
    let _ = run.append("inklog.comments.Hidden", "p", id, fields);
}

#[test]
fn a_comment_that_is_hidden_is_not_there_for_who_would_react_to_it() {
    let mut run = before_readers();
    refused(&run, of_comment(1), Refusal::NotFound).is(Kind::Stale);
    hidden(&mut run);
    run.later();
    refused(&run, of_comment(1), Refusal::NotFound).is_clean();
    refused(&run, of_post(), Refusal::NotFound).is(Kind::Stale);
}

#[test]
fn who_blocks_another_does_not_react_to_them_nor_they_to_who_does() {
    for (blocker_id, blocked_id) in [("a", "b"), ("b", "a")] {
        let mut run = before_readers();
        run.event("comments", 1).fields.insert("author_id".into(), json!("b"));
        run.event("comments", 1).actor_id = "b".into();
        let pair = json!({"blocker_id": blocker_id, "blocked_id": blocked_id});
        let id = format!("block:{blocker_id}:{blocked_id}");
        let _ = run.accept("moderation.block", &id, json!({}), "inklog.moderation.PersonBlocked", pair.clone());
        run.event("moderation", 1).actor_id = blocker_id.into();
        run.later();
        refused(&run, of_comment(1), Refusal::NotFound).is_clean();
        refused(&run, of_post(), Refusal::NotFound).is(Kind::Stale);
        let _ = run.accept("moderation.unblock", &id, json!({}), "inklog.moderation.PersonUnblocked", pair);
        run.later();
        refused(&run, of_comment(1), Refusal::NotFound).is(Kind::Stale);
    }
}

#[test]
fn an_account_that_is_not_there_or_is_deactivated_does_not_react() {
    let mut run = before_readers();
    refused(&run, ("b:reaction:like:post:p", json!({})), Refusal::NotFound).is_clean();
    run.accept("accounts.deactivate", "a", json!({}), "inklog.accounts.Deactivated", json!({}));
    refused(&run, of_post(), Refusal::NotPermitted).is_clean();
    run.accept("accounts.reactivate", "a", json!({}), "inklog.accounts.Reactivated", json!({}));
    run.later();
    refused(&run, of_post(), Refusal::NotPermitted).is(Kind::Stale);
}

#[test]
fn what_is_there_is_kept_for_later_and_followed() {
    let mut run = before_readers();
    let created = json!({"owner_id": "a", "title": "t", "description": ""});
    run.accept("series.create", "r", json!({"title": "t"}), "inklog.series.Created", created);
    run.later();
    for (kind, aggregate) in
        [("bookmarks.add", "a:p"), ("following.follow_subject", "a:series:r"), ("following.follow_subject", "a:tag:t")]
    {
        let mut there = run.clone();
        there.refuse(kind, aggregate, json!({}), Refusal::NotFound, None);
        there.is(Kind::Stale);
    }
    for (kind, aggregate) in [
        ("bookmarks.add", "a:q"),
        ("following.follow", "a:b"),
        ("following.follow_subject", "a:series:q"),
        ("following.follow_subject", "a:category:q"),
    ] {
        run.refuse(kind, aggregate, json!({}), Refusal::NotFound, None);
    }
    run.is_clean();
}

#[test]
fn who_blocks_another_does_not_follow_them_nor_they_who_does() {
    for (blocker_id, blocked_id) in [("a", "b"), ("b", "a")] {
        let mut run = before_readers();
        let profile = json!({"display_name": "", "bio": "", "image_url": ""});
        run.accept("accounts.register", "b", profile.clone(), "inklog.accounts.Registered", profile);
        run.later();
        let not_followed = |run: &Run| {
            let mut run = run.clone();
            run.refuse("following.follow", "a:b", json!({}), Refusal::NotFound, None);
            run
        };
        not_followed(&run).is(Kind::Stale);
        let pair = json!({"blocker_id": blocker_id, "blocked_id": blocked_id});
        let id = format!("block:{blocker_id}:{blocked_id}");
        let _ = run.accept("moderation.block", &id, json!({}), "inklog.moderation.PersonBlocked", pair);
        run.event("moderation", 1).actor_id = blocker_id.into();
        run.later();
        not_followed(&run).is_clean();
    }
}
