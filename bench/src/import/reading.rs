//! Reads a post as a reader would: that the corpus is there is worth nothing if no reader finds it.

use anyhow::Context as _;
use serde_json::Value;
use testkit::http::{Client, Request};

use crate::site::{DEADLINE, Running, Service, Site};

/// Starts a query API, and reads one post by its slug, by one of its tags and by its author.
///
/// # Errors
/// There is no post with all three, or it is not found by one of them.
pub(super) async fn by_slug_tag_and_author(site: &Site) -> anyhow::Result<()> {
    let queries = site.start(Service::Queries).await?;
    let newest = get(&queries, "/v1/posts?limit=100").await?;
    let named = all(&newest).find_map(|post| {
        let (tag, author) = (&post["tags"][0], &post["author"]["user_name"]);
        Some((&post["id"], post["slug"].as_str()?, tag.as_str()?, author.as_str()?))
    });
    let (id, slug, tag, author) = named.context("no post that can be read has a tag and an author with a name")?;
    let read = get(&queries, &format!("/v1/posts/{slug}")).await?;
    anyhow::ensure!(read["id"] == *id, "{slug} is another post");
    anyhow::ensure!(read["body_html"].as_str().is_some_and(|html| !html.is_empty()), "{slug} has no text");
    for list in [format!("tag={tag}"), format!("author={author}"), format!("tag={tag}&author={author}")] {
        let found = get(&queries, &format!("/v1/posts?{list}&limit=100")).await?;
        anyhow::ensure!(all(&found).any(|found| found["id"] == *id), "{slug} is not among the posts of {list}");
    }
    println!("{slug} can be read: by its slug, by its tag {tag} and by its author {author}");
    queries.child.terminate().await.map(drop)
}

fn all(list: &Value) -> impl Iterator<Item = &Value> {
    list["posts"].as_array().into_iter().flatten()
}

async fn get(queries: &Running, path: &str) -> anyhow::Result<Value> {
    let request = Request { method: "GET", path, headers: &[], body: "" };
    let response = Client::new(queries.address, DEADLINE).send(&request.bytes(queries.address)).await?;
    anyhow::ensure!(response.is_success(), "{path} was refused: {}", response.shown());
    Ok(serde_json::from_slice(&response.body)?)
}
