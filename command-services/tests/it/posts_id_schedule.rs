//! `/v1/posts/{id}/schedule` and `/v1/posts/{id}/expiry`.

use std::time::Duration;

use futures::future::join_all;
use serde_json::{Value, json};
use service_kit::times;
use uuid::Uuid;

use crate::members::{Member, PASSWORD, member};
use crate::support::{Person, Server, author, editor, person};

/// A time so many milliseconds from now.
fn in_ms(ms: i64) -> String {
    times::format(times::now().plus_millis(ms))
}

fn at(ms: i64) -> Value {
    json!({ "at": in_ms(ms) })
}

async fn put(person: &Person, id: &str, what: &str, body: &Value) -> testkit::Answer {
    person.api.put(&format!("/v1/posts/{id}/{what}")).json(body).send().await
}

async fn delete(person: &Person, id: &str, what: &str) -> testkit::Answer {
    person.api.delete(&format!("/v1/posts/{id}/{what}")).send().await.expect(200)
}

async fn publish(person: &Person, id: &str) -> testkit::Answer {
    person.api.post(&format!("/v1/posts/{id}/publish")).send().await
}

/// What happened to a post, once it is so many things.
async fn story(id: &str, length: usize) -> Vec<String> {
    for _ in 0..100 {
        let log = Server::shared().await.posts().await;
        let story: Vec<String> = log.story(id).into_iter().map(str::to_owned).collect();
        if story.len() >= length {
            return story;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("nothing happened to {id}");
}

#[tokio::test]
async fn a_draft_is_published_and_unpublished_at_its_times() {
    let (person, began) = (author().await, times::now());
    let id = person.post().await;
    let _ = put(&person, &id, "schedule", &at(700)).await.expect(200);
    let _ = put(&person, &id, "expiry", &at(1_500)).await.expect(200);
    assert_eq!(story(&id, 5).await, ["Drafted", "Scheduled", "ExpirySet", "Published", "Unpublished"]);
    let log = Server::shared().await.posts().await;
    let of_it = log.events().filter(|seen| seen.key == id);
    let times: Vec<i64> = of_it.map(|seen| occurred_at(seen.header("ce_time"))).collect();
    let (released, expired) = (times[3] - began.0, times[4] - began.0);
    assert!((700..1_900).contains(&released), "it was to be released after 700 ms, and was after {released}");
    assert!((1_500..2_700).contains(&expired), "it was to expire after 1500 ms, and did after {expired}");
    // Its expiry has passed: its author says first what is to become of that.
    let _ = publish(&person, &id).await.problem(409, "expired");
    let _ = delete(&person, &id, "expiry").await;
    let _ = publish(&person, &id).await.expect(200);
    let _ = put(&person, &id, "schedule", &at(60_000)).await.problem(409, "published");
}

fn occurred_at(text: &str) -> i64 {
    times::parse(text).unwrap().0
}

#[tokio::test]
async fn a_schedule_is_changed_and_withdrawn() {
    let person = author().await;
    let id = person.post().await;
    let hour = at(3_600_000);
    assert_eq!(put(&person, &id, "schedule", &hour).await.expect(200).version(), 2);
    assert!(!put(&person, &id, "schedule", &hour).await.expect(200).changed());
    assert_eq!(put(&person, &id, "schedule", &at(7_200_000)).await.expect(200).version(), 3);
    assert_eq!(delete(&person, &id, "schedule").await.version(), 4);
    assert!(!delete(&person, &id, "schedule").await.changed());
    let _ = put(&person, &id, "schedule", &hour).await.expect(200);
    let unpublished = person.api.post(&format!("/v1/posts/{id}/unpublish")).send().await.expect(200);
    assert!(unpublished.changed(), "what is taken back does not appear later");
    let story = story(&id, 6).await;
    assert_eq!(story, ["Drafted", "Scheduled", "Scheduled", "Unscheduled", "Scheduled", "Unscheduled"]);
}

#[tokio::test]
async fn local_time_is_kept_with_its_zone() {
    let person = author().await;
    let id = person.post().await;
    let body = json!({"local_time": "2033-03-27T02:30", "time_zone": "europe/vienna"});
    let _ = put(&person, &id, "schedule", &body).await.expect(200);
    // The clocks go from 02:00 to 03:00 that night.
    let same = json!({"local_time": "2033-03-27T02:30:00", "time_zone": "Europe/Vienna"});
    assert!(!put(&person, &id, "schedule", &same).await.expect(200).changed());
    let later = json!({"at": "2033-03-27T01:30:00Z"});
    assert!(put(&person, &id, "expiry", &later).await.problem(422, "invalid").body["version"] == 2);
}

#[tokio::test]
async fn what_is_no_time_to_come_is_refused() {
    let person = author().await;
    let id = person.post().await;
    for what in ["schedule", "expiry"] {
        for wrong in [
            json!({}),
            at(-1_000),
            json!({"at": "9999-12-31T00:00:00Z"}),
            json!({"at": "tomorrow"}),
            json!({"at": in_ms(9_000), "time_zone": "UTC"}),
            json!({"local_time": "2033-02-30T00:00:00", "time_zone": "UTC"}),
            json!({"local_time": "2033-01-01T00:00:00", "time_zone": "Europe/Atlantis"}),
            json!({"local_time": "2033-01-01T00:00:00"}),
            json!({"at": in_ms(9_000), "often": true}),
        ] {
            let _ = put(&person, &id, what, &wrong).await.problem(422, "invalid");
        }
    }
}

#[tokio::test]
async fn only_the_author_schedules_and_a_version_is_heeded() {
    let person = author().await;
    let id = person.post().await;
    let other = author().await;
    for what in ["schedule", "expiry"] {
        let _ = put(&other, &id, what, &at(60_000)).await.problem(404, "not-found");
        let path = format!("/v1/posts/{id}/{what}");
        let _ = person.api.put(&path).json(&at(60_000)).if_match(7).send().await.problem(412, "version-conflict");
        let _ = person.api.delete(&path).if_match(7).send().await.problem(412, "version-conflict");
    }
    let key = crate::support::unique("key");
    let schedule = || person.api.put(&format!("/v1/posts/{id}/schedule")).json(&json!({"at": "2033-01-01T00:00:00Z"}));
    let first = schedule().key(&key).send().await.expect(200);
    assert_eq!(schedule().key(&key).send().await.expect(200).body, first.body);
    let _ = put(&editor().await, &id, "schedule", &at(60_000)).await.expect(200);
}

#[tokio::test]
async fn a_deleted_post_is_not_released() {
    let person = author().await;
    let id = person.post().await;
    let _ = put(&person, &id, "schedule", &at(400)).await.expect(200);
    let _ = person.api.delete(&format!("/v1/posts/{id}")).send().await.expect(200);
    let _ = put(&person, &id, "schedule", &at(60_000)).await.problem(409, "deleted");
    assert_eq!(story(&id, 4).await, ["Drafted", "Scheduled", "Deleted", "Unscheduled"]);
}

/// What a person had planned who is out when its time comes does not become public, and what is to expire does.
async fn who_is_out_releases_nothing(go: impl AsyncFnOnce(&Member)) {
    let member = member().await;
    let owner = person(member.id.parse().unwrap(), &["author"]).await;
    let (planned, public) = (owner.post().await, owner.post().await);
    let _ = publish(&owner, &public).await.expect(200);
    let soon = at(5_000);
    let _ = put(&owner, &planned, "schedule", &soon).await.expect(200);
    let _ = put(&owner, &public, "expiry", &soon).await.expect(200);
    go(&member).await;
    assert_eq!(story(&planned, 2).await, ["Drafted", "Scheduled"], "its owner is out before its time comes");
    tokio::time::sleep(Duration::from_millis(3_000)).await;
    assert_eq!(story(&planned, 3).await, ["Drafted", "Scheduled", "Unscheduled"]);
    assert_eq!(story(&public, 4).await, ["Drafted", "Published", "ExpirySet", "Unpublished"]);
    let editor = editor().await;
    assert!(!delete(&editor, &planned, "schedule").await.changed(), "it has no schedule");
    let unpublished = editor.api.post(&format!("/v1/posts/{planned}/unpublish")).send().await.expect(200);
    assert!(!unpublished.changed(), "it is a draft");
}

#[tokio::test]
async fn who_is_deactivated_releases_nothing() {
    who_is_out_releases_nothing(async |member: &Member| {
        let shown = json!({"current_password": PASSWORD});
        let _ = member.api.post("/v1/me/deactivate").json(&shown).send().await.expect(200);
    })
    .await;
}

#[tokio::test]
async fn who_is_erased_releases_nothing() {
    who_is_out_releases_nothing(async |member: &Member| {
        let shown = json!({"current_password": PASSWORD});
        let _ = member.api.delete("/v1/me").json(&shown).send().await.expect(204);
    })
    .await;
}

#[tokio::test]
async fn who_is_blocked_releases_nothing() {
    who_is_out_releases_nothing(async |member: &Member| {
        let moderator = person(Uuid::new_v4(), &["moderator"]).await;
        let path = format!("/v1/moderation/account:{}/decisions", member.id);
        let block = json!({"measure": "block", "rule": "spam", "explanation": "It advertises."});
        let _ = moderator.api.post(&path).json(&block).send().await.expect(200);
    })
    .await;
}

#[tokio::test]
async fn many_are_due_at_once() {
    let person = editor().await;
    let ids = join_all((0..150).map(|_| person.post())).await;
    let due = at(2_000);
    for id in &ids {
        let _ = put(&person, id, "schedule", &due).await.expect(200);
    }
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    let _ = story(ids.last().unwrap(), 3).await;
    let log = Server::shared().await.posts().await;
    for id in &ids {
        assert_eq!(log.story(id), ["Drafted", "Scheduled", "Published"], "{id}");
    }
}
