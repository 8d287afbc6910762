//! A reader who keeps posts for later: a journey.

use serde_json::{Value, json};
use testkit::{Answer, Api};

use crate::support::{System, unique};

const PASSWORD: &str = "correct horse battery staple";

/// A list that reflects what was replied at this position.
async fn kept(queries: &Api, position: &str) -> Vec<String> {
    let answer = queries.get("/v1/me/bookmarks").header("Inklog-Position", position).send().await.expect(200);
    let entries = answer.body["bookmarks"].as_array().unwrap();
    entries.iter().map(|entry| entry["post"]["slug"].as_str().unwrap().to_owned()).collect()
}

async fn publish(commands: &Api, slug: &str) -> Answer {
    let draft = commands.post("/v1/posts").json(&json!({"title": slug, "slug": slug})).send().await.expect(201);
    commands.post(&format!("/v1/posts/{}/publish", draft.id())).send().await.expect(200)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_a_first_bookmark_to_none() {
    let system = System::start(1).await;
    let (api, name) = (Api::new(system.commands[0].url()), unique("reader"));
    let body = json!({"user_name": name, "email": format!("{name}@example.org"), "password": PASSWORD});
    let _ = api.post("/v1/register").json(&body).send().await.expect(201);
    let session = api.post("/v1/sessions").json(&json!({"login": name, "password": PASSWORD})).send().await.expect(201);
    let token = session.body["access_token"].as_str().unwrap();
    let (commands, queries) = (api.with_token(token), system.reader().with_token(token));

    let (one, other) = (unique("one"), unique("other"));
    let (first, second) = (publish(&commands, &one).await, publish(&commands, &other).await);
    // The read model knows both posts before they are looked for in a list: posts are read apart from bookmarks.
    for post in [&first, &second] {
        let position = post.position();
        let _ = system.reader().get("/v1/posts").header("Inklog-Position", &position).send().await.expect(200);
    }
    let keep = async |post: &Answer| commands.put(&format!("/v1/me/bookmarks/{}", post.id())).send().await.expect(200);
    let reply = keep(&first).await;
    assert_eq!(kept(&queries, &reply.position()).await, [one.as_str()]);
    let reply = keep(&second).await;
    assert_eq!(kept(&queries, &reply.position()).await, [other.as_str(), one.as_str()]);

    let gone = commands.delete(&format!("/v1/me/bookmarks/{}", first.id())).send().await.expect(200);
    assert_eq!(kept(&queries, &gone.position()).await, [other.as_str()]);
    let deleted = commands.delete(&format!("/v1/posts/{}", second.id())).send().await.expect(200);
    assert!(kept(&queries, &deleted.position()).await.is_empty(), "a post that is deleted is in no list");

    let log = system.scope.log("bookmarks").await;
    log.assert_whole();
    let owner: Value = session.body["account_id"].clone();
    let story = log.story(&format!("{}:{}", owner.as_str().unwrap_or_default(), first.id()));
    assert!(owner.is_null() || story == ["Added", "Removed"], "{story:?}");
}
