//! People who follow each other, and what they prefer: a journey.

use serde_json::{Value, json};
use testkit::{Answer, Api, eventually};

use crate::support::members::{Member, PASSWORD};
use crate::support::{PATIENCE, System};

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
    let system = System::start(1).await;
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
async fn a_person_who_is_forgotten_goes_from_the_lists_and_follows_no_more() {
    let system = System::start(1).await;
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
