//! What moderators decide of posts: `/v1/moderation/post:…`.

use std::time::Duration;

use serde_json::{Value, json};
use testkit::{Answer, Api, eventually};
use uuid::Uuid;

use crate::members::{Member, PASSWORD, member, writer};
use crate::support::{Person, Server, person, unique};

async fn moderator() -> Person {
    person(Uuid::new_v4(), &["moderator"]).await
}

async fn of_post(api: &Api, post: &str, what: &str) -> Answer {
    api.post(&format!("/v1/posts/{post}/{what}")).send().await
}

/// A post of an author's that everyone can read, and its case.
async fn published(author: &Person) -> (String, String) {
    let id = author.draft(&unique("hidden")).await.expect(201).id();
    let _ = of_post(&author.api, &id, "publish").await.expect(200);
    (id.clone(), format!("post:{id}"))
}

async fn decide(api: &Api, case: &str, measure: &str) -> Answer {
    let body = json!({"measure": measure, "rule": "spam", "explanation": "It advertises."});
    api.post(&format!("/v1/moderation/{case}/decisions")).json(&body).send().await
}

async fn lift(api: &Api, case: &str, ruling: i64) -> Answer {
    let path = format!("/v1/moderation/{case}/rulings/{ruling}/lift");
    api.post(&path).json(&json!({"explanation": "It was a mistake."})).send().await
}

async fn edit(api: &Api, post: &str, version: u64) -> Answer {
    let title = json!({"title": unique("Title")});
    api.patch(&format!("/v1/posts/{post}")).if_match(version).json(&title).send().await
}

/// What happened to a post.
async fn story(post: &str) -> Vec<String> {
    let log = Server::shared().await.scope.log("posts").await;
    log.assert_whole();
    log.story(post).iter().map(ToString::to_string).collect()
}

/// What others can ask of a post that they read: each with how it is answered then.
async fn others(bob: &Member, post: &str) -> [u16; 4] {
    let says = json!({"text": "Yes."});
    let comment = bob.api.post(&format!("/v1/comments/{post}")).json(&says).send().await;
    let reaction = bob.api.put(&format!("/v1/me/reactions/post/{post}/like")).send().await;
    let bookmark = bob.api.put(&format!("/v1/me/bookmarks/{post}")).send().await;
    let report = json!({"rule": "spam"});
    let report = bob.api.put(&format!("/v1/me/reports/post:{post}")).json(&report).send().await;
    [comment.status, reaction.status, bookmark.status, report.status]
}

#[tokio::test]
async fn a_post_that_is_hidden_is_there_for_others_no_more_until_that_is_lifted() {
    let ((_, ada), bob, moderator) = (writer().await, member().await, moderator().await);
    let (post, case) = published(&ada).await;
    assert_eq!(others(&bob, &post).await, [201, 200, 200, 200]);
    let decided = decide(&moderator.api, &case, "hide").await.expect(200);
    // It is so before the moderator is answered.
    assert!(decided.body["post_position"].is_string() && decided.body["comment_position"].is_null());
    assert_eq!(story(&post).await, ["Drafted", "Published", "Hidden"]);
    assert_eq!(others(&bob, &post).await, [404; 4]);
    assert!(!decide(&moderator.api, &case, "hide").await.expect(200).changed());
    let stranger = writer().await.1;
    let _ = edit(&stranger.api, &post, 3).await.problem(412, "version-conflict");
    let _ = of_post(&stranger.api, &post, "unpublish").await.problem(404, "not-found");
    // Its author goes on writing it, and is told why no one answers.
    let says = json!({"text": "Why?"});
    let refused = ada.api.post(&format!("/v1/comments/{post}")).json(&says).send().await;
    assert_eq!(refused.problem(409, "not-published").body["detail"], "a moderator has hidden the post");
    let _ = edit(&ada.api, &post, 3).await.expect(200);
    let lifted = lift(&moderator.api, &case, 1).await.expect(200);
    assert!(lifted.body["post_position"].is_string(), "{}", lifted.text);
    assert_eq!(story(&post).await, ["Drafted", "Published", "Hidden", "Edited", "Shown"]);
    assert_eq!(others(&bob, &post).await, [201, 200, 200, 200]);
}

/// What was reported and left as it is changes nothing of the post, not even its version: its author is told nothing.
#[tokio::test]
async fn a_post_hears_of_no_ruling_that_leaves_it_as_it_is() {
    let ((_, ada), bob, moderator) = (writer().await, member().await, moderator().await);
    let (post, case) = published(&ada).await;
    let report = json!({"rule": "spam"});
    let _ = bob.api.put(&format!("/v1/me/reports/{case}")).json(&report).send().await.expect(200);
    let dismissal = moderator.api.post(&format!("/v1/moderation/{case}/dismissal")).json(&json!({}));
    let _ = dismissal.send().await.expect(200);
    assert_eq!(story(&post).await, ["Drafted", "Published"]);
    let _ = decide(&moderator.api, &case, "hide").await.expect(200);
    let _ = bob.api.delete(&format!("/v1/me/reports/{case}")).send().await;
    let again = moderator.api.post(&format!("/v1/moderation/{case}/dismissal")).json(&json!({}));
    let _ = again.send().await.expect(200);
    let _ = edit(&ada.api, &post, 3).await.expect(200);
    assert_eq!(story(&post).await, ["Drafted", "Published", "Hidden", "Edited"]);
}

