//! An author who writes a series, with a friend: a journey.

use serde_json::{Value, json};
use testkit::{Answer, Api};
use uuid::Uuid;

use crate::support::{System, unique};

const PATH: &str = "/v1/series";

/// What an address answers once the event at this position is visible.
async fn read(queries: &Api, path: &str, position: &str) -> Answer {
    queries.get(path).header("Inklog-Position", position).send().await
}

fn slugs(answer: &Answer) -> Vec<&str> {
    answer.body["posts"].as_array().unwrap().iter().map(|post| post["slug"].as_str().unwrap()).collect()
}

/// Number, previous and next of a post in its first series.
fn place(answer: &Answer) -> (Value, Value, Value) {
    let series = &answer.body["series"][0];
    (series["number"].clone(), series["previous"]["slug"].clone(), series["next"]["slug"].clone())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_a_first_part_to_an_order_that_readers_follow() {
    let system = System::behind_gateway(1).await;
    let (author, queries) = (system.author(), system.reader());
    let (one, two, three, slug) = (unique("one"), unique("two"), unique("three"), unique("series"));
    let body = json!({"title": "Engines", "slug": slug, "description": "From the first one on."});
    let series = author.api().post(PATH).json(&body).send().await.expect(201).id();

    // The parts are added while they are drafts, and released one by one.
    let mut posts = Vec::new();
    let mut position = String::new();
    for part in [&one, &two, &three] {
        let post = author.draft(part, &[]).await.id();
        let added = author.api().put(&format!("{PATH}/{series}/posts/{post}")).send().await.expect(200);
        position = added.position();
        posts.push(post);
    }
    let shown = read(&queries, &format!("{PATH}/{slug}"), &position).await.expect(200);
    assert_eq!((slugs(&shown).len(), &shown.body["posts_count"]), (0, &json!(0)), "nothing is published yet");
    for (post, part) in [(&posts[0], &one), (&posts[2], &three)] {
        position = author.publish(post).await.position();
        let _ = read(&queries, &format!("/v1/posts/{part}"), &position).await.expect(200);
    }
    let shown = read(&queries, &format!("{PATH}/{slug}"), &position).await.expect(200);
    assert_eq!(slugs(&shown), [&one, &three]);
    let first = read(&queries, &format!("/v1/posts/{one}"), &position).await.expect(200);
    assert_eq!(place(&first), (json!(1), Value::Null, json!(three)), "what is a draft is passed over");

    // The middle one appears where it belongs, and no other post is touched.
    position = author.publish(&posts[1]).await.position();
    let first = read(&queries, &format!("/v1/posts/{one}"), &position).await.expect(200);
    assert_eq!((place(&first), &first.body["version"]), ((json!(1), Value::Null, json!(two)), &json!(2)));

    // One event turns it round; another slug redirects.
    let path = format!("{PATH}/{series}");
    let order: Vec<&String> = posts.iter().rev().collect();
    let order = json!({"post_ids": order});
    let ordered = author.api().put(&format!("{path}/order")).json(&order).send().await.expect(200);
    let shown = read(&queries, &format!("{PATH}/{slug}"), &ordered.position()).await.expect(200);
    assert_eq!(slugs(&shown), [&three, &two, &one]);
    let renamed = unique("renamed");
    let moved = author.api().patch(&path).json(&json!({"slug": renamed})).send().await.expect(200).position();
    let former = read(&queries, &format!("{PATH}/{slug}"), &moved).await.expect(301);
    assert_eq!(former.header("location"), format!("{PATH}/{renamed}"));

    // Unpublished and deleted parts drop out, and come back, without the series being rewritten.
    let call = async |verb: &str, post: &str| {
        author.api().post(&format!("/v1/posts/{post}/{verb}")).send().await.expect(200).position()
    };
    let hidden = call("unpublish", &posts[1]).await;
    let _ = read(&queries, &format!("/v1/posts/{two}"), &hidden).await.problem(404, "not-found");
    let gone = author.api().delete(&format!("/v1/posts/{}", posts[2])).send().await.expect(200).position();
    let last = read(&queries, &format!("/v1/posts/{one}"), &gone).await.expect(200);
    let position = call("restore", &posts[2]).await;
    let restored = read(&queries, &format!("{PATH}/{renamed}"), &position).await.expect(200);
    assert_eq!((slugs(&restored)[0], &last.body["series"][0]["next"]), (three.as_str(), &Value::Null));

    let deleted = author.api().delete(&path).send().await.expect(200).position();
    let _ = read(&queries, &format!("{PATH}/{renamed}"), &deleted).await.problem(410, "gone");
    assert_eq!(read(&queries, &format!("/v1/posts/{one}"), &deleted).await.expect(200).body["series"], json!([]));
    let log = system.scope.log("series").await;
    log.assert_whole();
    let story = ["Created", "PostAdded", "PostAdded", "PostAdded", "Ordered", "Changed", "Deleted"];
    assert_eq!(log.story(&series), story);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_of_two_topics_give_the_same_answer_in_either_order() {
    let system = System::behind_gateway(1).await;
    let (author, queries) = (system.author(), system.reader());
    let other = system.person(Uuid::new_v4(), "editor").apis.remove(0);
    for _ in 0..5 {
        let (before, after, slug) = (unique("before"), unique("after"), unique("series"));
        let body = json!({"title": "Engines", "slug": slug});
        let series = author.api().post(PATH).json(&body).send().await.expect(201).id();
        let first = author.draft(&before, &[]).await.id();
        let _ = author.publish(&first).await;
        let _ = author.api().put(&format!("{PATH}/{series}/posts/{first}")).send().await.expect(200);
        let post = author.draft(&after, &[]).await.id();
        // Published and put into the series at the same moment, by two people.
        let add = other.put(&format!("{PATH}/{series}/posts/{post}"));
        let (published, added) = tokio::join!(author.publish(&post), add.send());
        let (published, added) = (published.position(), added.expect(200).position());
        let _ = read(&queries, &format!("/v1/posts/{after}"), &published).await.expect(200);
        let shown = read(&queries, &format!("/v1/posts/{after}"), &added).await.expect(200);
        assert_eq!(place(&shown), (json!(2), json!(before), Value::Null));
        let shown = read(&queries, &format!("{PATH}/{slug}"), &added).await.expect(200);
        assert_eq!(slugs(&shown), [&before, &after]);
    }
}
