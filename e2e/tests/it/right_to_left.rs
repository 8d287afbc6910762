//! A text that is written from right to left, as long as one may be, on each way that it can take: a journey.

use serde_json::{Value, json};
use service_kit::times;

use crate::support::{System, unique};

/// The most bytes of a text.
const MOST: usize = 500_000;

/// What an author writes: with marks that keep foreign words in their places, and a table.
fn text() -> String {
    let words = "מכונות **חושבות** ו-C++\u{200e} — مرحبا بالعالم `let א = 1;`\n\n";
    let mut text = words.repeat(MOST / words.len());
    text.push_str(&"x".repeat(MOST - text.len()));
    text
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_written_from_right_to_left_comes_out_as_it_went_in() {
    let system = System::behind_gateway(1).await;
    let (author, reader) = (system.author(), system.reader());
    let read = async |path: &str, position: &str| {
        reader.get(path).header("Inklog-Position", position).send().await.expect(200).body
    };
    let (slug, title, text) = (unique("rtl"), "מהי C++\u{200e}? (مرحبا)", text());

    // In bulk, and published.
    let body = json!({"title": title, "slug": slug, "summary": "על מכונות", "body": text, "language": "he"});
    let line = json!({"id": unique("line"), "method": "POST", "path": "/v1/posts", "body": body});
    let bulk = author.api().post("/v1/bulk").header("Content-Type", "application/x-ndjson").body(format!("{line}\n"));
    let outcome: Value = serde_json::from_str(&bulk.send().await.expect(200).text).unwrap();
    assert_eq!(outcome["status"], 201, "{outcome}");
    let post = outcome["body"]["id"].as_str().unwrap().to_owned();
    let published = author.publish(&post).await;
    let (version, published) = (published.version(), published.position());
    let shown = read(&format!("/v1/posts/{slug}"), &published).await;
    assert_eq!((&shown["title"], &shown["summary"]), (&json!(title), &json!("על מכונות")));
    assert_eq!(shown["body_markdown"], text.as_str());
    let html = shown["body_html"].as_str().unwrap();
    assert!(html.contains("<strong>חושבות</strong> ו-C++\u{200e} — مرحبا"), "{}", &html[..300]);

    // As a working copy, in its preview, and released.
    let copy = format!("/v1/working-copies/{post}");
    let change = json!({"title": "עוד", "body": format!("ש{}", &text[2..])});
    let save = json!({"change": change, "base_version": version});
    let saved = author.api().put(&copy).json(&save).send().await.expect(200).version();
    assert_eq!(author.api().get(&copy).send().await.expect(200).body["change"], change);
    let far = json!({"expires_at": times::format(times::now().plus_millis(3_600_000))});
    let given = author.api().post(&format!("/v1/posts/{post}/previews")).json(&far).send().await.expect(201);
    let preview = read(&format!("/v1/previews/{}", given.body["token"].as_str().unwrap()), &given.position()).await;
    assert_eq!((&preview["title"], &preview["working_copy"]), (&json!("עוד"), &json!(true)));
    let released = author.api().post(&format!("{copy}/release")).if_match(saved).send().await.expect(200).position();
    let shown = read(&format!("/v1/posts/{slug}"), &released).await;
    assert_eq!((&shown["title"], &shown["body_markdown"]), (&change["title"], &change["body"]));

    // What would turn the lines of others round is in no title.
    for wrong in ["photo\u{202e}gpj", "\u{2067}a"] {
        let refused = author.api().put(&copy).json(&json!({"change": {"title": wrong}})).send().await;
        assert_eq!(refused.problem(422, "invalid").pointer(), "/change/title");
    }
    system.scope.log("posts").await.assert_whole();
}
