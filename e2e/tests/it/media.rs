//! An author's pictures, from the file to the reader and to the end: a journey.

use std::io::Cursor;
use std::time::Duration;

use image::{DynamicImage, ImageFormat, RgbImage};
use serde_json::json;
use testkit::{Answer, eventually};

use crate::support::{Author, PATIENCE, System, unique};

/// A photograph of 1,000 x 40 pixels that says where it was taken.
fn photograph() -> Vec<u8> {
    let picture = RgbImage::from_fn(1_000, 40, |x, y| image::Rgb([(x % 251) as u8, y as u8, 7]));
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::from(picture).write_to(&mut bytes, ImageFormat::Jpeg).unwrap();
    let plain = bytes.into_inner();
    let place = b"Exif\0\0MM\0*\0\0\0\x08\0\0 GPS 48.2082 16.3738";
    let length = u16::try_from(place.len() + 2).unwrap().to_be_bytes();
    [&plain[..2], &[0xFF, 0xE1], &length, place, &plain[2..]].concat()
}

async fn bring(author: &Author, bytes: impl Into<reqwest::Body>) -> Answer {
    author.api().post("/v1/media").body(bytes).send().await.expect(201)
}

async fn read(system: &System, path: &str, position: &str) -> Answer {
    system.reader().get(path).header("Inklog-Position", position).send().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_a_photograph_to_its_readers_and_to_its_end() {
    let system = System::behind_gateway(1).await;
    let author = system.author();
    let brought = bring(&author, photograph()).await;
    let sha256 = brought.body["sha256"].as_str().unwrap().to_owned();
    let address = format!("/media/{sha256}");

    let served = read(&system, &address, &brought.position()).await.expect(200);
    assert_eq!(served.header("content-type"), "image/jpeg");
    assert_eq!(served.header("cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(served.header("x-content-type-options"), "nosniff");
    assert_eq!(served.header("content-disposition"), "inline");
    assert!(served.header("content-security-policy").contains("sandbox"));
    assert_eq!(served.header("etag"), format!("\"{sha256}\""));
    assert!(!served.text.contains("GPS"), "it does not say where it was taken");
    let size: u64 = served.header("content-length").parse().unwrap();

    let reader = system.reader();
    let again = reader.get(&address).header("If-None-Match", &format!("\"{sha256}\"")).send().await;
    assert_eq!(again.status, 304);
    let part = reader.get(&address).header("Range", "bytes=10-19").send().await.expect(206);
    assert_eq!((part.header("content-range"), part.header("content-length")), (&*format!("bytes 10-19/{size}"), "10"));
    let last = reader.get(&address).header("Range", "bytes=-5").send().await.expect(206);
    assert_eq!(last.header("content-range"), format!("bytes {}-{}/{size}", size - 5, size - 1));
    let beyond = reader.get(&address).header("Range", &format!("bytes={size}-")).send().await;
    let _ = beyond.problem(416, "range-not-satisfiable");

    let known = eventually("its smaller sizes", PATIENCE, async || {
        let known = reader.get(&format!("/v1/media/{sha256}")).send().await.expect(200);
        (known.body["renditions"] == json!(["320w", "640w", "960w"])).then_some(known)
    })
    .await;
    assert_eq!((&known.body["width"], &known.body["height"]), (&json!(1_000), &json!(40)));
    let smaller = reader.get(&format!("{address}/320w")).send().await.expect(200);
    assert_eq!(smaller.header("content-type"), "image/jpeg");
    let _ = reader.get(&format!("{address}/321w")).send().await.problem(404, "not-found");

    let body = json!({"title": "A picture", "slug": unique("picture"), "body": format!("![An engine]({address})")});
    let post = author.api().post("/v1/posts").json(&body).send().await.expect(201);
    let published = author.publish(&post.id()).await;
    let path = format!("/v1/posts/{}", body["slug"].as_str().unwrap());
    let html = read(&system, &path, &published.position()).await.expect(200).body["body_html"].to_string();
    assert!(html.contains(&format!("{address}/320w 320w, ")) && html.contains("An engine"), "{html}");
    let token = system.scope.keys.token(author.id, &["author"]);
    let own = reader.with_token(&token);
    let uses = own.get(&format!("/v1/me/media/{sha256}/posts")).header("Inklog-Position", &published.position());
    assert_eq!(uses.send().await.expect(200).body["posts"][0]["post"]["id"], post.id());

    let alt = json!({"alt": "An engine that reads cards"});
    let described = author.api().put(&format!("/v1/media/{sha256}/alt")).json(&alt).send().await.expect(200);
    let mine = own.get("/v1/me/media").header("Inklog-Position", &described.position()).send().await.expect(200);
    assert_eq!(mine.body["media"][0]["alt"], alt["alt"]);

    let deleted = author.api().delete(&format!("/v1/media/{sha256}")).send().await.expect(200);
    let _ = read(&system, &address, &deleted.position()).await.problem(404, "not-found");
    let log = system.scope.log("media").await;
    log.assert_whole();
    assert_eq!(log.story(&format!("{}:{sha256}", author.id)), ["Uploaded", "Rendered", "Described", "Deleted"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_is_for_download_and_runs_nowhere() {
    let system = System::behind_gateway(1).await;
    let author = system.author();
    let html = bring(&author, "<!DOCTYPE html><script>alert(1)</script>").await;
    let served = read(&system, html.body["address"].as_str().unwrap(), &html.position()).await.expect(200);
    assert_eq!(served.header("content-type"), "text/plain");
    assert!(served.header("content-disposition").starts_with("attachment; filename="));
    let svg = bring(&author, "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'><rect/></svg>").await;
    let served = read(&system, svg.body["address"].as_str().unwrap(), &svg.position()).await.expect(200);
    assert_eq!(served.header("content-type"), "image/svg+xml");
    assert!(served.text.contains("rect") && !served.text.contains("alert"), "{}", served.text);
    assert!(served.header("content-security-policy").starts_with("default-src 'none'"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn smaller_sizes_are_made_though_instances_are_killed_meanwhile() {
    let mut system = System::writing(2).await;
    let author = system.author();
    let mut items = Vec::new();
    for number in 0..6_u8 {
        let picture = RgbImage::from_pixel(1_500, 1_200, image::Rgb([number, 1, 2]));
        let mut bytes = Cursor::new(Vec::new());
        DynamicImage::from(picture).write_to(&mut bytes, ImageFormat::Png).unwrap();
        items.push(bring(&author, bytes.into_inner()).await.body["sha256"].as_str().unwrap().to_owned());
    }
    for _ in 0..2 {
        system.commands[0].kill();
        drop(system.commands.remove(0));
        system.join().await;
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    eventually("every picture has its sizes", PATIENCE, async || {
        let log = system.scope.log("media").await;
        let story = |sha256: &String| log.story(&format!("{}:{sha256}", author.id)).len();
        items.iter().all(|sha256| story(sha256) == 2).then_some(())
    })
    .await;
    let log = system.scope.log("media").await;
    log.assert_whole();
    for sha256 in &items {
        assert_eq!(log.story(&format!("{}:{sha256}", author.id)), ["Uploaded", "Rendered"]);
        let folder = system.scope.keys.media_folder().join(author.id.to_string()).join(sha256);
        let upload = std::fs::read_dir(folder).unwrap().next().unwrap().unwrap().path();
        assert!(["original", "320w", "640w", "960w", "1280w"].iter().all(|name| upload.join(name).is_file()));
    }
}
