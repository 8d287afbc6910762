//! A reader who keeps posts for later: a journey.

use testkit::Answer;

use crate::support::members::Member;
use crate::support::{System, unique};

impl Member {
    async fn keep(&self, post: &str) -> Answer {
        self.commands.put(&format!("/v1/me/bookmarks/{post}")).send().await.expect(200)
    }

    /// The slugs of the posts that they keep, as a list says that reflects what was replied at this position.
    async fn kept(&self, position: &str) -> Vec<String> {
        let answer = self.queries.get("/v1/me/bookmarks").header("Inklog-Position", position).send().await.expect(200);
        let entries = answer.body["bookmarks"].as_array().unwrap();
        entries.iter().map(|entry| entry["post"]["slug"].as_str().unwrap().to_owned()).collect()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_a_first_bookmark_to_none() {
    let system = System::behind_gateway(1).await;
    let (author, reader) = (system.author(), Member::join(&system, "reader").await);
    let (one, other) = (unique("one"), unique("other"));
    let mut posts = Vec::new();
    for slug in [&one, &other] {
        let id = author.draft(slug, &[]).await.id();
        let published = author.publish(&id).await;
        // The read model knows the post before it is looked for in a list: posts are read apart from bookmarks.
        let _ = system.read(slug, &published.position()).await.expect(200);
        posts.push(id);
    }

    let reply = reader.keep(&posts[0]).await;
    assert_eq!(reader.kept(&reply.position()).await, [one.as_str()]);
    let reply = reader.keep(&posts[1]).await;
    assert_eq!(reader.kept(&reply.position()).await, [other.as_str(), one.as_str()]);

    let gone = reader.commands.delete(&format!("/v1/me/bookmarks/{}", posts[0])).send().await.expect(200);
    assert_eq!(reader.kept(&gone.position()).await, [other.as_str()]);
    let deleted = author.api().delete(&format!("/v1/posts/{}", posts[1])).send().await.expect(200);
    assert!(reader.kept(&deleted.position()).await.is_empty(), "a post that is deleted is in no list");

    let log = system.scope.log("bookmarks").await;
    log.assert_whole();
    assert_eq!(log.story(&format!("{}:{}", reader.id, posts[0])), ["Added", "Removed"]);
    assert_eq!(log.story(&format!("{}:{}", reader.id, posts[1])), ["Added"]);
}
