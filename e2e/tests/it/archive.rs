//! An author who puts an old post into the archive, where its readers go on finding it: a journey.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{System, unique};

fn slugs(list: &Value) -> Vec<&str> {
    list["posts"].as_array().unwrap().iter().map(|post| post["slug"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_old_post_leaves_the_front_pages_and_stays_at_its_address() {
    let system = System::behind_gateway(1).await;
    let (author, editor, reader) = (system.author(), system.person(Uuid::new_v4(), "editor"), system.reader());
    let read = async |path: &str, position: &str| {
        reader.get(path).header("Inklog-Position", position).send().await.expect(200).body
    };
    let (old, slug, tag) = (unique("old"), unique("address"), unique("tag"));
    let (in_category, in_series) = (unique("category"), unique("series"));
    let category = json!({"name": "Old things", "slug": in_category});
    let category = editor.api().post("/v1/categories").json(&category).send().await.expect(201);
    let _ = reader.get("/v1/categories").header("Inklog-Position", &category.position()).send().await.expect(200);
    let draft = json!({"title": "Old", "slug": old, "tags": [tag], "category_ids": [category.id()],
        "originally_published_at": "1999-12-31T23:00:00Z"});
    let post = author.api().post("/v1/posts").json(&draft).send().await.expect(201).id();
    let path = format!("/v1/posts/{post}");
    let _ = author.publish(&post).await;
    let series = json!({"title": "All of it", "slug": in_series});
    let series = author.api().post("/v1/series").json(&series).send().await.expect(201);
    let part = author.api().put(&format!("/v1/series/{}/posts/{post}", series.id())).send().await.expect(200);
    let renamed = author.api().patch(&path).json(&json!({"slug": slug})).if_match(2).send().await.expect(200);
    let month = |posts: i64, archived: i64| json!({"year": 1999, "month": 12, "posts": posts, "archived": archived});
    let listed = read(&format!("/v1/posts?tag={tag}"), &renamed.position()).await;
    assert_eq!(slugs(&listed), [&slug]);
    let months = read("/v1/archive", &renamed.position()).await;
    assert!(months["months"].as_array().unwrap().contains(&month(1, 0)), "{months}");

    let archived = author.api().put(&format!("{path}/archive")).send().await.expect(200).position();
    let filters = [format!("tag={tag}"), format!("category={in_category}"), "year=1999".to_owned()];
    for filter in &filters {
        assert_eq!(slugs(&read(&format!("/v1/posts?{filter}"), &archived).await), [""; 0], "{filter}");
        let in_archive = read(&format!("/v1/posts?{filter}&archived=true"), &archived).await;
        assert_eq!(slugs(&in_archive), [&slug], "{filter}");
    }
    let months = read("/v1/archive", &archived).await;
    assert!(months["months"].as_array().unwrap().contains(&month(0, 1)), "{months}");
    let _ = reader.get(&format!("/v1/tags/{tag}")).header("Inklog-Position", &archived).send().await.expect(404);
    let shown = read(&format!("/v1/posts/{slug}"), &archived).await;
    assert_eq!((&shown["archived"], &shown["comments"]), (&json!(true), &json!("closed")));
    let former = reader.get(&format!("/v1/posts/{old}")).send().await.expect(301);
    assert_eq!(former.header("location"), format!("/v1/posts/{slug}"), "former addresses lead to it");
    let series = read(&format!("/v1/series/{in_series}"), &part.position()).await;
    assert_eq!(slugs(&series), [&slug], "and so does its series");
    let edit = author.api().patch(&path).json(&json!({"title": "New"}));
    let _ = edit.if_match(4).send().await.problem(409, "archived");

    // What readers are shown is what the log says, for a rebuild too.
    let _ = system.scope.succeed("projection-services", &["rebuild", "all", "--verify"]);

    let back = author.api().delete(&format!("{path}/archive")).send().await.expect(200).position();
    for filter in &filters {
        assert_eq!(slugs(&read(&format!("/v1/posts?{filter}"), &back).await), [&slug], "{filter}");
        assert_eq!(slugs(&read(&format!("/v1/posts?{filter}&archived=true"), &back).await), [""; 0], "{filter}");
    }
    system.scope.log("posts").await.assert_whole();
}
