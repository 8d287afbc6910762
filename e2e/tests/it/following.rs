//! People who follow each other, and what they prefer: a journey.

use serde_json::{Value, json};
use testkit::{Answer, Api, eventually};
use uuid::Uuid;

use crate::support::members::{Member, PASSWORD};
use crate::support::{PATIENCE, System, unique};

impl Member {
    async fn follow(&self, other: &Self) -> Answer {
        self.commands.put(&format!("/v1/me/following/{}", other.id)).send().await.expect(200)
    }

    async fn unfollow(&self, other: &Self) -> Answer {
        self.commands.delete(&format!("/v1/me/following/{}", other.id)).send().await.expect(200)
    }

    async fn prefer(&self, wish: Value) -> Answer {
        self.commands.patch("/v1/me/preferences").json(&wish).send().await
    }
}

/// An answer that reflects what was replied at this position.
async fn read(api: &Api, path: &str, position: &str) -> Answer {
    api.get(path).header("Inklog-Position", position).send().await
}

async fn counts(system: &System, who: &Member, position: &str) -> (u64, u64) {
    let author = read(&system.reader(), &format!("/v1/authors/{}", who.name), position).await.expect(200);
    let count = |field: &str| author.body[field].as_u64().unwrap();
    (count("followers_count"), count("following_count"))
}

