//! `/v1/moderation` and what people report, appeal against and block.

use std::time::Duration;

use futures::future::join;
use serde_json::{Value, json};
use testkit::{Answer, Api, eventually};
use uuid::Uuid;

use crate::members::{Member, PASSWORD, member};
use crate::support::{Person, Server, author, editor, person, unique};

/// A post that everyone can read, and who wrote it.
async fn published() -> (Person, String) {
    let author = author().await;
    let id = author.draft(&unique("moderated")).await.expect(201).id();
    let _ = author.api.post(&format!("/v1/posts/{id}/publish")).send().await.expect(200);
    (author, id)
}

async fn moderator() -> Person {
    person(Uuid::new_v4(), &["moderator"]).await
}

/// A comment of a member's: the case that it would be.
async fn commented(writer: &Member, post: &str, text: &str) -> String {
    let answer = write(&writer.api, post, text).await.expect(201);
    format!("comment:{post}:{}", answer.body["number"])
}

async fn write(api: &Api, post: &str, text: &str) -> Answer {
    api.post(&format!("/v1/comments/{post}")).json(&json!({"text": text})).send().await
}

async fn report(api: &Api, case: &str) -> Answer {
    let body = json!({"rule": "spam", "statement": "Look at this."});
    api.put(&format!("/v1/me/reports/{case}")).json(&body).send().await
}

async fn decide(api: &Api, case: &str, measure: &str) -> Answer {
    decide_with(api, case, json!({"measure": measure, "rule": "spam", "explanation": "It advertises."})).await
}

async fn decide_with(api: &Api, case: &str, body: Value) -> Answer {
    api.post(&format!("/v1/moderation/{case}/decisions")).json(&body).send().await
}

async fn lift(api: &Api, case: &str, ruling: i64) -> Answer {
    let path = format!("/v1/moderation/{case}/rulings/{ruling}/lift");
    api.post(&path).json(&json!({"explanation": "It was a mistake."})).send().await
}

/// What happened to an aggregate of a context.
async fn story(context: &str, id: &str) -> Vec<String> {
    let log = Server::shared().await.scope.log(context).await;
    log.assert_whole();
    log.story(id).iter().map(ToString::to_string).collect()
}

/// Waits until it is so.
async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    eventually(what, Duration::from_secs(10), async || is_so().await.then_some(())).await;
}

/// Waits until the last of what happened to a thread is this.
async fn last_of_thread(post: &str, verb: &str) {
    until(verb, async || story("comments", post).await.last().is_some_and(|last| last == verb)).await;
}

#[tokio::test]
async fn a_report_is_made_once_and_whom_it_is_about_is_told_nothing() {
    let (ada, bob, (_, post)) = (member().await, member().await, published().await);
    let case = commented(&ada, &post, "Buy this.").await;
    let reported = report(&bob.api, &case).await.expect(200);
    assert_eq!((reported.body["reported"].as_bool(), reported.changed()), (Some(true), true));
    assert!(reported.body.get("version").is_none(), "{}", reported.text);
    assert!(!report(&bob.api, &case).await.expect(200).changed());
    let _ = report(&ada.api, &case).await.problem(422, "invalid");
    let withdrawn = bob.api.delete(&format!("/v1/me/reports/{case}")).send().await.expect(200);
    assert_eq!((withdrawn.body["reported"].as_bool(), withdrawn.changed()), (Some(false), true));
    assert_eq!(story("moderation", &case).await, ["Reported", "ReportWithdrawn"]);
    let export = ada.api.get("/v1/me/export").send().await.expect(200);
    assert!(!export.text.contains("Reported") && !export.text.contains(&bob.id), "{}", export.text);
}

#[tokio::test]
async fn what_is_not_there_or_by_no_rule_is_not_reported() {
    let (bob, (_, post)) = (member().await, published().await);
    for case in [format!("comment:{post}:1"), format!("post:{}", Uuid::new_v4()), format!("account:{}", Uuid::new_v4())]
    {
        let _ = report(&bob.api, &case).await.problem(404, "not-found");
    }
    let body = json!({"rule": "boredom"});
    let refused = bob.api.put(&format!("/v1/me/reports/post:{post}")).json(&body).send().await;
    assert_eq!(refused.problem(422, "invalid").body["errors"][0]["pointer"], "/rule");
    let _ = report(&bob.api, &format!("post:{post}")).await.expect(200);
}

