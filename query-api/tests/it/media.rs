//! `/media/{sha256}`, `/v1/media/{sha256}`, `/v1/me/media` and who uses one.

use std::path::PathBuf;

use serde_json::json;
use sqlx::PgPool;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::support::{Answer, Author, Post, Server};

const ADA: Uuid = Uuid::from_u128(1);
const BOB: Uuid = Uuid::from_u128(2);

/// What a letter stands for.
fn sha256(letter: char) -> String {
    letter.to_string().repeat(64)
}

/// The upload of an item.
fn upload(account: Uuid, letter: char) -> Uuid {
    Uuid::from_u128(account.as_u128() * 1_000 + u128::from(u32::from(letter)))
}

/// An item that was brought so many milliseconds after 1970.
pub(crate) async fn bring(pool: &PgPool, account: Uuid, letter: char, at: i64) {
    let at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(at) * 1_000_000).unwrap();
    let query = sqlx::query(
        "INSERT INTO content.media VALUES ($5, $1, $2, true, $3, 'image/jpeg', 5, 700, 350, 'An engine', \
         ARRAY['320w', '640w'], $4, $4, 3)",
    );
    let query = query.bind(account).bind(sha256(letter)).bind(upload(account, letter)).bind(at);
    let query = query.bind(format!("{account}:{}", sha256(letter)));
    query.execute(pool).await.unwrap();
}

/// A post that uses an item.
pub(crate) async fn uses(pool: &PgPool, post: Uuid, letter: char) {
    let query = sqlx::query("INSERT INTO content.media_uses VALUES ($1, $2, NULL, 1, '{}')");
    query.bind(post).bind(vec![sha256(letter)]).execute(pool).await.unwrap();
}

/// A server with a store of its own, which is deleted in the end.
struct Stored {
    server: Server,
    folder: PathBuf,
}

impl Stored {
    async fn start() -> Self {
        let folder = std::env::temp_dir().join(format!("inklog-media-{}", Uuid::new_v4()));
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join(".inklog-media"), "").unwrap();
        let server = Server::with(&["--media-store", &format!("file://{}", folder.display())]).await;
        Author::write(server.pool(), ADA, "ada", 1).await;
        Self { server, folder }
    }

    /// Stores bytes of an item, or of a smaller size.
    fn store(&self, account: Uuid, letter: char, name: &str, bytes: &[u8]) {
        let folder = self.folder.join(account.to_string()).join(sha256(letter));
        let folder = folder.join(upload(account, letter).to_string());
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(name), bytes).unwrap();
    }

    async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.server.get_with(path, headers).await
    }
}

impl Drop for Stored {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder).or_else(|_| std::fs::remove_file(&self.folder));
    }
}

#[tokio::test]
async fn only_what_an_event_says_is_there_is_served() {
    let stored = Stored::start().await;
    let path = format!("/media/{}", sha256('a'));
    stored.store(ADA, 'a', "original", b"bytes");
    assert_eq!(stored.get(&path, &[]).await.problem(), (404, "not-found"), "stored, and nothing says so");
    bring(stored.server.pool(), ADA, 'a', 1_000).await;
    let served = stored.get(&path, &[("accept-encoding", "gzip")]).await;
    assert_eq!((served.status, served.bytes, served.header("content-type")), (200, 5, "image/jpeg"));
    assert_eq!(served.header("content-encoding"), "");
    assert_eq!(served.header("accept-ranges"), "bytes");
    assert_eq!(stored.get(&format!("{path}/1280w"), &[]).await.problem(), (404, "not-found"));
    sqlx::query("UPDATE content.media SET active = false").execute(stored.server.pool()).await.unwrap();
    assert_eq!(stored.get(&path, &[]).await.problem(), (404, "not-found"), "it was deleted");
    for path in ["/media/abc", "/media/..%2f..", &format!("{path}/wide")] {
        assert_eq!(stored.get(path, &[]).await.problem(), (404, "not-found"), "{path}");
    }
}

