//! `/v1/comments/{post_id}`: POST, and `/v1/comments/{post_id}/{number}`: PATCH and DELETE.

use std::time::Duration;

use futures::future::join_all;
use serde_json::{Value, json};
use testkit::{Answer, Api, eventually};
use uuid::Uuid;

use crate::members::{Member, PASSWORD, member};
use crate::support::{Person, Server, author, editor, person, unique};

async fn write(api: &Api, post: &str, text: &str) -> Answer {
    api.post(&format!("/v1/comments/{post}")).json(&json!({"text": text})).send().await
}

async fn answer(api: &Api, post: &str, number: i64, text: &str) -> Answer {
    let body = json!({"text": text, "reply_to": number});
    api.post(&format!("/v1/comments/{post}")).json(&body).send().await
}

async fn edit(api: &Api, post: &str, number: i64, text: &str) -> Answer {
    api.patch(&format!("/v1/comments/{post}/{number}")).json(&json!({"text": text})).send().await
}

async fn delete(api: &Api, post: &str, number: i64) -> Answer {
    api.delete(&format!("/v1/comments/{post}/{number}")).send().await
}

/// A post that everyone can read, and who wrote it.
async fn published() -> (Person, String) {
    let author = author().await;
    let id = author.draft(&unique("commented")).await.expect(201).id();
    let _ = author.api.post(&format!("/v1/posts/{id}/publish")).send().await.expect(200);
    (author, id)
}

/// Changes a field of a post.
async fn set(author: &Person, post: &str, field: Value) {
    let path = format!("/v1/posts/{post}");
    let seen = author.api.patch(&path).json(&field).send().await.problem(428, "precondition-required");
    let version = seen.body["version"].as_u64().unwrap();
    let _ = author.api.patch(&path).json(&field).if_match(version).send().await.expect(200);
}

async fn story(post: &str) -> Vec<String> {
    let log = Server::shared().await.scope.log("comments").await;
    log.assert_whole();
    log.story(post).iter().map(ToString::to_string).collect()
}

/// What the topic holds about the comments on a post, as bytes.
async fn raw(post: &str) -> String {
    let log = Server::shared().await.scope.log("comments").await;
    let of = log.records.iter().filter(|record| record.key == post);
    of.map(|record| String::from_utf8_lossy(&record.value).into_owned()).collect::<Vec<_>>().join("\n")
}

async fn erase(member: &Member) {
    let body = json!({"current_password": PASSWORD});
    let _ = member.api.delete("/v1/me").json(&body).send().await.expect(204);
}

#[tokio::test]
async fn comments_are_numbered_and_answered_and_the_number_tells_where_each_is() {
    let (ada, bob, (_, post)) = (member().await, member().await, published().await);
    let first = write(&ada.api, &post, "First.").await.expect(201);
    assert_eq!((first.version(), first.changed(), &first.body["number"]), (1, true, &1.into()));
    let location = first.header("location");
    assert!(location.starts_with("/v1/posts/commented-") && location.ends_with("/comments/1"), "{location}");
    assert_eq!(first.body["post_id"], post);
    assert!(!first.position().is_empty());
    let second = answer(&bob.api, &post, 1, "Second.").await.expect(201);
    assert_eq!(second.body["number"], 2);
    assert_ne!(second.id(), first.id());
    assert_eq!(story(&post).await, ["Written", "Written"]);
}

#[tokio::test]
async fn numbers_have_no_gaps_and_none_is_given_twice_however_many_write_at_once() {
    let ((_, post), writers) = (published().await, [member().await, member().await, member().await]);
    let writes = (0..30).map(|n| write(&writers[n % 3].api, &post, "At once."));
    let answers = join_all(writes).await.into_iter().map(|answer| answer.expect(201));
    let mut numbers: Vec<i64> = answers.map(|answer| answer.body["number"].as_i64().unwrap()).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=30).collect::<Vec<_>>());
}

