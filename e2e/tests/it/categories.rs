//! An editor who sorts posts into categories: a journey.

use serde_json::{Value, json};
use testkit::{Answer, Api};
use uuid::Uuid;

use crate::support::{System, unique};

struct Editor {
    commands: Api,
    queries: Api,
}

impl Editor {
    async fn send(&self, path: &str, body: Value) -> Answer {
        let answer = self.commands.post(&format!("/v1/categories{path}")).json(&body).send().await;
        assert!([200, 201].contains(&answer.status), "{path}: {answer:?}");
        answer
    }

    /// What an address answers once the event at this position is visible.
    async fn read(&self, path: &str, position: &str) -> Answer {
        self.queries.get(path).header("Inklog-Position", position).send().await
    }

    /// The slugs in the tree, each with its level and number of posts.
    async fn tree(&self, position: &str) -> Vec<(String, i64, i64)> {
        let answer = self.read("/v1/categories", position).await.expect(200);
        let number = |entry: &Value, name: &str| entry[name].as_i64().unwrap();
        let entries = answer.body["categories"].as_array().unwrap().iter();
        let slug = |entry: &Value| entry["slug"].as_str().unwrap().to_owned();
        entries.map(|entry| (slug(entry), number(entry, "depth"), number(entry, "posts"))).collect()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_a_first_category_to_a_merged_one() {
    let system = System::behind_gateway(1).await;
    let author = system.author();
    let commands = system.person(Uuid::new_v4(), "editor").apis.remove(0);
    let editor = Editor { commands, queries: system.reader() };
    let (science, physics, optics) = (unique("science"), unique("physics"), unique("optics"));

    let first = editor.send("", json!({"name": "Science", "slug": science})).await.id();
    let below = |slug: &str, parent: &str| json!({"name": "Part", "slug": slug, "parent_id": parent});
    let second = editor.send("", below(&physics, &first)).await.id();
    let third = editor.send("", below(&optics, &second)).await;

    // A post is published while its category is about to be merged.
    let slug = unique("light");
    let body = json!({"title": "Light", "slug": slug, "category_ids": [third.id(), second]});
    let post = author.api().post("/v1/posts").json(&body).send().await.expect(201).id();
    let published = author.publish(&post).await.position();
    let merged = editor.send(&format!("/{}/merge", third.id()), json!({"into_id": second})).await.position();
    let _ = system.read(&slug, &published).await.expect(200);
    let level = |slug: &String, depth, posts| (slug.clone(), depth, posts);
    assert_eq!(editor.tree(&merged).await, [level(&science, 0, 0), level(&physics, 1, 1)], "the post counts once");
    let shown = system.read(&slug, &merged).await.expect(200);
    assert_eq!(shown.body["categories"], json!([{"id": second, "slug": physics, "name": "Part"}]));
    assert_eq!(shown.body["version"], 2, "it was not rewritten");

    // Renamed, and moved to the root: the addresses of before lead to it.
    let renamed = unique("renamed");
    let path = format!("/v1/categories/{second}");
    let _ = editor.commands.patch(&path).json(&json!({"slug": renamed})).send().await.expect(200);
    let moved = editor.send(&format!("/{second}/move"), json!({"parent_id": null})).await.position();
    for former in [&optics, &physics] {
        let answer = editor.read(&format!("/v1/categories/{former}"), &moved).await.expect(301);
        assert_eq!(answer.header("location"), format!("/v1/categories/{renamed}"));
    }
    let listed = editor.read(&format!("/v1/posts?category={renamed}"), &moved).await.expect(200);
    assert_eq!(listed.body["posts"][0]["slug"], slug.as_str());

    let deleted = editor.commands.delete(&path).send().await.expect(200).position();
    assert_eq!(editor.tree(&deleted).await, [level(&science, 0, 0)]);
    let _ = editor.read(&format!("/v1/categories/{renamed}"), &deleted).await.problem(410, "gone");
    assert_eq!(system.read(&slug, &deleted).await.expect(200).body["categories"], json!([]));

    let log = system.scope.log("taxonomy").await;
    log.assert_whole();
    let story = ["CategoryCreated"; 3].into_iter();
    let story = story.chain(["CategoryMerged", "CategoryChanged", "CategoryMoved", "CategoryDeleted"]);
    assert_eq!(log.story("categories"), story.collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tag_is_merged_while_a_post_with_it_is_published() {
    let system = System::behind_gateway(1).await;
    let author = system.author();
    let commands = system.person(Uuid::new_v4(), "editor").apis.remove(0);
    let queries = system.reader();
    let (js, javascript, slug) = (unique("js"), unique("javascript"), unique("post"));
    let post = author.draft(&slug, &[&js]).await.id();
    let merge = commands.post(&format!("/v1/tags/{js}/merge")).json(&json!({"into_tag": javascript}));
    let (published, merged) = tokio::join!(author.publish(&post), merge.send());
    let (published, merged) = (published.position(), merged.expect(200).position());
    let _ = system.read(&slug, &published).await.expect(200);
    let read = async |path: String| queries.get(&path).header("Inklog-Position", &merged).send().await;
    let moved = read(format!("/v1/posts?tag={js}")).await.expect(301);
    assert_eq!(moved.header("location"), format!("/v1/posts?tag={javascript}"));
    let listed = read(format!("/v1/posts?tag={javascript}")).await.expect(200);
    assert_eq!(listed.body["posts"][0]["slug"], slug.as_str());
    assert_eq!(listed.body["posts"][0]["tags"], json!([javascript]));
    let tag = read(format!("/v1/tags/{javascript}")).await.expect(200);
    assert_eq!((&tag.body["posts"], &tag.body["synonyms"]), (&json!(1), &json!([js])));
    assert_eq!(system.scope.log("posts").await.story(&post), ["Drafted", "Published"], "it was not rewritten");
}
