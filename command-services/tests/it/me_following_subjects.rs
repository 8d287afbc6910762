//! `/v1/me/following/tags/{tag}`, `…/categories/{category_id}` and `…/series/{series_id}`: PUT and DELETE.

use serde_json::json;
use testkit::{Answer, Api};
use uuid::Uuid;

use crate::members::{Member, PASSWORD, member};
use crate::support::{Server, author, editor, unique};

async fn follow(api: &Api, what: &str) -> Answer {
    api.put(&format!("/v1/me/following/{what}")).send().await
}

async fn unfollow(api: &Api, what: &str) -> Answer {
    api.delete(&format!("/v1/me/following/{what}")).send().await
}

/// What happened between an account and what it follows: `tag:js`.
async fn story(member: &Member, subject: &str) -> Vec<String> {
    let log = Server::shared().await.scope.log("following").await;
    log.assert_whole();
    log.story(&format!("{}:{subject}", member.id)).iter().map(ToString::to_string).collect()
}

async fn category() -> String {
    let body = json!({"name": unique("followed")});
    editor().await.api.post("/v1/categories").json(&body).send().await.expect(201).id()
}

#[tokio::test]
async fn what_is_followed_is_followed_once_and_no_more_once() {
    let (ada, tag, category) = (member().await, unique("tag"), category().await);
    let series = author().await.api.post("/v1/series").json(&json!({"title": "T"})).send().await.expect(201).id();
    for (kind, path, which) in [
        ("tag", format!("tags/{tag}"), tag.clone()),
        ("category", format!("categories/{category}"), category.clone()),
        ("series", format!("series/{series}"), series.clone()),
    ] {
        let first = follow(&ada.api, &path).await.expect(200);
        assert_eq!((first.version(), first.changed(), &first.body["following"]), (1, true, &true.into()));
        assert_eq!((&first.body["subject_kind"], &first.body["subject"]), (&kind.into(), &which.clone().into()));
        assert!(!follow(&ada.api, &path).await.expect(200).changed());
        let last = unfollow(&ada.api, &path).await.expect(200);
        assert_eq!((last.version(), last.changed(), &last.body["following"]), (2, true, &false.into()));
        assert!(!unfollow(&ada.api, &path).await.expect(200).changed());
        assert_eq!(story(&ada, &format!("{kind}:{which}")).await, ["SubjectFollowed", "SubjectUnfollowed"]);
    }
}

#[tokio::test]
async fn what_is_not_there_is_not_followed() {
    let (ada, category, writer) = (member().await, category().await, author().await);
    let series = writer.api.post("/v1/series").json(&json!({"title": "T"})).send().await.expect(201).id();
    let _ = follow(&ada.api, &format!("series/{series}")).await.expect(200);
    let _ = editor().await.api.delete(&format!("/v1/categories/{category}")).send().await.expect(200);
    let _ = writer.api.delete(&format!("/v1/series/{series}")).send().await.expect(200);
    let nothing = Uuid::new_v4();
    for path in [
        format!("categories/{category}"),
        format!("series/{series}"),
        format!("categories/{nothing}"),
        format!("series/{nothing}"),
        "tags/No%20Tag".to_owned(),
    ] {
        let _ = follow(&ada.api, &path).await.problem(404, "not-found");
    }
    assert!(unfollow(&ada.api, &format!("series/{series}")).await.expect(200).changed(), "that can be ended");
    let _ = follow(&author().await.api, &format!("tags/{}", unique("tag"))).await.problem(404, "not-found");
}

#[tokio::test]
async fn the_same_key_gets_the_first_reply_again_whatever_became_of_what_is_followed() {
    let (ada, category, writer) = (member().await, category().await, author().await);
    let series = writer.api.post("/v1/series").json(&json!({"title": "T"})).send().await.expect(201).id();
    let paths = [format!("/v1/me/following/categories/{category}"), format!("/v1/me/following/series/{series}")];
    let ask = |path: &str, key: &str| ada.api.put(path).key(key).send();
    let mut first = Vec::new();
    for path in &paths {
        first.push(ask(path, "k-1").await.expect(200));
    }
    let _ = editor().await.api.delete(&format!("/v1/categories/{category}")).send().await.expect(200);
    let _ = writer.api.delete(&format!("/v1/series/{series}")).send().await.expect(200);
    for (path, first) in paths.iter().zip(first) {
        let _ = ask(path, "k-2").await.problem(404, "not-found");
        let again = ask(path, "k-1").await.expect(200);
        assert_eq!((again.body.clone(), again.position()), (first.body.clone(), first.position()), "{path}");
    }
}

