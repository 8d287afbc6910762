//! `/v1/tags`. All that is said of tags is one aggregate, which the tests share.

use serde_json::json;
use testkit::{Answer, Api};

use crate::support::{author, editor as an_editor, unique};

async fn editor() -> Api {
    an_editor().await.api
}

async fn describe(api: &Api, tag: &str, description: &str) -> Answer {
    api.put(&format!("/v1/tags/{tag}")).json(&json!({"description": description})).send().await
}

async fn rename(api: &Api, tag: &str, name: &str) -> Answer {
    api.post(&format!("/v1/tags/{tag}/rename")).json(&json!({"new_name": name})).send().await
}

async fn merge(api: &Api, tag: &str, into_tag: &str) -> Answer {
    api.post(&format!("/v1/tags/{tag}/merge")).json(&json!({"into_tag": into_tag})).send().await
}

async fn add(api: &Api, tag: &str, synonym: &str) -> Answer {
    api.put(&format!("/v1/tags/{tag}/synonyms/{synonym}")).send().await
}

async fn remove(api: &Api, tag: &str, synonym: &str) -> Answer {
    api.delete(&format!("/v1/tags/{tag}/synonyms/{synonym}")).send().await
}

#[tokio::test]
async fn a_tag_is_described_and_repeating_changes_nothing() {
    let (api, tag) = (editor().await, unique("tag"));
    let first = describe(&api, &tag, "About this.").await.expect(200);
    assert_eq!((first.changed(), &first.body["tag"]), (true, &json!(tag)));
    assert!(!first.position().is_empty());
    assert!(!describe(&api, &tag, "About this.").await.expect(200).changed());
    assert!(describe(&api, &tag, "").await.expect(200).changed());
    let _ = describe(&api, &tag, &"x".repeat(501)).await.problem(422, "invalid");
    let _ = describe(&api, "no--tag", "x").await.problem(404, "not-found");
}

#[tokio::test]
async fn a_name_stands_for_a_tag_until_it_does_not() {
    let (api, tag, synonym) = (editor().await, unique("tag"), unique("synonym"));
    assert!(add(&api, &tag, &synonym).await.expect(200).changed());
    assert!(!add(&api, &tag, &synonym).await.expect(200).changed());
    let refused = add(&api, &unique("other"), &synonym).await.problem(409, "exists");
    assert_eq!(refused.body["stands_for"], tag);
    assert!(remove(&api, &tag, &synonym).await.expect(200).changed());
    assert!(!remove(&api, &tag, &synonym).await.expect(200).changed());
    let _ = add(&api, &tag, &tag).await.problem(422, "invalid");
}

#[tokio::test]
async fn tags_are_renamed_and_merged() {
    let (api, tag, synonym) = (editor().await, unique("tag"), unique("synonym"));
    let _ = describe(&api, &tag, "About this.").await.expect(200);
    let _ = add(&api, &tag, &synonym).await.expect(200);
    let (name, into_tag) = (unique("name"), unique("other"));
    assert!(rename(&api, &tag, &name).await.expect(200).changed());
    assert!(!rename(&api, &tag, &name).await.expect(200).changed());
    assert!(!describe(&api, &name, "About this.").await.expect(200).changed(), "it took it along");
    assert_eq!(describe(&api, &tag, "x").await.problem(409, "exists").body["stands_for"], name);
    let _ = describe(&api, &into_tag, "About that.").await.expect(200);
    let _ = rename(&api, &name, &into_tag).await.problem(409, "exists");
    assert!(merge(&api, &name, &into_tag).await.expect(200).changed());
    assert!(!merge(&api, &name, &into_tag).await.expect(200).changed());
    for former in [&tag, &synonym, &name] {
        assert_eq!(describe(&api, former, "x").await.problem(409, "exists").body["stands_for"], into_tag);
    }
    let _ = merge(&api, &into_tag, &into_tag).await.problem(422, "invalid");
}

#[tokio::test]
async fn an_author_says_nothing_of_tags() {
    let (api, tag) = (author().await.api, unique("tag"));
    for answer in [describe(&api, &tag, "x").await, merge(&api, &tag, "b").await, add(&api, &tag, "b").await] {
        let _ = answer.problem(403, "forbidden");
    }
}
