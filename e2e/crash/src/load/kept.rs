//! What became of the pictures and files that accounts have, when all has come: whether the bytes are stored and served
//! to readers, and their smaller sizes as well.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use serde_json::{Value, json};
use testkit::http::{Client, Request, Response};

use super::World;
use super::files::sha256;

/// How long an answer may take.
const ANSWER: Duration = Duration::from_secs(6);

impl World {
    /// What is stored in this folder, and served, of each row of the view `media` that is of something that is there.
    ///
    /// # Errors
    /// A reader gets no answer.
    pub async fn kept(&self, folder: &Path, media: &[Value]) -> anyhow::Result<Vec<Value>> {
        let mut kept = Vec::new();
        let active = media.iter().filter(|row| row["active"] == true);
        for (row, address) in active.zip(self.queries.iter().cycle()) {
            let mut reader = Client::new(*address, ANSWER);
            let read = of(&mut reader, *address, folder, row).await;
            kept.push(read.with_context(|| format!("reading {}", row["item"]))?);
        }
        Ok(kept)
    }
}

async fn of(reader: &mut Client, address: SocketAddr, folder: &Path, row: &Value) -> anyhow::Result<Value> {
    let text = |name: &str| row[name].as_str().unwrap_or_default();
    let folder = folder.join(text("account_id")).join(text("sha256")).join(text("upload_id"));
    let stored = |name: &str| std::fs::read(folder.join(name)).ok();
    let path = format!("/media/{}", text("sha256"));
    let served = get(reader, address, &path).await?;
    let mut sizes = Vec::new();
    for size in row["renditions"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        let served = get(reader, address, &format!("{path}/{size}")).await?;
        // Other accounts have the same bytes, and sizes that are made of them are the same.
        if served.status == 200 && stored(size).is_some_and(|stored| stored == served.body) {
            sizes.push(size);
        }
    }
    Ok(json!({
        "item": row["item"],
        "stored": stored("original").map(|bytes| sha256(&bytes)),
        "served": (served.status == 200).then(|| sha256(&served.body)),
        "renditions": sizes,
    }))
}

async fn get(reader: &mut Client, address: SocketAddr, path: &str) -> anyhow::Result<Response> {
    let request = Request { method: "GET", path, headers: &[], body: "" };
    Ok(reader.send(&request.bytes(address)).await?)
}