#[tokio::test]
async fn a_smaller_size_says_itself_what_it_is_of_and_any_owners_copy_serves() {
    let stored = Stored::start().await;
    bring(stored.server.pool(), ADA, 'a', 1_000).await;
    bring(stored.server.pool(), BOB, 'a', 2_000).await;
    // Of Ada's the bytes are gone.
    stored.store(BOB, 'a', "original", b"bytes");
    stored.store(BOB, 'a', "320w", b"RIFF....WEBP");
    let path = format!("/media/{}", sha256('a'));
    assert_eq!(stored.get(&path, &[]).await.status, 200);
    let smaller = stored.get(&format!("{path}/320w"), &[]).await;
    assert_eq!((smaller.header("content-type"), smaller.bytes), ("image/webp", 12));
    assert_eq!(smaller.header("etag"), format!("\"{}-320w\"", sha256('a')));
    let part = stored.get(&format!("{path}/320w"), &[("range", "bytes=4-5")]).await;
    assert_eq!((part.status, part.header("content-type"), part.bytes), (206, "image/webp", 2));
}

#[tokio::test]
async fn ranges_are_of_what_is_there_now() {
    let stored = Stored::start().await;
    bring(stored.server.pool(), ADA, 'a', 1_000).await;
    stored.store(ADA, 'a', "original", b"0123456789");
    let path = format!("/media/{}", sha256('a'));
    let tag = format!("\"{}\"", sha256('a'));
    for (range, if_range, expected) in [
        ("bytes=0-3", &*tag, (206, 4, "bytes 0-3/10")),
        ("bytes=8-99", &tag, (206, 2, "bytes 8-9/10")),
        ("bytes=-3", &tag, (206, 3, "bytes 7-9/10")),
        ("bytes=4-", &tag, (206, 6, "bytes 4-9/10")),
        ("bytes=0-3", "\"another\"", (200, 10, "")),
        ("bytes=0-1,4-5", &tag, (200, 10, "")),
        ("lines=0-1", &tag, (200, 10, "")),
        ("bytes=5-2", &tag, (200, 10, "")),
    ] {
        let answer = stored.get(&path, &[("range", range), ("if-range", if_range)]).await;
        assert_eq!((answer.status, answer.bytes, answer.header("content-range")), expected, "{range} {if_range}");
    }
    let beyond = stored.get(&path, &[("range", "bytes=10-")]).await;
    assert_eq!((beyond.problem(), beyond.header("content-range")), ((416, "range-not-satisfiable"), "bytes */10"));
}

#[tokio::test]
async fn what_cannot_be_read_is_unavailable_and_nothing_half_is_served() {
    let stored = Stored::start().await;
    let server = &stored.server;
    bring(server.pool(), ADA, 'a', 1_000).await;
    let path = format!("/media/{}", sha256('a'));
    assert_eq!(server.get(&path).await.problem(), (404, "not-found"), "an event says so, and it is not stored");
    // Its disk is not mounted: what is there is not gone.
    std::fs::remove_file(stored.folder.join(".inklog-media")).unwrap();
    assert_eq!(server.get(&path).await.problem(), (503, "unavailable"));
    // A file stands where the folder was: nothing below it can be read.
    std::fs::remove_dir_all(&stored.folder).unwrap();
    std::fs::write(&stored.folder, "").unwrap();
    assert_eq!(server.get(&path).await.problem(), (503, "unavailable"));
    let known = server.get(&format!("/v1/media/{}", sha256('a'))).await;
    assert_eq!((known.status, &known.body["alt"]), (200, &json!("An engine")));
    assert_eq!((&known.body["renditions"], &known.body["width"]), (&json!(["320w", "640w"]), &json!(700)));
    assert_eq!(server.get(&format!("/v1/media/{}", sha256('b'))).await.problem(), (404, "not-found"));
}

#[tokio::test]
async fn what_one_has_is_listed_to_its_owner_alone_newest_first() {
    let server = Server::start().await;
    for (letter, at) in [('a', 1_000), ('b', 3_000), ('c', 2_000)] {
        bring(server.pool(), ADA, letter, at).await;
    }
    let listed = async |token: &str| {
        let answer = server.get_with("/v1/me/media", &[("authorization", token)]).await;
        let media = answer.body["media"].as_array().unwrap().clone();
        media.iter().map(|item| item["sha256"].as_str().unwrap()[..1].to_owned()).collect::<String>()
    };
    assert_eq!(listed(&server.token(ADA, &[])).await, "bca");
    assert_eq!(listed(&server.token(BOB, &[])).await, "");
    assert_eq!(server.get("/v1/me/media").await.problem(), (401, "unauthorized"));
}

