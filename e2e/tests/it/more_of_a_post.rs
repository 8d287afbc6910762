//! An author who says more of a post than its text, in two languages, and hides it from the lists: a journey.

use serde_json::{Value, json};

use crate::support::{System, unique};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_a_cover_to_a_translation_that_is_in_no_list() {
    let system = System::behind_gateway(1).await;
    let (author, reader) = (system.author(), system.reader());
    let read = async |path: &str, position: &str| {
        reader.get(path).header("Inklog-Position", position).send().await.expect(200).body
    };
    let slugs = |list: &Value| -> Vec<String> {
        list["posts"].as_array().unwrap().iter().map(|post| post["slug"].as_str().unwrap().to_owned()).collect()
    };
    let (he, en, tag) = (unique("he"), unique("en"), unique("tag"));
    let original = json!({
        "title": "מכונות", "slug": he, "body": "*שלום*", "tags": [tag], "language": "he",
        "canonical_url": "https://example.org/he", "comments": "closed",
        "cover": {"url": "https://example.org/a.jpg", "alt": "מכונה", "focal_x": 10},
        "custom_fields": {"deck": "مرحبا", "rating": 4.5},
        "originally_published_at": "2001-02-03T04:05:06Z",
    });
    let first = author.api().post("/v1/posts").json(&original).send().await.expect(201).id();
    // The other post may be in another partition: a position of one says nothing of the other.
    let _ = system.read(&he, &author.publish(&first).await.position()).await.expect(200);
    let translation = json!({"title": "Machines", "slug": en, "tags": [tag], "language": "en", "translation_of": first,
        "originally_published_at": "2001-02-28T23:59:59Z"});
    let second = author.api().post("/v1/posts").json(&translation).send().await.expect(201).id();
    let published = author.publish(&second).await.position();

    let post = read(&format!("/v1/posts/{he}"), &published).await;
    let cover =
        json!({"url": "https://example.org/a.jpg", "sha256": null, "alt": "מכונה", "focal_x": 10, "focal_y": 50});
    assert_eq!((&post["cover"], &post["language"]), (&cover, &json!("he")));
    assert_eq!(post["custom_fields"], json!({"deck": "مرحبا", "rating": 4.5}));
    assert_eq!((&post["canonical_url"], &post["comments"]), (&json!("https://example.org/he"), &json!("closed")));
    assert_eq!(post["translations"], json!([{"id": second, "slug": en, "title": "Machines", "language": "en"}]));
    let month = read("/v1/posts?year=2001&month=2", &published).await;
    assert_eq!(slugs(&month), [en.clone(), he.clone()]);
    let counted = json!({"year": 2001, "month": 2, "posts": 2, "archived": 0});
    assert!(read("/v1/archive", &published).await["months"].as_array().unwrap().contains(&counted));

    // Hidden from the lists, and read by its address.
    let hide = author.api().patch(&format!("/v1/posts/{second}")).json(&json!({"visibility": "unlisted"}));
    let hidden = hide.if_match(2).send().await.expect(200).position();
    assert_eq!(slugs(&read(&format!("/v1/posts?tag={tag}"), &hidden).await), std::slice::from_ref(&he));
    assert_eq!(slugs(&read("/v1/posts?year=2001", &hidden).await), std::slice::from_ref(&he));
    assert_eq!(read(&format!("/v1/posts/{he}"), &hidden).await["translations"], json!([]));
    assert_eq!(read(&format!("/v1/tags/{tag}"), &hidden).await["posts"], 1);
    let counted = json!({"year": 2001, "month": 2, "posts": 1, "archived": 0});
    assert!(read("/v1/archive", &hidden).await["months"].as_array().unwrap().contains(&counted));
    let unlisted = read(&format!("/v1/posts/{en}"), &hidden).await;
    assert_eq!(unlisted["translations"][0]["slug"], he.as_str());

    // For members: the text is for its author, until there are members.
    let keep = author.api().patch(&format!("/v1/posts/{second}")).json(&json!({"visibility": "members"}));
    let kept = keep.if_match(3).send().await.expect(200).position();
    let shown = read(&format!("/v1/posts/{en}"), &kept).await;
    assert_eq!((&shown["title"], &shown["body_html"]), (&json!("Machines"), &Value::Null));
    system.scope.log("posts").await.assert_whole();
}
