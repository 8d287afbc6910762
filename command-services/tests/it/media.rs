//! `/v1/media`: what is brought, what is refused, and what becomes of it by itself.

use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::time::Duration;

use image::{DynamicImage, ImageFormat, RgbImage};
use serde_json::json;
use testkit::{Answer, Api, Disk, Process, eventually};

use crate::members::{PASSWORD, member};
use crate::support::{Person, Server, author, editor, unique};

/// Long enough for anything that is to happen by itself here.
const PATIENCE: Duration = Duration::from_secs(30);

/// A picture that no other test has, so many pixels wide.
fn picture(width: u32) -> Vec<u8> {
    let random = uuid::Uuid::new_v4().into_bytes();
    let pixel = |x: u32, y: u32| image::Rgb([random[(x % 16) as usize], random[(y % 16) as usize], 9]);
    let picture = RgbImage::from_fn(width, 40, pixel);
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::from(picture).write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

async fn bring(api: &Api, bytes: impl Into<reqwest::Body>) -> Answer {
    api.post("/v1/media").body(bytes).send().await
}

fn sha256(answer: &Answer) -> String {
    answer.body["sha256"].as_str().unwrap_or_else(|| panic!("{answer:?}")).to_owned()
}

/// What happened to an item.
async fn story(owner: &Person, sha256: &str) -> Vec<String> {
    story_in(&Server::shared().await.scope, &owner.id.to_string(), sha256).await
}

async fn story_in(scope: &testkit::Scope, owner: &str, sha256: &str) -> Vec<String> {
    let log = scope.log("media").await;
    log.story(&format!("{owner}:{sha256}")).iter().map(ToString::to_string).collect()
}

/// Waits until this is the last that happened to an item.
async fn happened(owner: &Person, sha256: &str, last: &str) -> Vec<String> {
    eventually(last, PATIENCE, async || {
        Some(story(owner, sha256).await).filter(|story| story.last().is_some_and(|it| it == last))
    })
    .await
}

/// The files that are stored of an item.
fn stored(owner: &Person, sha256: &str) -> Vec<PathBuf> {
    files_below(&crate::support::media_folder().join(owner.id.to_string()).join(sha256))
}

/// The files in a folder and below it.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

#[tokio::test]
async fn a_picture_is_brought_once_and_smaller_sizes_are_made_beside_it() {
    let _ = Server::shared().await;
    let (ada, bytes) = (author().await, picture(700));
    let first = bring(&ada.api, bytes.clone()).await.expect(201);
    let sha256 = sha256(&first);
    assert_eq!((first.version(), first.changed()), (1, true));
    assert_eq!(first.header("location"), format!("/media/{sha256}"));
    assert_eq!(first.body["address"], format!("/media/{sha256}"));
    assert_eq!(happened(&ada, &sha256, "Rendered").await, ["Uploaded", "Rendered"]);
    let name = |file: &PathBuf| file.file_name().unwrap().to_string_lossy().into_owned();
    let names: Vec<String> = stored(&ada, &sha256).iter().map(name).collect();
    assert!(["original", "320w", "640w"].iter().all(|name| names.contains(&(*name).to_owned())), "{names:?}");
    let again = bring(&ada.api, bytes.clone()).await.expect(200);
    assert_eq!((again.version(), again.changed()), (2, false));
    eventually("what was stored twice is stored once", PATIENCE, async || {
        (stored(&ada, &sha256).len() == 3).then_some(())
    })
    .await;
    // Another account has it for itself.
    assert_eq!(bring(&author().await.api, bytes).await.expect(201).version(), 1);
}

#[tokio::test]
async fn the_same_key_gets_the_first_reply_again() {
    let (ada, bytes) = (author().await, picture(10));
    let ask = |bytes: Vec<u8>| ada.api.post("/v1/media").key("k-1").body(bytes).send();
    let first = ask(bytes.clone()).await.expect(201);
    assert_eq!(ask(bytes).await.expect(201).position(), first.position());
}

#[tokio::test]
async fn what_is_no_picture_and_no_file_is_refused_and_nothing_is_stored() {
    let ada = author().await;
    let png = picture(20);
    let _ = bring(&ada.api, [png.as_slice(), b"PK\x03\x04"].concat()).await.problem(422, "invalid");
    let _ = bring(&ada.api, png[..40].to_vec()).await.problem(422, "invalid");
    let svg = "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";
    let _ = bring(&ada.api, svg).await.problem(422, "invalid");
    let _ = bring(&ada.api, b"II*\0\x08\0\0\0\0\0\0\0".as_slice()).await.problem(415, "unsupported-media-type");
    let _ = bring(&ada.api, vec![b'x'; 20 * 1024 * 1024 + 1]).await.problem(413, "body-too-large");
    let mut bomb = png.clone();
    bomb[16..24].copy_from_slice(&[0, 1, 0, 0, 0, 1, 0, 0]);
    let refused = bring(&ada.api, bomb).await.problem(422, "invalid");
    assert!(refused.body["detail"].as_str().unwrap().contains("65536 x 65536"), "{:#}", refused.body);
    assert!(!crate::support::media_folder().join(ada.id.to_string()).exists());
}

#[tokio::test]
async fn an_upload_of_twenty_megabytes_holds_at_most_eight() {
    let mut process = Process::start("command-services", &["all"], &Server::shared().await.scope.environment());
    process.ready().await;
    let ada = author().await;
    let api = Api::new(process.url()).with_token(&Server::shared().await.scope.keys.token(ada.id, &["author"]));
    // The threads are there before.
    let _ = bring(&api, "a few bytes").await.expect(201);
    let before = process.memory_mib();
    let (mut most, upload) = (before, tokio::spawn(async move { bring(&api, vec![b'x'; 20 * 1024 * 1024]).await }));
    while !upload.is_finished() {
        most = most.max(process.memory_mib());
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let _ = upload.await.unwrap().expect(201);
    assert!(most <= before + 8, "{before} MiB became {most}");
}

#[tokio::test]
async fn only_its_owner_or_an_editor_describes_and_deletes_an_item() {
    let (ada, bob, editor) = (author().await, author().await, editor().await);
    let sha256 = sha256(&bring(&ada.api, picture(10)).await.expect(201));
    let alt = json!({"alt": "An engine"});
    let path = format!("/v1/media/{sha256}");
    let _ = bob.api.put(&format!("{path}/alt")).json(&alt).send().await.problem(404, "not-found");
    let of_ada = format!("?account_id={}", ada.id);
    let _ = bob.api.put(&format!("{path}/alt{of_ada}")).json(&alt).send().await.problem(403, "not-the-author");
    assert!(ada.api.put(&format!("{path}/alt")).json(&alt).send().await.expect(200).changed());
    assert!(!ada.api.put(&format!("{path}/alt")).json(&alt).send().await.expect(200).changed());
    let _ = bob.api.delete(&format!("{path}{of_ada}")).send().await.problem(403, "not-the-author");
    assert!(editor.api.delete(&format!("{path}{of_ada}")).send().await.expect(200).changed());
    assert!(!ada.api.delete(&path).send().await.expect(200).changed());
    let original = |file: &PathBuf| file.ends_with("original");
    eventually("the bytes are deleted", PATIENCE, async || (!stored(&ada, &sha256).iter().any(original)).then_some(()))
        .await;
    let _ = ada.api.put("/v1/media/abc/alt").json(&alt).send().await.problem(404, "not-found");
}

#[tokio::test]
async fn a_post_is_published_once_its_pictures_are_described() {
    let ada = author().await;
    let sha256 = sha256(&bring(&ada.api, picture(10)).await.expect(201));
    let draft = async |body: String| {
        let body = json!({"title": "A title", "slug": unique("pictured"), "body": body});
        ada.api.post("/v1/posts").json(&body).send().await.expect(201).id()
    };
    let (bare, told) = (draft(format!("![](/media/{sha256})")).await, draft(format!("![Told](/media/{sha256})")).await);
    let publish = async |id: &str| ada.api.post(&format!("/v1/posts/{id}/publish")).send().await;
    let refused = publish(&bare).await.problem(422, "alt-text-missing");
    assert_eq!(refused.body["errors"][0]["pointer"], "/body");
    let tomorrow = json!({"at": "2099-01-01T00:00:00Z"});
    let schedule = ada.api.put(&format!("/v1/posts/{bare}/schedule")).json(&tomorrow).send().await;
    let _ = schedule.problem(422, "alt-text-missing");
    let published = publish(&told).await.expect(200);
    // What is public stays described.
    let change = json!({"body": format!("![](/media/{sha256})")});
    let edit = async || {
        let path = format!("/v1/posts/{told}");
        ada.api.patch(&path).json(&change).if_match(published.version()).send().await
    };
    let _ = edit().await.problem(422, "alt-text-missing");
    let described = ada.api.put(&format!("/v1/media/{sha256}/alt")).json(&json!({"alt": "An engine"})).send().await;
    let _ = described.expect(200);
    let _ = publish(&bare).await.expect(200);
    let _ = edit().await.expect(200);
}

/// What was accepted is answered again, whatever became of what it was judged by.
#[tokio::test]
async fn a_publication_that_is_repeated_gets_its_first_reply_though_nothing_describes_its_pictures_by_now() {
    let ada = author().await;
    let sha256 = sha256(&bring(&ada.api, picture(10)).await.expect(201));
    let describe = async |alt: &str| {
        let path = format!("/v1/media/{sha256}/alt");
        ada.api.put(&path).json(&json!({"alt": alt})).send().await.expect(200)
    };
    let _ = describe("An engine").await;
    let text = format!("![](/media/{sha256})");
    let draft = async || {
        let body = json!({"title": "A title", "slug": unique("repeated"), "body": text});
        ada.api.post("/v1/posts").json(&body).send().await.expect(201).id()
    };
    let (now, later) = (draft().await, draft().await);
    let put = json!({"title": "Another title", "slug": unique("put"), "body": text});
    let ask = async |what: &str| {
        let request = match what {
            "publish" => ada.api.post(&format!("/v1/posts/{now}/publish")),
            "edit" => ada.api.patch(&format!("/v1/posts/{now}")).json(&json!({"body": text, "summary": "S"})),
            "put" => ada.api.put(&format!("/v1/posts/{now}")).json(&put),
            _ => ada.api.put(&format!("/v1/posts/{later}/schedule")).json(&json!({"at": "2099-01-01T00:00:00Z"})),
        };
        let request = if matches!(what, "edit" | "put") { request.header("If-Match", "*") } else { request };
        request.key(&format!("key-{what}")).send().await
    };
    let mut first = Vec::new();
    for what in ["publish", "edit", "put", "schedule"] {
        first.push((what, ask(what).await.expect(200)));
    }
    // While a post says nothing else of it, and is public, the words stay.
    let _ = ada.api.post(&format!("/v1/posts/{now}/unpublish")).send().await.expect(200);
    let _ = ada.api.delete(&format!("/v1/posts/{later}/schedule")).send().await.expect(200);
    let _ = describe("").await;
    for (what, first) in first {
        let again = ask(what).await.expect(200);
        assert_eq!((again.body.clone(), again.position()), (first.body.clone(), first.position()), "{what}");
    }
    let publish = ada.api.post(&format!("/v1/posts/{later}/publish")).send().await;
    let _ = publish.problem(422, "alt-text-missing");
}

#[tokio::test]
async fn a_cover_is_described_where_it_is_shown_or_by_itself() {
    let ada = author().await;
    let sha256 = sha256(&bring(&ada.api, picture(10)).await.expect(201));
    let draft = async |cover: serde_json::Value| {
        let body = json!({"title": "A title", "slug": unique("covered"), "cover": cover});
        ada.api.post("/v1/posts").json(&body).send().await.expect(201).id()
    };
    let publish = async |id: &str| ada.api.post(&format!("/v1/posts/{id}/publish")).send().await;
    let bare = draft(json!({"sha256": sha256})).await;
    let told = draft(json!({"sha256": sha256, "alt": "An engine"})).await;
    assert_eq!(publish(&bare).await.problem(422, "alt-text-missing").pointer(), "/cover/alt");
    let published = publish(&told).await.expect(200);
    let path = format!("/v1/posts/{told}");
    let change = json!({"cover": {"sha256": sha256}});
    let edit = async || ada.api.patch(&path).json(&change).if_match(published.version()).send().await;
    assert_eq!(edit().await.problem(422, "alt-text-missing").pointer(), "/cover/alt");
    // What is elsewhere is not judged, and what stays is not judged again.
    let elsewhere = draft(json!({"url": "https://example.org/a.jpg"})).await;
    let _ = publish(&elsewhere).await.expect(200);
    let described = ada.api.put(&format!("/v1/media/{sha256}/alt")).json(&json!({"alt": "An engine"})).send().await;
    let _ = described.expect(200);
    let _ = publish(&bare).await.expect(200);
    let _ = edit().await.expect(200);
}

/// An instance of its own log and store, with these settings.
async fn alone(settings: &[(&str, &str)]) -> (testkit::Scope, Process) {
    let scope = testkit::Scope::with_vault().await;
    let mut environment = scope.environment();
    environment.extend(settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    let mut process = Process::start("command-services", &["all"], &environment);
    process.ready().await;
    (scope, process)
}

#[tokio::test]
async fn what_no_post_uses_is_swept_after_its_time_and_what_one_uses_is_kept() {
    let (scope, process) = alone(&[("INKLOG_MEDIA_GRACE", "2s")]).await;
    let id = uuid::Uuid::new_v4();
    let api = Api::new(process.url()).with_token(&scope.keys.token(id, &["author"]));
    let (used, unused) = (sha256(&bring(&api, "used").await), sha256(&bring(&api, "unused").await));
    let named = sha256(&bring(&api, "named in a custom field").await);
    let fields = json!({"deck": format!("/media/{named}")});
    let body = json!({"title": "A title", "slug": unique("uses"), "body": format!("[file](/media/{used})"),
        "custom_fields": fields});
    let post = api.post("/v1/posts").json(&body).send().await.expect(201).id();
    let story = async |sha256: &str| story_in(&scope, &id.to_string(), sha256).await;
    let is_kept = async |sha256: &str| story(sha256).await.get(1).is_some_and(|it| it == "Kept");
    eventually("one is swept and the others kept", PATIENCE, async || {
        let kept = is_kept(&used).await && is_kept(&named).await;
        (story(&unused).await == ["Uploaded", "Swept"] && kept).then_some(())
    })
    .await;
    // Once the post does not use it any more, it is swept too.
    let change = json!({"body": "No file.", "custom_fields": null});
    let _ = api.patch(&format!("/v1/posts/{post}")).json(&change).if_match(1).send().await.expect(200);
    eventually("the others are swept", PATIENCE, async || {
        let last = [story(&used).await, story(&named).await].map(|it| it.last().cloned());
        last.iter().all(|last| last.as_deref() == Some("Swept")).then_some(())
    })
    .await;
    // It can be brought again.
    assert!(bring(&api, "unused").await.expect(200).changed());
}

#[tokio::test]
async fn what_only_a_working_copy_shows_is_kept_until_it_is_discarded() {
    let (scope, process) = alone(&[("INKLOG_MEDIA_GRACE", "2s")]).await;
    let id = uuid::Uuid::new_v4();
    let api = Api::new(process.url()).with_token(&scope.keys.token(id, &["author"]));
    let [text, cover, unused] = ["in a text", "a cover", "unused"].map(|bytes| bring(&api, bytes));
    let (text, cover, unused) = (sha256(&text.await), sha256(&cover.await), sha256(&unused.await));
    let body = json!({"title": "A title", "slug": unique("copied")});
    let post = api.post("/v1/posts").json(&body).send().await.expect(201).id();
    let path = format!("/v1/working-copies/{post}");
    let change = json!({"body": format!("[file](/media/{text})"), "cover": {"sha256": cover, "alt": "A cover"}});
    let saved = api.put(&path).json(&json!({"change": change, "base_version": 1})).send().await.expect(200);
    let story = async |sha256: &str| story_in(&scope, &id.to_string(), sha256).await;
    eventually("what nothing shows is swept, the others are kept", PATIENCE, async || {
        let kept = [story(&text).await, story(&cover).await].iter().all(|it| it.get(1).is_some_and(|it| it == "Kept"));
        (story(&unused).await == ["Uploaded", "Swept"] && kept).then_some(())
    })
    .await;
    let _ = api.delete(&path).if_match(saved.version()).send().await.expect(200);
    eventually("they are swept as well", PATIENCE, async || {
        let last = [story(&text).await, story(&cover).await].map(|it| it.last().cloned());
        last.iter().all(|last| last.as_deref() == Some("Swept")).then_some(())
    })
    .await;
}

#[tokio::test]
async fn where_the_store_is_away_the_upload_says_so_and_the_post_is_not_harmed() {
    let (scope, process) = alone(&[]).await;
    let api = Api::new(process.url()).with_token(&scope.keys.token(uuid::Uuid::new_v4(), &["author"]));
    let folder = scope.keys.media_folder();
    let aside = folder.with_extension("aside");
    std::fs::rename(&folder, &aside).unwrap();
    let refused = bring(&api, "text").await.problem(503, "unavailable");
    assert!(!refused.header("retry-after").is_empty());
    assert!(!folder.exists(), "what is stored there is lost once the folder is back");
    let body = json!({"title": "A title", "slug": unique("unharmed")});
    let _ = api.post("/v1/posts").json(&body).send().await.expect(201);
    std::fs::rename(&aside, &folder).unwrap();
    let _ = bring(&api, "text").await.expect(201);
}

/// A process began while the disk of the store was not mounted: it stored on what the disk is mounted on.
#[tokio::test]
async fn a_process_that_begins_without_the_disk_stores_nothing_until_it_is_mounted() {
    let (scope, process) = alone(&[]).await;
    let token = scope.keys.token(uuid::Uuid::new_v4(), &["author"]);
    let _ = bring(&Api::new(process.url()).with_token(&token), "text").await.expect(201);
    drop(process);
    let folder = scope.keys.media_folder();
    let disk = folder.with_extension("disk");
    std::fs::rename(&folder, &disk).unwrap();
    let mut process = scope.start("command-services", &["all"]);
    process.ready().await;
    let api = Api::new(process.url()).with_token(&token);
    let _ = bring(&api, "more").await.problem(503, "unavailable");
    assert!(!folder.exists(), "it is made by no process");
    std::fs::create_dir(&folder).unwrap();
    let _ = bring(&api, "more").await.problem(503, "unavailable");
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
    std::fs::remove_dir(&folder).unwrap();
    std::fs::rename(&disk, &folder).unwrap();
    let _ = bring(&api, "more").await.expect(201);
    // What is there now is the store, an operator says.
    std::fs::rename(&folder, &disk).unwrap();
    std::fs::create_dir(&folder).unwrap();
    let adopted = scope.run("command-services", &["media", "adopt"]);
    assert!(adopted.status.success(), "{adopted:?}");
    drop(process);
    let mut process = scope.start("command-services", &["all"]);
    process.ready().await;
    let _ = bring(&Api::new(process.url()).with_token(&token), "again").await.expect(201);
}

/// The disk that the store is on has 4 MiB.
#[tokio::test]
async fn a_full_disk_is_told_and_nothing_is_left_on_it_of_what_was_refused() {
    let Some(disk) = Disk::of_kib(4096) else { return };
    let store = format!("file://{}/media", disk.path().display());
    let (ada, folder) = (uuid::Uuid::new_v4(), disk.path().join("media"));
    std::fs::create_dir(&folder).unwrap();
    let (scope, process) = alone(&[("INKLOG_MEDIA_STORE", &store)]).await;
    let api = Api::new(process.url()).with_token(&scope.keys.token(ada, &["author"]));
    let there = sha256(&bring(&api, vec![b'a'; 1_000_000]).await.expect(201));
    let used = || files_below(&folder);
    let before = used();
    // In one piece, and in parts.
    for size in [4_500_000, 11_000_000] {
        let refused = bring(&api, vec![b'b'; size]).await.problem(507, "storage-full");
        assert!(!refused.header("retry-after").is_empty());
        assert_eq!(used(), before, "{size}");
    }
    let body = json!({"title": "A title", "slug": unique("full"), "body": format!("[a](/media/{there})")});
    let post = api.post("/v1/posts").json(&body).send().await.expect(201).id();
    let _ = api.post(&format!("/v1/posts/{post}/publish")).send().await.expect(200);
    assert_eq!(story_in(&scope, &ada.to_string(), &there).await, ["Uploaded"]);
    // What fits is taken.
    let _ = bring(&api, vec![b'c'; 1_000_000]).await.expect(201);
}

#[tokio::test]
async fn an_account_has_no_more_than_it_may_have() {
    let (scope, process) = alone(&[("INKLOG_MEDIA_ACCOUNT_BYTES", "10")]).await;
    let api = Api::new(process.url()).with_token(&scope.keys.token(uuid::Uuid::new_v4(), &["author"]));
    let ask = |bytes: &'static str| api.post("/v1/media").key("k-1").body(bytes).send();
    let first = ask("12345678").await.expect(201);
    let _ = bring(&api, "123").await.problem(507, "storage-full");
    // What is there takes no more room.
    let _ = bring(&api, "12345678").await.expect(200);
    let _ = api.delete(&format!("/v1/media/{}", sha256(&first))).send().await.expect(200);
    let _ = bring(&api, "123").await.expect(201);
    // There is no room for it by now, and it was accepted then.
    assert_eq!(ask("12345678").await.expect(201).position(), first.position());
}

#[tokio::test]
async fn with_an_erased_account_goes_what_no_post_uses() {
    let ada = member().await;
    let scope = &Server::shared().await.scope;
    let author = Server::shared().await.api().with_token(&scope.keys.token(ada.id.parse().unwrap(), &["author"]));
    let (used, unused) = (sha256(&bring(&author, unique("a")).await), sha256(&bring(&author, unique("b")).await));
    let body = json!({"title": "A title", "slug": unique("stays"), "body": format!("[file](/media/{used})")});
    let _ = author.post("/v1/posts").json(&body).send().await.expect(201);
    let _ = ada.api.delete("/v1/me").json(&json!({"current_password": PASSWORD})).send().await.expect(204);
    assert_eq!(story_in(scope, &ada.id, &unused).await, ["Uploaded", "Deleted"]);
    assert_eq!(story_in(scope, &ada.id, &used).await, ["Uploaded"]);
}