#[tokio::test]
async fn the_same_key_gets_the_first_reply_again_even_if_the_post_was_closed_since() {
    let (ada, (author, post)) = (member().await, published().await);
    let path = format!("/v1/comments/{post}");
    let ask = |text: &str| ada.api.post(&path).json(&json!({"text": text})).key("k-1").send();
    let first = ask("Once.").await.expect(201);
    let _ = write(&ada.api, &post, "Another.").await.expect(201);
    set(&author, &post, json!({"comments": "closed"})).await;
    let again = ask("Once.").await.expect(201);
    assert_eq!((again.body["number"].as_i64(), again.id()), (Some(1), first.id()));
    let _ = ask("Twice.").await.problem(422, "idempotency-key-reused");
    assert_eq!(story(&post).await, ["Written", "Written"]);
}

#[tokio::test]
async fn only_its_author_edits_a_comment_and_saying_the_same_changes_nothing() {
    let (ada, bob, (author, post)) = (member().await, member().await, published().await);
    let _ = write(&ada.api, &post, "Frist.").await.expect(201);
    let edited = edit(&ada.api, &post, 1, "First.").await.expect(200);
    assert_eq!((edited.version(), edited.changed()), (2, true));
    assert!(!edit(&ada.api, &post, 1, "First.").await.expect(200).changed());
    for other in [&bob.api, &author.api] {
        let refused = edit(other, &post, 1, "Last.").await;
        assert!(refused.status == 403 || refused.status == 404, "{}", refused.text);
    }
    let _ = edit(&bob.api, &post, 1, "Last.").await.problem(403, "not-the-author");
    let _ = edit(&ada.api, &post, 2, "Last.").await.problem(404, "not-found");
    assert_eq!(story(&post).await, ["Written", "Edited"]);
}

#[tokio::test]
async fn a_deleted_comment_keeps_its_place_and_is_answered_no_more() {
    let (ada, bob, (_, post)) = (member().await, member().await, published().await);
    let _ = write(&ada.api, &post, "First.").await.expect(201);
    let _ = answer(&bob.api, &post, 1, "Second.").await.expect(201);
    let _ = delete(&bob.api, &post, 1).await.problem(403, "not-the-author");
    assert!(delete(&ada.api, &post, 1).await.expect(200).changed());
    assert!(!delete(&ada.api, &post, 1).await.expect(200).changed());
    let _ = answer(&bob.api, &post, 1, "Third.").await.problem(410, "gone");
    let _ = edit(&ada.api, &post, 1, "First again.").await.problem(410, "gone");
    assert_eq!(answer(&ada.api, &post, 2, "Third.").await.expect(201).body["number"], 3);
    assert!(delete(&editor().await.api, &post, 2).await.expect(200).changed());
    let _ = delete(&ada.api, &post, 9).await.problem(404, "not-found");
    assert_eq!(story(&post).await, ["Written", "Written", "Deleted", "Written", "Deleted"]);
}

#[tokio::test]
async fn a_thread_is_as_deep_as_is_set_and_no_deeper() {
    let (ada, (_, post)) = (member().await, published().await);
    let _ = write(&ada.api, &post, "0").await.expect(201);
    for depth in 1..=5 {
        let _ = answer(&ada.api, &post, depth, "Deeper.").await.expect(201);
    }
    assert_eq!(answer(&ada.api, &post, 6, "Too deep.").await.problem(422, "invalid").pointer(), "/reply_to");
    let _ = answer(&ada.api, &post, 5, "As deep.").await.expect(201);
    for nothing in [99, 100_000] {
        assert_eq!(answer(&ada.api, &post, nothing, "To no one.").await.problem(422, "invalid").pointer(), "/reply_to");
    }
}

#[tokio::test]
async fn a_text_is_as_long_as_it_may_be_in_whichever_script_and_says_something() {
    let (ada, (_, post)) = (member().await, published().await);
    let long = "שלום ".repeat(1_000);
    let _ = write(&ada.api, &post, &long[..long.len() - 1]).await.expect(201);
    for bad in ["", "  \n ", &"a".repeat(5_001), "\u{0}", "sealed.v1.AbC"] {
        assert_eq!(write(&ada.api, &post, bad).await.problem(422, "invalid").pointer(), "/text", "{bad:?}");
    }
    let unknown = json!({"text": "a", "parent": 1});
    let _ = ada.api.post(&format!("/v1/comments/{post}")).json(&unknown).send().await.problem(422, "invalid");
}