#[tokio::test]
async fn a_tag_that_is_followed_under_another_name_only_is_followed_no_more_and_the_reply_says_so() {
    let (ada, editor, old, new) = (member().await, editor().await, unique("js"), unique("javascript"));
    let followed = follow(&ada.api, &format!("tags/{old}")).await.expect(200);
    let describe = json!({"description": "x"});
    let _ = editor.api.put(&format!("/v1/tags/{new}")).json(&describe).send().await.expect(200);
    let merge = json!({"into_tag": new});
    let _ = editor.api.post(&format!("/v1/tags/{old}/merge")).json(&merge).send().await.expect(200);
    let ended = unfollow(&ada.api, &format!("tags/{new}")).await.expect(200);
    assert_eq!((ended.changed(), ended.version()), (true, followed.version() + 1));
    assert_eq!(ended.body["subject"], new.as_str());
    assert_eq!(story(&ada, &format!("tag:{old}")).await, ["SubjectFollowed", "SubjectUnfollowed"]);
    assert!(!unfollow(&ada.api, &format!("tags/{new}")).await.expect(200).changed());
}

#[tokio::test]
async fn a_name_that_stands_for_another_tag_is_that_tag() {
    let (ada, editor, old, new) = (member().await, editor().await, unique("js"), unique("javascript"));
    let _ = follow(&ada.api, &format!("tags/{old}")).await.expect(200);
    let merge = json!({"into_tag": new});
    let _ = editor.api.put(&format!("/v1/tags/{new}")).json(&json!({"description": "x"})).send().await.expect(200);
    let _ = editor.api.post(&format!("/v1/tags/{old}/merge")).json(&merge).send().await.expect(200);
    assert_eq!(follow(&ada.api, &format!("tags/{old}")).await.expect(200).body["subject"], new.as_str());
    // To follow the tag no more is to follow it under none of its names.
    assert!(unfollow(&ada.api, &format!("tags/{old}")).await.expect(200).changed());
    for name in [&old, &new] {
        assert_eq!(story(&ada, &format!("tag:{name}")).await, ["SubjectFollowed", "SubjectUnfollowed"], "{name}");
    }
}

#[tokio::test]
async fn a_category_that_was_merged_is_the_one_that_it_was_merged_into() {
    let (ada, old, new) = (member().await, category().await, category().await);
    let _ = follow(&ada.api, &format!("categories/{old}")).await.expect(200);
    let merge = json!({"into_id": new});
    let _ = editor().await.api.post(&format!("/v1/categories/{old}/merge")).json(&merge).send().await.expect(200);
    assert_eq!(follow(&ada.api, &format!("categories/{old}")).await.expect(200).body["subject"], new.as_str());
    let _ = unfollow(&ada.api, &format!("categories/{new}")).await.expect(200);
    for id in [&old, &new] {
        assert_eq!(story(&ada, &format!("category:{id}")).await, ["SubjectFollowed", "SubjectUnfollowed"], "{id}");
    }
}

#[tokio::test]
async fn what_one_follows_is_in_ones_export_and_goes_with_the_account() {
    let (ada, tag) = (member().await, unique("tag"));
    let _ = follow(&ada.api, &format!("tags/{tag}")).await.expect(200);
    let export = testkit::eventually("there is room", std::time::Duration::from_secs(60), async || {
        let answer = ada.api.get("/v1/me/export").send().await;
        (answer.status != 503).then_some(answer)
    })
    .await;
    assert!(export.text.contains("inklog.following.SubjectFollowed") && export.text.contains(&tag));
    let _ = ada.api.delete("/v1/me").json(&json!({"current_password": PASSWORD})).send().await.expect(204);
    assert_eq!(story(&ada, &format!("tag:{tag}")).await, ["SubjectFollowed", "SubjectUnfollowed"]);
}