#[tokio::test]
async fn who_uses_an_item_is_told_as_far_as_the_reader_may_read() {
    let server = Server::start().await;
    Author::write(server.pool(), ADA, "ada", 1).await;
    let public = Post { author: ADA, ..Post::called("public") }.write(server.pool()).await;
    let draft = Post { author: ADA, ..Post::draft("draft") }.write(server.pool()).await;
    for post in [public.id, draft.id] {
        uses(server.pool(), post, 'a').await;
    }
    let count = async |token: &str| {
        let path = format!("/v1/me/media/{}/posts", sha256('a'));
        server.get_with(&path, &[("authorization", token)]).await.body["posts"].as_array().unwrap().len()
    };
    assert_eq!((count(&server.token(ADA, &[])).await, count(&server.token(BOB, &[])).await), (2, 1));
}

#[tokio::test]
async fn a_post_shows_its_pictures_with_their_sizes_and_descriptions_as_they_are_by_now() {
    let server = Server::start().await;
    Author::write(server.pool(), ADA, "ada", 1).await;
    let (known, unknown) = (format!("/media/{}", sha256('a')), format!("/media/{}", sha256('f')));
    let body = format!("![]({known}) ![Told]({unknown})");
    let _ = Post { author: ADA, body, ..Post::called("pictured") }.write(server.pool()).await;
    let html = async || {
        let answer = server.get("/v1/posts/pictured").await;
        (answer.body["body_html"].as_str().unwrap().to_owned(), answer.header("etag").to_owned())
    };
    let (before, first) = html().await;
    assert!(before.contains(&format!("<img src=\"{known}\" loading=\"lazy\" alt=\"\">")), "{before}");
    bring(server.pool(), ADA, 'a', 1_000).await;
    let (after, second) = html().await;
    let srcset = format!("srcset=\"{known}/320w 320w, {known}/640w 640w, {known} 700w\" sizes=");
    let told = "alt=\"An engine\" width=\"700\" height=\"350\"";
    assert!(after.contains(&srcset) && after.contains(told), "{after}");
    assert!(after.contains(&format!("src=\"{unknown}\" alt=\"Told\" loading=\"lazy\">")), "{after}");
    // Another size, another description, another picture: each is another answer.
    let mut tags = vec![first, second];
    for set in ["renditions = ARRAY['320w']", "alt = 'A loom'", "active = false"] {
        let sql = sqlx::AssertSqlSafe(format!("UPDATE content.media SET {set}"));
        sqlx::query(sql).execute(server.pool()).await.unwrap();
        let (html, tag) = html().await;
        assert!(!html.contains("640w"), "{html}");
        assert_eq!(html.contains("A loom"), set.starts_with("alt"), "{html}");
        tags.push(tag);
    }
    assert_eq!(tags[0], tags[4], "as before it was brought");
    tags.truncate(4);
    tags.sort();
    tags.dedup();
    assert_eq!(tags.len(), 4);
}

#[tokio::test]
async fn a_cover_of_which_its_post_says_nothing_is_described_as_who_writes_that_describes_the_item() {
    let server = Server::start().await;
    Author::write(server.pool(), ADA, "ada", 1).await;
    let _ = Post { author: ADA, ..Post::called("covered") }.write(server.pool()).await;
    let set = async |set: String| {
        let sql = sqlx::AssertSqlSafe(format!("UPDATE content.posts SET {set}"));
        sqlx::query(sql).execute(server.pool()).await.unwrap();
    };
    set(format!("cover_image = '/media/{}', cover_alt = ''", sha256('a'))).await;
    let shown = async || {
        let (alone, list) = (server.get("/v1/posts/covered").await, server.get("/v1/posts").await);
        assert_eq!(alone.body["cover"], list.body["posts"][0]["cover"]);
        (alone.body["cover"]["alt"].as_str().unwrap().to_owned(), alone.header("etag").to_owned())
    };
    bring(server.pool(), BOB, 'a', 1_000).await;
    let (before, first) = shown().await;
    assert_eq!(before, "", "another's words are not its author's");
    bring(server.pool(), ADA, 'a', 2_000).await;
    let (after, second) = shown().await;
    assert_eq!(after, "An engine");
    assert_ne!(first, second);
    set("cover_alt = 'Told', version = version + 1".to_owned()).await;
    assert_eq!(shown().await.0, "Told");
}