#[tokio::test]
async fn a_post_that_is_closed_unpublished_deleted_or_not_there_says_why_it_takes_no_comments() {
    let (ada, (author, post)) = (member().await, published().await);
    set(&author, &post, json!({"comments": "closed"})).await;
    let _ = write(&ada.api, &post, "Late.").await.problem(409, "comments-closed");
    set(&author, &post, json!({"comments": null})).await;
    let _ = write(&ada.api, &post, "In time.").await.expect(201);
    let _ = author.api.post(&format!("/v1/posts/{post}/unpublish")).send().await.expect(200);
    let _ = write(&ada.api, &post, "Late.").await.problem(404, "not-found");
    let _ = author.api.post(&format!("/v1/posts/{post}/publish")).send().await.expect(200);
    let _ = author.api.delete(&format!("/v1/posts/{post}")).send().await.expect(200);
    let _ = write(&ada.api, &post, "Late.").await.problem(410, "gone");
    let draft = author.post().await;
    for nothing in [draft, Uuid::new_v4().to_string(), "not-an-id".to_owned()] {
        let _ = write(&ada.api, &nothing, "Where?").await.problem(404, "not-found");
    }
    // What was said stays its author's to take away.
    let _ = delete(&ada.api, &post, 1).await.expect(200);
}

#[tokio::test]
async fn who_writes_a_draft_is_told_that_it_is_one() {
    let ann = member().await;
    let post = person(ann.id.parse().unwrap(), &["author"]).await.post().await;
    let _ = write(&ann.api, &post, "To myself.").await.problem(409, "not-published");
}

#[tokio::test]
async fn a_post_says_who_may_comment() {
    let (ada, bob, ann) = (member().await, member().await, member().await);
    let author = person(ann.id.parse().unwrap(), &["author"]).await;
    let post = author.draft(&unique("choosy")).await.expect(201).id();
    let _ = author.api.post(&format!("/v1/posts/{post}/publish")).send().await.expect(200);
    set(&author, &post, json!({"comments": "followers"})).await;
    let _ = write(&ada.api, &post, "Hello?").await.problem(403, "may-not-comment");
    let _ = ada.api.put(&format!("/v1/me/following/{}", ann.id)).send().await.expect(200);
    let _ = write(&ada.api, &post, "Hello.").await.expect(201);
    let _ = write(&bob.api, &post, "Hello?").await.problem(403, "may-not-comment");
    let _ = write(&author.api, &post, "One's own.").await.expect(201);
    set(&author, &post, json!({"comments": "confirmed"})).await;
    let _ = write(&ada.api, &post, "Hello?").await.problem(403, "may-not-comment");
    confirm(&bob).await;
    let _ = write(&bob.api, &post, "Hello.").await.expect(201);
    set(&author, &post, json!({"comments": "closed"})).await;
    let _ = write(&author.api, &post, "Not even they.").await.problem(409, "comments-closed");
    let refused = author.api.patch(&format!("/v1/posts/{post}")).json(&json!({"comments": "friends"})).send().await;
    assert_eq!(refused.problem(422, "invalid").pointer(), "/comments");
}

/// Follows the link in the letter that came with the registration.
async fn confirm(member: &Member) {
    let letter = crate::members::letter(&member.email, "Please confirm your address").await;
    let body = json!({"token": letter.token()});
    let _ = crate::members::anyone().await.post("/v1/email/confirm").json(&body).send().await.expect(200);
}

#[tokio::test]
async fn only_who_has_an_account_that_is_active_comments() {
    let (ada, (_, post)) = (member().await, published().await);
    let _ = write(&author().await.api, &post, "No account.").await.problem(404, "not-found");
    let _ = write(&Server::shared().await.api(), &post, "No token.").await.problem(401, "unauthorized");
    let body = json!({"current_password": PASSWORD});
    let _ = ada.api.post("/v1/me/deactivate").json(&body).send().await.expect(200);
    let again = person(ada.id.parse().unwrap(), &[]).await;
    let _ = write(&again.api, &post, "Not active.").await.problem(403, "account-deactivated");
}

