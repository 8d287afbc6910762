//! Posts to measure with.

use std::fmt::Debug;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::Context;
use futures::{StreamExt, TryStreamExt, stream};
use serde_json::json;
use testkit::http::{Client, Request, Response};
use uuid::Uuid;

use crate::site::DEADLINE;

/// Posts drafted at the same time.
const AT_ONCE: usize = 16;

/// A value that is known to keep its rule.
pub(crate) fn text<T: FromStr<Err: Debug>>(text: &str) -> T {
    text.parse().expect("the benchmark's texts keep the rules")
}

/// The slug of a post of ours.
pub(crate) fn slug(id: Uuid) -> String {
    format!("post-{id}")
}

/// The body of an edit; no two are the same.
pub(crate) fn edit(n: u64) -> String {
    let unique = Uuid::now_v7();
    let summary = format!("{unique}: what the post is about, in a sentence or two that are as long as they are.");
    json!({"title": format!("A title, for the {n}th time"), "summary": summary}).to_string()
}

/// The body of a new post: what an edit says, and a slug that no other post has.
pub(crate) fn draft(n: u64) -> String {
    let id = Uuid::now_v7();
    let summary = format!("{id}: what the post is about, in a sentence or two that are as long as they are.");
    json!({"title": format!("A title, for the {n}th time"), "slug": slug(id), "summary": summary}).to_string()
}

/// Drafts posts with these ids through the command API, and publishes them.
///
/// # Errors
/// The API says no.
pub(crate) async fn publish(address: SocketAddr, token: &str, ids: &[Uuid]) -> anyhow::Result<()> {
    let each = |id: Uuid| async move {
        let mut client = Client::new(address, DEADLINE);
        let bearer = format!("Bearer {token}");
        let headers = [("authorization", bearer.as_str())];
        let draft =
            json!({"title": "A title", "slug": slug(id), "body": "Some *text*, to be rendered.", "tags": ["bench"]});
        let (path, draft) = (format!("/v1/posts/{id}"), draft.to_string());
        let put = Request { method: "PUT", path: &path, headers: &headers, body: &draft };
        accepted(&client.send(&put.bytes(address)).await?)?;
        let path = format!("{path}/publish");
        let publish = Request { method: "POST", path: &path, headers: &headers, body: "" };
        accepted(&client.send(&publish.bytes(address)).await?)
    };
    stream::iter(ids.iter().copied()).map(each).buffer_unordered(AT_ONCE).try_collect::<()>().await
}

/// A file in this folder that names posts, for the load.
///
/// # Errors
/// It cannot be written.
pub(crate) fn file(folder: &Path, ids: &[Uuid]) -> anyhow::Result<PathBuf> {
    let file = folder.join(format!("{}-posts.json", Uuid::new_v4().simple()));
    std::fs::write(&file, serde_json::to_vec(ids)?)?;
    Ok(file)
}

/// That a command was accepted.
///
/// # Errors
/// It was not.
pub(crate) fn accepted(response: &Response) -> anyhow::Result<()> {
    anyhow::ensure!(response.is_success(), "a command was refused: {}", response.shown());
    Ok(())
}

/// The version that a reply's `ETag` names.
///
/// # Errors
/// It names none.
pub(crate) fn version(response: &Response) -> anyhow::Result<u64> {
    let tag = response.header("etag");
    let tag = tag.with_context(|| format!("an accepted command has no ETag: {}", response.shown()))?;
    Ok(tag.trim_matches('"').parse()?)
}