#[tokio::test]
async fn a_comment_that_is_hidden_is_answered_no_more_and_shown_again_when_that_is_lifted() {
    let (ada, bob, (_, post), moderator) = (member().await, member().await, published().await, moderator().await);
    let case = commented(&ada, &post, "Buy this.").await;
    let _ = report(&bob.api, &case).await.expect(200);
    let decided = decide(&moderator.api, &case, "hide").await.expect(200);
    assert_eq!((decided.body["rulings"].as_i64(), decided.changed()), (Some(1), true));
    // It is so before the moderator is answered.
    assert!(decided.body["comment_position"].is_string(), "{}", decided.text);
    assert_eq!(story("comments", &post).await, ["Written", "Hidden"]);
    let answer = json!({"text": "Yes.", "reply_to": 1});
    let answered = || bob.api.post(&format!("/v1/comments/{post}")).json(&answer).send();
    let reaction = format!("/v1/me/reactions/comment/{post}/1/like");
    let _ = answered().await.problem(422, "invalid");
    let _ = bob.api.put(&reaction).send().await.problem(404, "not-found");
    assert!(!decide(&moderator.api, &case, "hide").await.expect(200).changed());
    let _ = lift(&moderator.api, &case, 1).await.expect(200);
    assert_eq!(story("comments", &post).await, ["Written", "Hidden", "Shown"]);
    let _ = answered().await.expect(201);
    let _ = bob.api.put(&reaction).send().await.expect(200);
    let carried_out = async || story("moderation", &case).await.last().is_some_and(|last| last == "CarriedOut");
    until("it is carried out", carried_out).await;
    // Where it is lifted at once, that both are carried out is noted once.
    let mut story = story("moderation", &case).await;
    story.retain(|event| event != "CarriedOut");
    assert_eq!(story, ["Reported", "Decided", "Lifted"]);
}

#[tokio::test]
async fn who_has_claimed_a_case_decides_it() {
    let (ada, (_, post)) = (member().await, published().await);
    let (one, other) = (moderator().await, moderator().await);
    let case = commented(&ada, &post, "Buy this.").await;
    let claim = format!("/v1/moderation/{case}/claim");
    assert!(one.api.put(&claim).send().await.expect(200).changed());
    assert!(!one.api.put(&claim).send().await.expect(200).changed());
    let _ = other.api.put(&claim).send().await.problem(409, "claimed");
    let _ = decide(&other.api, &case, "hide").await.problem(409, "claimed");
    let _ = other.api.delete(&claim).send().await.problem(409, "claimed");
    let _ = editor().await.api.delete(&claim).send().await.expect(200);
    let _ = decide(&other.api, &case, "hide").await.expect(200);
}

#[tokio::test]
async fn moderators_decide_on_nothing_of_their_own_and_on_no_moderator() {
    let (ada, admin) = (member().await, person(Uuid::new_v4(), &["admin"]).await);
    let _ = admin.api.put(&format!("/v1/accounts/{}/roles/moderator", ada.id)).send().await.expect(200);
    let own = person(ada.id.parse().unwrap(), &["moderator"]).await;
    let case = format!("account:{}", ada.id);
    let _ = decide(&own.api, &case, "warn").await.problem(422, "invalid");
    let _ = decide(&moderator().await.api, &case, "mute").await.problem(403, "forbidden");
    let _ = decide(&editor().await.api, &case, "mute").await.expect(200);
    let _ = lift(&moderator().await.api, &case, 1).await.problem(403, "forbidden");
    let _ = decide(&ada.api, &case, "warn").await.problem(403, "forbidden");
}