#[tokio::test]
async fn words_are_in_the_log_sealed_only_and_the_names_in_them_are_not() {
    let (ada, (_, post), word) = (member().await, published().await, unique("word"));
    let _ = write(&ada.api, &post, &format!("{word} @{}", ada.name)).await.expect(201);
    let _ = edit(&ada.api, &post, 1, &format!("{word}, {word}")).await.expect(200);
    let raw = raw(&post).await;
    assert!(!raw.contains(&word) && !raw.contains(&ada.name), "{raw}");
    assert_eq!(raw.matches("sealed.v1.").count(), 2);
}

#[tokio::test]
async fn what_a_command_is_remembered_by_tells_no_one_what_was_said() {
    let (ada, bob, (_, post)) = (member().await, member().await, published().await);
    for api in [&ada.api, &bob.api] {
        let _ = write(api, &post, "Yes.").await.expect(201);
    }
    let _ = edit(&ada.api, &post, 1, "No.").await.expect(200);
    let log = Server::shared().await.scope.log("comments").await;
    let of_post = log.records.iter().filter(|record| record.key == post);
    let digests: Vec<u64> =
        of_post.map(|record| u64::from_str_radix(record.header("inklog-digest"), 16).unwrap()).collect();
    // Made of words that are few, so that each reader of the log could try them all.
    let of = |asked: Value| domain::Digest::of(&asked.to_string()).short();
    let plain = [
        of(json!(["write", {"text": "Yes."}])),
        of(json!(["write", "Yes.", null])),
        of(json!(["edit", 1, {"text": "No."}])),
        of(json!(["edit", 1, "No."])),
    ];
    assert!(digests.iter().all(|digest| !plain.contains(digest)), "{digests:x?} {plain:x?}");
    assert_ne!(digests[0], digests[1], "two who say the same have different keys");
}

#[tokio::test]
async fn a_request_that_is_repeated_is_the_same_whoever_bears_the_names_by_then() {
    let (ada, bob, (_, post)) = (member().await, member().await, published().await);
    let body = json!({"text": format!("Hello @{}.", bob.name)});
    let ask = || ada.api.post(&format!("/v1/comments/{post}")).json(&body).key("k-names").send();
    let first = ask().await.expect(201);
    let name = json!({"user_name": unique("renamed")});
    let _ = bob.api.post("/v1/me/user-name").json(&name).send().await.expect(200);
    assert_eq!(ask().await.expect(201).id(), first.id());
    assert_eq!(story(&post).await, ["Written"]);
}

/// Twenty mentions, and a word that comes to be a name: by then it is one mention too many.
#[tokio::test]
async fn a_text_that_was_accepted_is_not_refused_for_a_name_that_came_to_be_borne_since() {
    let (ada, bob, (_, post)) = (member().await, member().await, published().await);
    let name = unique("later");
    let body = json!({"text": format!("@{name} ") + &format!("@{} ", bob.name).repeat(20)});
    let ask = || ada.api.post(&format!("/v1/comments/{post}")).json(&body).key("k-borne").send();
    let first = ask().await.expect(201);
    let taken = member().await;
    let _ = taken.api.post("/v1/me/user-name").json(&json!({"user_name": name})).send().await.expect(200);
    let many = json!({"text": format!("@{name} ").repeat(21)});
    let refused = ada.api.post(&format!("/v1/comments/{post}")).json(&many).send().await;
    assert_eq!(refused.problem(422, "invalid").pointer(), "/text");
    assert_eq!(ask().await.expect(201).id(), first.id());
}

#[tokio::test]
async fn no_name_that_mentions_an_account_is_kept_be_it_deactivated_and_so_many_are_taken() {
    let (ada, bob, (_, post)) = (member().await, member().await, published().await);
    let body = json!({"current_password": PASSWORD});
    let _ = bob.api.post("/v1/me/deactivate").json(&body).send().await.expect(200);
    let said = format!("@{} ", bob.name).repeat(20) + &format!("`@{}`", bob.name);
    let _ = write(&ada.api, &post, &said).await.expect(201);
    let export = exported(&ada, "Written").await;
    assert_eq!(export.matches(&format!("@{} ", bob.id)).count(), 20, "{export}");
    assert_eq!(export.matches(&bob.name).count(), 1, "in code: {export}");
    let more = format!("@{} {said}", bob.name);
    assert_eq!(write(&ada.api, &post, &more).await.problem(422, "invalid").pointer(), "/text");
}