fn names(answer: &Answer, list: &str) -> Vec<String> {
    let entries = answer.body[list].as_array().unwrap();
    entries.iter().map(|entry| entry["user_name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_a_first_follower_to_a_list_of_ones_own() {
    let system = System::behind_gateway(1).await;
    let (ada, bob, eve) =
        (Member::join(&system, "ada").await, Member::join(&system, "bob").await, Member::join(&system, "eve").await);
    // The read model knows them all before they are looked for in lists: who follows is read apart from who there is.
    let known = eve.prefer(json!({"theme": "dark"})).await.expect(200);
    for other in [&ada, &bob] {
        let settled = other.prefer(json!({"locale": "pt-BR"})).await.expect(200);
        let _ = read(&other.queries, "/v1/me/preferences", &settled.position()).await.expect(200);
    }
    let _ = read(&eve.queries, "/v1/me/preferences", &known.position()).await.expect(200);

    let first = ada.follow(&bob).await;
    assert_eq!((first.version(), first.changed()), (1, true));
    assert_eq!(counts(&system, &bob, &first.position()).await, (1, 0));
    let second = eve.follow(&bob).await;
    let _ = read(&system.reader(), "/v1/authors", &second.position()).await.expect(200);
    let mutual = bob.follow(&ada).await;
    assert!(!ada.follow(&bob).await.changed());
    assert_eq!(counts(&system, &ada, &mutual.position()).await, (1, 1));
    let followers = format!("/v1/authors/{}/followers", bob.name);
    let list = read(&system.reader(), &format!("{followers}?limit=1"), &second.position()).await.expect(200);
    assert_eq!(names(&list, "followers"), [eve.name.as_str()]);
    let next = format!("{followers}?limit=1&cursor={}", list.body["next"].as_str().unwrap());
    assert_eq!(names(&read(&system.reader(), &next, &first.position()).await, "followers"), [ada.name.as_str()]);

    // A list of one's own.
    let mine = ada.queries.get("/v1/me/preferences").send().await.expect(200);
    let wish = json!({"following_list": "private", "locale": null});
    let call = ada.commands.patch("/v1/me/preferences").header("If-Match", mine.header("etag")).json(&wish);
    let hidden = call.send().await.expect(200);
    let following = format!("/v1/authors/{}/following", ada.name);
    let _ = read(&system.reader(), &following, &hidden.position()).await.problem(403, "private");
    let _ = read(&eve.queries, &following, &hidden.position()).await.problem(403, "private");
    assert_eq!(names(&read(&ada.queries, &following, &hidden.position()).await, "following"), [bob.name.as_str()]);
    let mine = ada.queries.get("/v1/me/preferences").send().await.expect(200);
    assert_eq!((&mine.body["following_list"], &mine.body["locale"]), (&json!("private"), &json!("en")));
    let stale = ada.commands.patch("/v1/me/preferences").if_match(1).json(&json!({"theme": "light"}));
    let _ = stale.send().await.problem(412, "version-conflict");

    // Who is deactivated stays where they were, as among the authors; no account comes to follow them any more.
    let out =
        bob.commands.post("/v1/me/deactivate").json(&json!({"current_password": PASSWORD})).send().await.expect(200);
    assert_eq!(names(&read(&ada.queries, &following, &out.position()).await, "following"), [bob.name.as_str()]);
    assert_eq!(counts(&system, &bob, &out.position()).await, (2, 1));
    let _ = ada.commands.put(&format!("/v1/me/following/{}", bob.id)).send().await.problem(404, "not-found");
    let last = ada.unfollow(&bob).await;
    assert_eq!(counts(&system, &bob, &last.position()).await, (1, 1));
    assert!(names(&read(&ada.queries, &following, &last.position()).await, "following").is_empty());

    let _ = system.scope.succeed("projection-services", &["rebuild", "all", "--verify"]);
    assert_eq!(counts(&system, &bob, &last.position()).await, (1, 1));
    let log = system.scope.log("following").await;
    log.assert_whole();
    assert_eq!(log.story(&format!("{}:{}", ada.id, bob.id)), ["Followed", "Unfollowed"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tags_categories_and_series_are_followed_through_merges() {
    let system = System::behind_gateway(1).await;
    let (ada, bob) = (Member::join(&system, "ada").await, Member::join(&system, "bob").await);
    let (author, editor) = (system.author(), system.person(Uuid::new_v4(), "editor"));
    let (old, new) = (unique("js"), unique("javascript"));
    let follow = async |who: &Member, what: &str| {
        who.commands.put(&format!("/v1/me/following/{what}")).send().await.expect(200).position()
    };
    let post = async |path: &str, body: Value| editor.api().post(path).json(&body).send().await;
    let category =
        async |name: &str| post("/v1/categories", json!({"name": name, "slug": name})).await.expect(201).id();
    let (science, sciences) = (unique("science"), unique("sciences"));
    let (merged, into) = (category(&science).await, category(&sciences).await);
    let body = json!({"title": "Machines", "slug": unique("machines")});
    let series = author.api().post("/v1/series").json(&body).send().await.expect(201).id();
    for who in [&ada, &bob] {
        let _ = follow(who, &format!("tags/{old}")).await;
        let _ = follow(who, &format!("categories/{merged}")).await;
    }
    let _ = follow(&ada, &format!("categories/{into}")).await;
    let in_series = follow(&ada, &format!("series/{series}")).await;
    let body = json!({"description": "A language."});
    let _ = editor.api().put(&format!("/v1/tags/{new}")).json(&body).send().await.expect(200);
    let tags = post(&format!("/v1/tags/{old}/merge"), json!({"into_tag": new})).await.expect(200).position();
    let last = post(&format!("/v1/categories/{merged}/merge"), json!({"into_id": into})).await.expect(200).position();

    let list = async |what: &str, position: &str, field: &str| -> Vec<Value> {
        let answer = read(&ada.queries, &format!("/v1/me/following/{what}"), position).await.expect(200);
        answer.body[what].as_array().unwrap().iter().map(|entry| entry[field].clone()).collect()
    };
    // What is followed is in several partitions, and each position is in one.
    let seen = async |what: &str, position: &str, field: &str, expected: &[&str]| {
        eventually(what, PATIENCE, async || (list(what, position, field).await == expected).then_some(())).await;
    };
    let count = async |path: &str, position: &str, expected: i64| {
        eventually(path, PATIENCE, async || {
            let answer = read(&system.reader(), path, position).await.expect(200);
            (answer.body["followers_count"] == expected).then_some(())
        })
        .await;
    };
    seen("series", &in_series, "id", &[&series]).await;
    seen("tags", &tags, "tag", &[&new]).await;
    seen("categories", &last, "slug", &[&sciences]).await;
    count(&format!("/v1/tags/{new}"), &tags, 2).await;
    count(&format!("/v1/categories/{sciences}"), &last, 2).await;
    // To follow the tag no more is to follow it under none of its names.
    let path = format!("/v1/me/following/tags/{new}");
    let gone = ada.commands.delete(&path).send().await.expect(200).position();
    seen("tags", &gone, "tag", &[]).await;
    count(&format!("/v1/tags/{new}"), &gone, 1).await;
    let _ = system.scope.succeed("projection-services", &["rebuild", "all", "--verify"]);
    count(&format!("/v1/tags/{new}"), &gone, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_who_is_forgotten_goes_from_the_lists_and_follows_no_more() {
    let system = System::behind_gateway(1).await;
    let (ada, bob) = (Member::join(&system, "ada").await, Member::join(&system, "bob").await);
    let _ = bob.follow(&ada).await;
    let both = ada.follow(&bob).await;
    let (followers, following) =
        (format!("/v1/authors/{}/followers", ada.name), format!("/v1/authors/{}/following", ada.name));
    let prefers = bob.prefer(json!({"theme": "dark"})).await.expect(200);
    let _ = read(&bob.queries, "/v1/me/preferences", &prefers.position()).await.expect(200);
    assert_eq!(names(&read(&system.reader(), &following, &both.position()).await, "following"), [bob.name.as_str()]);
    assert_eq!(counts(&system, &ada, &both.position()).await, (1, 1));
    let gone = bob.commands.delete("/v1/me").json(&json!({"current_password": PASSWORD})).send().await.expect(204);
    for (path, list) in [(&followers, "followers"), (&following, "following")] {
        assert!(names(&read(&system.reader(), path, &gone.position()).await.expect(200), list).is_empty());
    }
    let _ = ada.commands.put(&format!("/v1/me/following/{}", bob.id)).send().await.problem(404, "not-found");
    eventually("the pairs are ended", PATIENCE, async || {
        (counts(&system, &ada, &both.position()).await == (0, 0)).then_some(())
    })
    .await;
    let _ = system.scope.succeed("projection-services", &["rebuild", "all", "--verify"]);
}