#[tokio::test]
async fn two_moderators_at_once_decide_one_after_the_other_and_not_on_each_other() {
    let (ada, bob, (_, post)) = (member().await, member().await, published().await);
    let admin = person(Uuid::new_v4(), &["admin"]).await;
    let mut moderators = Vec::new();
    for member in [member().await, member().await] {
        let path = format!("/v1/accounts/{}/roles/moderator", member.id);
        let _ = admin.api.put(&path).send().await.expect(200);
        moderators.push(person(member.id.parse().unwrap(), &["moderator"]).await);
    }
    let [one, other] = &moderators[..] else { unreachable!() };
    let case = commented(&ada, &post, "Buy this.").await;
    let (hidden, removed) = join(decide(&one.api, &case, "hide"), decide(&other.api, &case, "remove")).await;
    let mut rulings = [hidden, removed].map(|answer| answer.expect(200).body["rulings"].as_i64().unwrap());
    rulings.sort_unstable();
    assert_eq!(rulings, [1, 2]);
    // Both are in force, in whichever order they came: its author does not see it any more.
    let edit = json!({"text": "Buy that."});
    let _ = ada.api.patch(&format!("/v1/comments/{post}/1")).json(&edit).send().await.problem(410, "gone");
    let _ = write(&bob.api, &post, "Another.").await.expect(201);

    let on = |person: &Person| format!("account:{}", person.id);
    let (a, b) = (on(one), on(other));
    let (first, second) = join(decide(&one.api, &b, "block"), decide(&other.api, &a, "block")).await;
    for refused in [first, second] {
        let _ = refused.problem(403, "forbidden");
    }
}

#[tokio::test]
async fn who_is_muted_does_not_comment_until_it_ends_and_is_told_why() {
    let (ada, (_, post), moderator) = (member().await, published().await, moderator().await);
    let case = format!("account:{}", ada.id);
    let term = |at: &str| json!({"measure": "mute", "rule": "spam", "explanation": "Enough.", "until": at});
    let _ = write(&ada.api, &post, "Frist.").await.expect(201);
    let mended = async || {
        let edit = ada.api.patch(&format!("/v1/comments/{post}/1")).json(&json!({"text": "First."}));
        edit.key("k-mended").send().await
    };
    let accepted = mended().await.expect(200).version();
    let _ = decide_with(&moderator.api, &case, term("2001-01-01T00:00:00Z")).await.problem(422, "invalid");
    let _ = decide_with(&moderator.api, &case, term("2999-01-01T00:00:00Z")).await.expect(200);
    let muted = async || write(&ada.api, &post, "But.").await.status == 403;
    until("it is muted", muted).await;
    let refused = write(&ada.api, &post, "But.").await.problem(403, "muted");
    assert_eq!(refused.body["ruling"], 1);
    assert_eq!(mended().await.expect(200).version(), accepted, "it was accepted before");
    let more = ada.api.patch(&format!("/v1/comments/{post}/1")).json(&json!({"text": "More."}));
    let _ = more.send().await.problem(403, "muted");
    let appeal = format!("/v1/me/appeals/{case}/1");
    assert!(ada.api.put(&appeal).json(&json!({"statement": "Why?"})).send().await.expect(200).changed());
    let answer = format!("/v1/moderation/{case}/rulings/1/answer");
    let granted = json!({"upheld": false, "explanation": "You are right."});
    let _ = moderator.api.post(&answer).json(&granted).send().await.problem(403, "forbidden");
    let _ = editor().await.api.post(&answer).json(&granted).send().await.expect(200);
    let _ = ada.api.put(&appeal).json(&json!({})).send().await.problem(409, "not-in-force");
    until("it is so by now", async || write(&ada.api, &post, "Thanks.").await.status == 201).await;
    let export = ada.api.get("/v1/me/export").send().await.expect(200);
    assert!(export.text.contains("You are right.") && export.text.contains("Enough."), "{}", export.text);
}

#[tokio::test]
async fn who_is_blocked_from_all_takes_part_in_nothing_and_still_appeals() {
    let (ada, (_, post), moderator) = (member().await, published().await, moderator().await);
    let case = format!("account:{}", ada.id);
    let _ = decide(&moderator.api, &case, "block").await.expect(200);
    until("it is so by now", async || write(&ada.api, &post, "But.").await.status == 403).await;
    let _ = write(&ada.api, &post, "But.").await.problem(403, "blocked");
    let _ = report(&ada.api, &format!("post:{post}")).await.problem(403, "blocked");
    for given in ["reactions/post", "shares/post"] {
        let name = if given == "shares/post" { "link" } else { "like" };
        let _ = ada.api.put(&format!("/v1/me/{given}/{post}/{name}")).send().await.problem(403, "blocked");
    }
    let _ = ada.api.put(&format!("/v1/me/appeals/{case}/1")).json(&json!({})).send().await.expect(200);
}

