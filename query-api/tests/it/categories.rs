//! `/v1/categories`, and posts in them.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Answer, Category, Post, Server};

/// `science` with `physics` and `biology` below it, in this order; `news` before it. `old` was merged into `older`, and
/// that into `physics`; `gone` was deleted.
struct Tree {
    server: Server,
    science: Uuid,
    physics: Uuid,
    biology: Uuid,
    news: Uuid,
    old: Uuid,
    older: Uuid,
    gone: Uuid,
}

async fn tree() -> Tree {
    let server = Server::start().await;
    let pool = server.pool();
    let news = Category::called("news").write(pool).await;
    let science = Category { place: 1, former_slugs: vec!["sciences"], ..Category::called("science") };
    let science = science.write(pool).await;
    let below = Category { parent: Some(science), ..Category::called("biology") };
    let biology = Category { place: 2, ..below.clone() }.write(pool).await;
    let physics = Category { id: Uuid::new_v4(), slug: "physics", ..below }.write(pool).await;
    let older = Category { merged_into: Some(physics), ..Category::called("older") }.write(pool).await;
    let old = Category { merged_into: Some(older), ..Category::called("old") }.write(pool).await;
    let gone = Category { deleted: true, ..Category::called("gone") }.write(pool).await;
    Tree { server, science, physics, biology, news, old, older, gone }
}

impl Tree {
    /// A post in these categories, published so many seconds after 1970.
    async fn post(&self, slug: &str, at: i64, categories: &[Uuid]) {
        let categories = categories.to_vec();
        Post { categories, published_at: Some(at), ..Post::called(slug) }.write(self.server.pool()).await;
    }

    /// The slugs of the posts of a list.
    async fn slugs(&self, query: &str) -> Vec<String> {
        let answer = self.server.get(&format!("/v1/posts?{query}")).await;
        let posts = answer.body["posts"].as_array().unwrap_or_else(|| panic!("{query}: {answer:?}"));
        posts.iter().map(|post| post["slug"].as_str().unwrap().to_owned()).collect()
    }
}

/// What stands in each entry of a list.
fn all(entries: &Value, field: &str) -> Vec<Value> {
    entries.as_array().unwrap().iter().map(|entry| entry[field].clone()).collect()
}

fn moved(answer: &Answer) -> (u16, &str) {
    (answer.status, answer.header("location"))
}

#[tokio::test]
async fn the_tree_is_in_order_and_counts_each_post_once() {
    let tree = tree().await;
    tree.post("one", 1, &[tree.physics, tree.old]).await;
    tree.post("two", 2, &[tree.older, tree.news]).await;
    tree.post("three", 3, &[tree.biology, tree.gone, Uuid::new_v4()]).await;
    Post { categories: vec![tree.news], ..Post::draft("draft") }.write(tree.server.pool()).await;
    let answer = tree.server.get("/v1/categories").await;
    let entries = &answer.body["categories"];
    assert_eq!(all(entries, "slug"), ["news", "science", "physics", "biology"]);
    assert_eq!(all(entries, "depth"), [0, 0, 1, 1]);
    assert_eq!(all(entries, "posts"), [1, 0, 2, 1]);
    assert_eq!((&entries[0]["parent_id"], &entries[2]["parent_id"]), (&Value::Null, &json!(tree.science)));
    let again = tree.server.get_with("/v1/categories", &[("if-none-match", answer.header("etag"))]).await;
    assert_eq!(again.status, 304);
    tree.server.close().await;
}

#[tokio::test]
async fn a_category_shows_what_it_is_below_and_what_is_below_it() {
    let tree = tree().await;
    tree.post("one", 1, &[tree.physics, tree.old]).await;
    let answer = tree.server.get("/v1/categories/physics").await;
    let expected = json!({
        "id": tree.physics, "slug": "physics", "name": "Name of physics", "description": "On this.", "posts": 1,
        "followers_count": 0,
        "path": [{"id": tree.science, "slug": "science", "name": "Name of science"}], "children": [],
    });
    assert_eq!(answer.body, expected);
    let science = tree.server.get("/v1/categories/science").await.body;
    assert_eq!((&science["path"], &science["posts"]), (&json!([]), &json!(0)));
    assert_eq!(all(&science["children"], "slug"), ["physics", "biology"]);
}

#[tokio::test]
async fn former_addresses_lead_to_the_present_one_at_once() {
    let tree = tree().await;
    for (former, present) in [("sciences", "science"), ("SCIENCE", "science"), ("old", "physics"), ("older", "physics")]
    {
        let answer = tree.server.get(&format!("/v1/categories/{former}")).await;
        assert_eq!(moved(&answer), (301, &*format!("/v1/categories/{present}")), "{former}");
        let answer = tree.server.get(&format!("/v1/posts?limit=3&category={former}&descendants=true")).await;
        let expected = format!("/v1/posts?limit=3&descendants=true&category={present}");
        assert_eq!(moved(&answer), (301, &*expected), "{former}");
    }
    for address in ["/v1/categories/", "/v1/posts?category="] {
        assert_eq!(tree.server.get(&format!("{address}gone")).await.problem(), (410, "gone"));
        assert_eq!(tree.server.get(&format!("{address}never")).await.problem(), (404, "not-found"));
        assert_eq!(tree.server.get(&format!("{address}no--slug")).await.problem(), (404, "not-found"));
    }
}

#[tokio::test]
async fn posts_are_listed_by_what_their_categories_stand_for() {
    let tree = tree().await;
    tree.post("one", 1, &[tree.physics, tree.old]).await;
    tree.post("two", 2, &[tree.older]).await;
    tree.post("three", 3, &[tree.biology, tree.physics]).await;
    tree.post("four", 4, &[tree.science]).await;
    tree.post("five", 5, &[tree.gone]).await;
    assert_eq!(tree.slugs("category=physics").await, ["three", "two", "one"]);
    assert_eq!(tree.slugs("category=science").await, ["four"]);
    assert_eq!(tree.slugs("category=science&descendants=false").await, ["four"]);
    assert_eq!(tree.slugs("category=science&descendants=true").await, ["four", "three", "two", "one"]);
    assert!(tree.slugs("category=news&descendants=true").await.is_empty());
    let first = tree.server.get("/v1/posts?category=science&descendants=true&limit=3").await;
    let cursor = first.body["next"].as_str().unwrap();
    assert_eq!(tree.slugs(&format!("category=science&descendants=true&cursor={cursor}")).await, ["one"]);
    let other = tree.server.get(&format!("/v1/posts?category=science&cursor={cursor}")).await;
    assert_eq!(other.problem(), (422, "invalid"), "it is another list");
}

#[tokio::test]
async fn a_post_shows_its_categories_as_they_are_by_now() {
    let tree = tree().await;
    tree.post("one", 1, &[tree.old, tree.news, tree.gone, tree.physics, Uuid::new_v4()]).await;
    let answer = tree.server.get("/v1/posts/one").await;
    assert_eq!(all(&answer.body["categories"], "slug"), ["physics", "news"], "{answer:?}");
    let list = tree.server.get("/v1/posts").await;
    assert_eq!(list.body["posts"][0]["categories"], answer.body["categories"]);
    // Nothing happened to the post.
    let rename = "UPDATE content.categories SET name = 'New' WHERE slug = 'news'";
    sqlx::query(rename).execute(tree.server.pool()).await.unwrap();
    let again = tree.server.get_with("/v1/posts/one", &[("if-none-match", answer.header("etag"))]).await;
    assert_eq!((again.status, &again.body["categories"][1]["name"]), (200, &json!("New")));
}