#[tokio::test]
async fn a_post_for_members_takes_comments_of_those_alone_who_may_read_it() {
    let (ada, (author, post)) = (member().await, published().await);
    set(&author, &post, json!({"visibility": "members"})).await;
    let _ = write(&ada.api, &post, "What is in it?").await.problem(403, "private");
    set(&author, &post, json!({"visibility": "unlisted"})).await;
    let _ = write(&ada.api, &post, "So that is it.").await.expect(201);
}

#[tokio::test]
async fn what_was_said_is_mended_and_taken_away_whatever_has_become_of_the_post() {
    let (ada, (author, post)) = (member().await, published().await);
    let _ = write(&ada.api, &post, "Frist.").await.expect(201);
    let _ = author.api.put(&format!("/v1/posts/{post}/archive")).send().await.expect(200);
    let _ = write(&ada.api, &post, "Second.").await.problem(409, "comments-closed");
    let _ = edit(&ada.api, &post, 1, "First.").await.expect(200);
    let _ = author.api.post(&format!("/v1/posts/{post}/unpublish")).send().await.expect(200);
    let _ = author.api.delete(&format!("/v1/posts/{post}")).send().await.expect(200);
    // It was published once, so that it was deleted is no secret.
    let _ = write(&ada.api, &post, "Third.").await.problem(410, "gone");
    let _ = delete(&ada.api, &post, 1).await.expect(200);
    assert_eq!(story(&post).await, ["Written", "Edited", "Deleted"]);
}

/// The lines of a member's export with such an event of comments.
async fn exported(member: &Member, event: &str) -> String {
    let export = eventually("there is room", Duration::from_secs(60), async || {
        let answer = member.api.get("/v1/me/export").send().await;
        (answer.status != 503).then_some(answer)
    })
    .await;
    let event = format!("inklog.comments.{event}");
    export.text.lines().filter(|line| line.contains(&event)).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn comments_are_in_their_authors_export_as_they_are_kept() {
    let (ada, bob, (_, post), word) = (member().await, member().await, published().await, unique("word"));
    let text = format!("{word}, @{} and @no-one-is-called-so", bob.name.to_uppercase());
    let _ = write(&ada.api, &post, &text).await.expect(201);
    let word = format!("{word}, @{} and @no-one-is-called-so", bob.id);
    let _ = delete(&editor().await.api, &post, 1).await.expect(200);
    let (written, deleted) = (exported(&ada, "Written").await, exported(&ada, "Deleted").await);
    assert!(written.contains(&word) && deleted.contains(&post), "{written} {deleted}");
}

#[tokio::test]
async fn what_an_erased_account_said_is_gone_and_the_rest_of_the_thread_stays() {
    let (ada, bob) = (member().await, member().await);
    let ((_, post), (_, other)) = (published().await, published().await);
    let _ = write(&ada.api, &post, "First.").await.expect(201);
    let _ = answer(&bob.api, &post, 1, "Second.").await.expect(201);
    let _ = answer(&ada.api, &post, 2, "Third.").await.expect(201);
    let _ = write(&ada.api, &other, "Elsewhere.").await.expect(201);
    erase(&ada).await;
    assert_eq!(story(&post).await, ["Written", "Written", "Written", "Erased"]);
    assert_eq!(story(&other).await, ["Written", "Erased"]);
    let _ = answer(&bob.api, &post, 3, "To no one.").await.problem(410, "gone");
    let _ = answer(&bob.api, &post, 2, "To myself.").await.expect(201);
    // Its token is still believed for a while.
    let late = write(&person(ada.id.parse().unwrap(), &[]).await.api, &post, "From beyond.").await;
    assert!(late.status == 404 || late.status == 410, "{}", late.text);
}
