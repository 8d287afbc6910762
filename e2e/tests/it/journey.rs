//! What an author and a reader do, from the first day to the last.

use std::collections::BTreeSet;

use serde_json::json;
use testkit::{Api, eventually};

use crate::support::{PATIENCE, System, unique};

#[tokio::test]
async fn a_post_from_its_draft_to_its_restoration() {
    let system = System::behind_gateway(1).await;
    let (author, reader) = (system.author(), system.reader());
    let (name, slug, renamed, tag) = (unique("ann"), unique("first"), unique("second"), unique("tag"));

    let profile = json!({"user_name": name, "display_name": "Ann"});
    let _ = author.api().post("/v1/accounts").json(&profile).send().await.expect(201);
    let body = json!({"title": "First", "body": "# Hello\n\n<script>alert(1)</script>", "slug": slug, "tags": [tag]});
    let drafted = author.api().post("/v1/posts").json(&body).send().await.expect(201);
    let id = drafted.id();
    let _ = system.read(&slug, &drafted.position()).await.problem(404, "not-found");

    let published = author.publish(&id).await;
    let seen = system.read(&slug, &published.position()).await.expect(200);
    assert_eq!((&seen.body["title"], &seen.body["version"]), (&json!("First"), &json!(2)));
    assert_eq!(seen.body["author"]["user_name"], name);
    let html = seen.body["body_html"].as_str().unwrap();
    assert!(html.contains("Hello") && !html.contains("<script"), "{html}");
    let unchanged = reader.get(&format!("/v1/posts/{slug}")).header("If-None-Match", seen.header("etag"));
    let _ = unchanged.send().await.expect(304);
    for filter in [format!("tag={tag}"), format!("author={name}"), format!("tag={tag}&author={name}")] {
        assert_eq!(listed(&system, &filter, &published.position()).await, [id.as_str()], "{filter}");
    }

    let edited = author.edit(&id, 2, json!({"slug": renamed, "title": "Second"})).await.expect(200);
    let moved = system.read(&slug, &edited.position()).await.expect(301);
    assert!(moved.header("location").starts_with(&format!("/v1/posts/{renamed}")), "{:?}", moved.headers);
    let seen = system.read(&renamed, &edited.position()).await.expect(200);
    assert_eq!(seen.body["title"], "Second");

    let deleted = author.api().delete(&format!("/v1/posts/{id}")).send().await.expect(200);
    let _ = system.read(&renamed, &deleted.position()).await.problem(410, "gone");
    assert!(listed(&system, &format!("tag={tag}"), &deleted.position()).await.is_empty());

    let restored = author.api().post(&format!("/v1/posts/{id}/restore")).send().await.expect(200);
    let seen = system.read(&renamed, &restored.position()).await.expect(200);
    assert_eq!((&seen.body["title"], &seen.body["version"]), (&json!("Second"), &json!(5)));
    let log = system.scope.log("posts").await;
    assert_eq!(log.story(&id), ["Drafted", "Published", "Edited", "Deleted", "Restored"]);
    log.assert_whole();
    projectors_say_how_far_they_have_read(&system).await;
}

/// For every partition of what it reads, each projector has a gauge of what it has not read yet: in the end nothing.
async fn projectors_say_how_far_they_have_read(system: &System) {
    let mut expected = BTreeSet::new();
    let all = system.scope.contexts().await;
    // Of `security` there is no view for readers.
    let content: Vec<String> = all.iter().filter(|name| *name != "security").cloned().collect();
    let (lists, feeds) = (vec!["posts".to_owned()], vec!["posts".to_owned(), "following".to_owned()]);
    let each = [("content", content), ("account-index-2", all), ("lists", lists), ("feeds", feeds)];
    for (projector, contexts) in each {
        for context in &contexts {
            for record in &system.scope.log(context).await.records {
                let partition = record.partition;
                let labels = format!(r#"projector="{projector}",context="{context}",partition="{partition}""#);
                expected.insert(format!(r#"inklog_projection_lag_events{{service="projection-services",{labels}}} 0"#));
            }
        }
    }
    let metrics = Api::new(system.readers[0].metrics_url());
    eventually("nothing is left to read", PATIENCE, async || {
        let text = metrics.get("/metrics").send().await.expect(200).text;
        let gauges = text.lines().filter(|line| line.starts_with("inklog_projection_lag_events{"));
        (gauges.map(str::to_owned).collect::<BTreeSet<_>>() == expected).then_some(())
    })
    .await;
}

/// The ids in a list, once the event at `position` is visible.
async fn listed(system: &System, filter: &str, position: &str) -> Vec<String> {
    let path = format!("/v1/posts?{filter}&position={position}");
    let list = system.reader().get(&path).send().await.expect(200);
    list.body["posts"].as_array().unwrap().iter().map(|post| post["id"].as_str().unwrap().to_owned()).collect()
}