/// A moderator could hand their post over to a friend, lift what another had decided of it, and have it back.
#[tokio::test]
async fn a_moderator_shows_no_post_again_that_they_write_or_wrote() {
    let (account, _) = writer().await;
    let own = person(account.id.parse().unwrap(), &["author", "moderator"]).await;
    let (friend, friends) = writer().await;
    let (post, case) = published(&own).await;
    let _ = decide(&moderator().await.api, &case, "hide").await.expect(200);
    let _ = lift(&own.api, &case, 1).await.problem(422, "invalid");
    let invitation = json!({"account_id": friend.id});
    let _ = own.api.post(&format!("/v1/posts/{post}/invitations")).json(&invitation).send().await.expect(200);
    let _ = friends.api.post(&format!("/v1/me/invitations/{post}/accept")).send().await.expect(200);
    let hand_over = own.api.post(&format!("/v1/posts/{post}/hand-over")).json(&json!({"account_id": friend.id}));
    let _ = hand_over.send().await.expect(200);
    let _ = lift(&own.api, &case, 1).await.problem(422, "invalid");
    // As a co-author they have left, but it was theirs when it was hidden.
    let _ = own.api.delete(&format!("/v1/posts/{post}/co-authors/{}", account.id)).send().await;
    let _ = lift(&own.api, &case, 1).await.problem(422, "invalid");
    assert!(!story(&post).await.contains(&"Shown".to_owned()));
}

#[tokio::test]
async fn whatever_becomes_of_it_it_stays_hidden() {
    let ((_, ada), bob, moderator) = (writer().await, member().await, moderator().await);
    let (post, case) = published(&ada).await;
    let _ = decide(&moderator.api, &case, "hide").await.expect(200);
    for what in ["unpublish", "publish"] {
        assert!(of_post(&ada.api, &post, what).await.expect(200).changed());
        assert_eq!(others(&bob, &post).await, [404; 4], "{what}");
    }
    let _ = ada.api.delete(&format!("/v1/posts/{post}")).send().await.expect(200);
    assert_eq!(others(&bob, &post).await, [410, 410, 404, 410]);
    let _ = of_post(&ada.api, &post, "restore").await.expect(200);
    assert_eq!(others(&bob, &post).await, [404; 4]);
    // A draft is hidden, too, and a schedule does not show it.
    let draft = ada.draft(&unique("hidden")).await.expect(201).id();
    let _ = decide(&moderator.api, &format!("post:{draft}"), "hide").await.expect(200);
    let soon = jiff::Timestamp::now() + Duration::from_secs(1);
    let schedule = json!({"at": soon.to_string()});
    let _ = ada.api.put(&format!("/v1/posts/{draft}/schedule")).json(&schedule).send().await.expect(200);
    let is_published = async || story(&draft).await.contains(&"Published".to_owned()).then_some(());
    eventually("it is published", Duration::from_secs(10), is_published).await;
    assert_eq!(others(&bob, &draft).await, [404; 4]);
}

#[tokio::test]
async fn what_is_removed_its_author_takes_back_and_does_not_change() {
    let ((_, ada), moderator) = (writer().await, moderator().await);
    let (post, case) = published(&ada).await;
    let _ = decide(&moderator.api, &case, "remove").await.expect(200);
    let _ = edit(&ada.api, &post, 3).await.problem(410, "gone");
    let _ = of_post(&ada.api, &post, "unpublish").await.expect(200);
    let _ = of_post(&ada.api, &post, "publish").await.problem(410, "gone");
    let invitation = json!({"account_id": member().await.id});
    let invited = ada.api.post(&format!("/v1/posts/{post}/invitations")).json(&invitation).send().await;
    let _ = invited.problem(410, "gone");
    let _ = ada.api.get(&format!("/v1/working-copies/{post}")).send().await.problem(410, "gone");
    let _ = ada.api.delete(&format!("/v1/posts/{post}")).send().await.expect(200);
}

#[tokio::test]
async fn its_author_is_told_why_and_appeals_and_their_export_has_it() {
    let ((member, ada), moderator) = (writer().await, moderator().await);
    let (post, case) = published(&ada).await;
    let _ = decide(&moderator.api, &case, "hide").await.expect(200);
    let appeal = json!({"statement": "It quotes."});
    let appealed = member.api.put(&format!("/v1/me/appeals/{case}/1")).json(&appeal).send().await.expect(200);
    assert!(appealed.changed());
    let of_another = writer().await.0;
    let refused = of_another.api.put(&format!("/v1/me/appeals/{case}/1")).json(&appeal).send().await;
    let _ = refused.problem(403, "not-the-author");
    let export = member.api.get("/v1/me/export").send().await.expect(200);
    for part in ["inklog.posts.Hidden", "inklog.moderation.Decided", "It advertises.", "It quotes."] {
        assert!(export.text.contains(part), "{part} is missing in {}", export.text);
    }
    let editor = person(Uuid::new_v4(), &["editor"]).await;
    let granted = json!({"upheld": false, "explanation": "So it does."});
    let path = format!("/v1/moderation/{case}/rulings/1/answer");
    let answered = editor.api.post(&path).json(&granted).send().await.expect(200);
    assert!(answered.body["post_position"].is_string(), "{}", answered.text);
    assert_eq!(story(&post).await.last().map(String::as_str), Some("Shown"));
}

#[tokio::test]
async fn a_post_is_moderated_when_who_wrote_it_is_forgotten() {
    let ((member, ada), moderator) = (writer().await, moderator().await);
    let (post, case) = published(&ada).await;
    let gone: Value = json!({"current_password": PASSWORD});
    let _ = member.api.delete("/v1/me").json(&gone).send().await;
    let hidden = async || (decide(&moderator.api, &case, "hide").await.status == 200).then_some(());
    eventually("it is hidden", Duration::from_secs(10), hidden).await;
    assert_eq!(story(&post).await.last().map(String::as_str), Some("Hidden"));
    let _ = lift(&moderator.api, &case, 1).await.expect(200);
}