#[tokio::test]
async fn people_who_block_each_other_do_not_answer_each_other() {
    let (ada, bob, (_, post)) = (member().await, member().await, published().await);
    let _ = commented(&ada, &post, "Hello.").await;
    let path = format!("/v1/me/blocks/{}", bob.id);
    let blocked = ada.api.put(&path).send().await.expect(200);
    assert_eq!((blocked.body["blocked"].as_bool(), blocked.version()), (Some(true), 1));
    let answer = json!({"text": "Hello!", "reply_to": 1});
    let answers = async || bob.api.post(&format!("/v1/comments/{post}")).json(&answer).send().await;
    until("it is so by now", async || answers().await.status == 422).await;
    let reaction = format!("/v1/me/reactions/comment/{post}/1/like");
    let _ = bob.api.put(&reaction).send().await.problem(404, "not-found");
    let _ = ada.api.delete(&path).send().await.expect(200);
    until("it is so by now", async || answers().await.status == 201).await;
    let _ = ada.api.put(&format!("/v1/me/blocks/{}", ada.id)).send().await.problem(422, "invalid");
    let _ = ada.api.put(&format!("/v1/me/blocks/{}", Uuid::new_v4())).send().await.problem(404, "not-found");
}

#[tokio::test]
async fn what_the_filters_hold_a_moderator_shows() {
    let (ada, (_, post)) = (member().await, published().await);
    let (moderator, admin) = (moderator().await, person(Uuid::new_v4(), &["admin"]).await);
    // A word of this test's own: others write at the same time.
    let word = unique("casino");
    let filters = json!({"words": [word.replace('-', " ")], "most_links": 50});
    let path = "/v1/moderation/filters";
    let _ = moderator.api.put(path).json(&filters).send().await.problem(403, "forbidden");
    let set = admin.api.put(path).json(&filters).send().await.expect(200);
    assert!(set.changed() && !admin.api.put(path).json(&filters).send().await.expect(200).changed());
    let text = format!("Come to the {}!", word.to_uppercase());
    let case = commented(&ada, &post, &text).await;
    let log = Server::shared().await.scope.log("comments").await;
    let written = log.records.iter().find(|record| record.key == post).unwrap();
    assert!(String::from_utf8_lossy(&written.value).contains("words"), "it says what holds it");
    let path = format!("/v1/moderation/{case}/dismissal");
    let dismiss = async |read: Value| moderator.api.post(&path).json(&read).send().await;
    assert_eq!(dismiss(json!({})).await.problem(422, "invalid").pointer(), "/edits");
    let change = async |text: String| {
        let edit = ada.api.patch(&format!("/v1/comments/{post}/1")).json(&json!({"text": text}));
        let _ = edit.send().await.expect(200);
    };
    change(format!("Do come to the {word}!")).await;
    let _ = dismiss(json!({"edits": 0})).await.problem(409, "too-late");
    let _ = dismiss(json!({"edits": 1})).await.expect(200);
    last_of_thread(&post, "Shown").await;
    // What is hidden, too, waits for a moderator once it is held, and does not wait for ever.
    let _ = decide(&moderator.api, &case, "hide").await.expect(200);
    last_of_thread(&post, "Hidden").await;
    change(format!("The {word}, then.")).await;
    assert!(dismiss(json!({"edits": 2})).await.expect(200).changed());
    last_of_thread(&post, "Hidden").await;
}

#[tokio::test]
async fn what_was_said_of_who_is_forgotten_is_gone_and_their_reports_are_taken_back() {
    let (ada, bob, (_, post), moderator) = (member().await, member().await, published().await, moderator().await);
    let (adas, bobs) = (commented(&ada, &post, "One.").await, commented(&bob, &post, "Two.").await);
    let _ = report(&ada.api, &bobs).await.expect(200);
    let _ = decide(&moderator.api, &adas, "hide").await.expect(200);
    let _ = ada.api.delete("/v1/me").json(&json!({"current_password": PASSWORD})).send().await.expect(204);
    assert_eq!(story("moderation", &bobs).await, ["Reported", "ReportWithdrawn"]);
    assert!(story("moderation", &adas).await.contains(&"Erased".to_owned()));
    let _ = decide(&moderator.api, &adas, "remove").await.problem(410, "account-erased");
}
