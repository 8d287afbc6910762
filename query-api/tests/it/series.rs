//! `/v1/series`, and the series that a post is in.

use domain::Role;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Answer, Author, Post, Series, Server};

const ADA: Uuid = Uuid::from_u128(1);
const BOB: Uuid = Uuid::from_u128(2);

/// `engines` of Ada's with `one`, a draft, `two`, a deleted post, one that is not there yet, and `three`.
struct Engines {
    server: Server,
    series: Uuid,
    posts: Vec<Uuid>,
}

async fn engines() -> Engines {
    let server = Server::start().await;
    let pool = server.pool();
    Author::write(pool, ADA, "ada", 1).await;
    Author::write(pool, BOB, "bob", 1).await;
    let mut posts = vec![Post::called("one").write(pool).await.id, Post::draft("draft").write(pool).await.id];
    posts.push(Post::called("two").write(pool).await.id);
    posts.push(Post { deleted: true, ..Post::called("deleted") }.write(pool).await.id);
    posts.push(Uuid::new_v4());
    posts.push(Post::called("three").write(pool).await.id);
    let engines = Series { former_slugs: vec!["machines"], posts: posts.clone(), ..Series::called("engines") };
    let series = engines.write(pool).await;
    Engines { server, series, posts }
}

/// What stands in each entry of a list.
fn all(entries: &Value, field: &str) -> Vec<Value> {
    entries.as_array().unwrap_or_else(|| panic!("{entries}")).iter().map(|entry| entry[field].clone()).collect()
}

fn slugs_beside(answer: &Answer) -> (Value, Value, Value) {
    let series = &answer.body["series"][0];
    (series["number"].clone(), series["previous"]["slug"].clone(), series["next"]["slug"].clone())
}

#[tokio::test]
async fn a_series_shows_its_published_posts_in_order() {
    let Engines { server, series, .. } = engines().await;
    let answer = server.get("/v1/series/engines").await;
    assert_eq!(all(&answer.body["posts"], "slug"), ["one", "two", "three"]);
    let mut head = answer.body.clone();
    let fields = head.as_object_mut().unwrap();
    assert!(fields.remove("posts").is_some());
    let expected = json!({
        "id": series, "slug": "engines", "title": "Title of engines", "description": "On this.", "posts_count": 3,
        "owner": {"id": ADA, "user_name": "ada", "display_name": "ada v1"}, "post_ids": null,
        "created_at": "2023-11-14T22:13:20.000Z", "updated_at": "2023-11-14T22:13:20.000Z", "version": 1, "next": null,
        "followers_count": 0,
    });
    assert_eq!(head, expected);
    let again = server.get_with("/v1/series/engines", &[("if-none-match", answer.header("etag"))]).await;
    assert_eq!(again.status, 304);
    server.close().await;
}

#[tokio::test]
async fn its_posts_come_in_pages() {
    let Engines { server, .. } = engines().await;
    let first = server.get("/v1/series/engines?limit=2").await;
    assert_eq!(all(&first.body["posts"], "slug"), ["one", "two"]);
    let next = first.body["next"].as_str().unwrap();
    assert!(first.header("link").contains(next), "{first:?}");
    let second = server.get(&format!("/v1/series/engines?limit=2&cursor={next}")).await;
    assert_eq!((all(&second.body["posts"], "slug"), &second.body["next"]), (vec![json!("three")], &Value::Null));
}

/// It was skipped: the cursor was a place, and it had moved to that.
#[tokio::test]
async fn no_post_is_skipped_where_one_before_it_is_removed_or_the_order_changes() {
    let Engines { server, series, posts } = engines().await;
    let next = server.get("/v1/series/engines?limit=1").await.body["next"].as_str().unwrap().to_owned();
    let after_one = async || {
        let answer = server.get(&format!("/v1/series/engines?limit=5&cursor={next}")).await;
        all(&answer.body["posts"], "slug")
    };
    let order = async |posts: &[Uuid]| {
        let sql = "DELETE FROM content.series_posts WHERE series_id = $1";
        sqlx::query(sql).bind(series).execute(server.pool()).await.unwrap();
        let sql = "INSERT INTO content.series_posts
            SELECT $1, place - 1, post_id FROM unnest($2) WITH ORDINALITY AS posts (post_id, place)";
        sqlx::query(sql).bind(series).bind(posts).execute(server.pool()).await.unwrap();
    };
    let [one, two, three] = [posts[0], posts[2], posts[5]];
    assert_eq!(after_one().await, ["two", "three"]);
    for (present, expected) in [
        (vec![two, one, three], vec!["three"]),
        (vec![one, three, two], vec!["three", "two"]),
        (vec![two, three], vec!["two", "three"]),
    ] {
        order(&present).await;
        assert_eq!(after_one().await, expected);
    }
    // One before the cursor's is removed.
    order(&[two, one, three]).await;
    let next = server.get("/v1/series/engines?limit=2").await.body["next"].as_str().unwrap().to_owned();
    order(&[one, three]).await;
    let answer = server.get(&format!("/v1/series/engines?limit=5&cursor={next}")).await;
    assert_eq!(all(&answer.body["posts"], "slug"), ["three"]);
    server.close().await;
}

#[tokio::test]
async fn only_who_manages_a_series_sees_what_else_is_in_it() {
    let Engines { server, posts, .. } = engines().await;
    for (reader, roles, sees) in [
        (ADA, vec![Role::Author], true),
        (BOB, vec![Role::Editor], true),
        (BOB, vec![Role::Author], false),
        (ADA, vec![], false),
    ] {
        let token = server.token(reader, &roles);
        let answer = server.get_with("/v1/series/engines", &[("authorization", &token)]).await;
        let expected = if sees { json!(posts) } else { Value::Null };
        assert_eq!(answer.body["post_ids"], expected, "{reader} {roles:?}");
        let kept = if sees { "private, no-cache" } else { "public, no-cache" };
        assert_eq!(answer.header("cache-control"), kept, "{reader} {roles:?}");
        assert_eq!(all(&answer.body["posts"], "slug"), ["one", "two", "three"], "drafts are not listed");
    }
}

#[tokio::test]
async fn former_addresses_lead_to_the_present_one() {
    let Engines { server, .. } = engines().await;
    Series { deleted: true, ..Series::called("gone") }.write(server.pool()).await;
    for former in ["machines", "ENGINES"] {
        let answer = server.get(&format!("/v1/series/{former}?limit=1")).await;
        assert_eq!((answer.status, answer.header("location")), (301, "/v1/series/engines?limit=1"), "{former}");
    }
    assert_eq!(server.get("/v1/series/gone").await.problem(), (410, "gone"));
    for never in ["never", "no--slug"] {
        assert_eq!(server.get(&format!("/v1/series/{never}")).await.problem(), (404, "not-found"));
    }
}

#[tokio::test]
async fn series_are_listed_newest_first_and_by_account() {
    let Engines { server, .. } = engines().await;
    let pool = server.pool();
    Series { created_at: 1_800_000_000, ..Series::called("newer") }.write(pool).await;
    Series { owner: BOB, created_at: 1_600_000_000, ..Series::called("bobs") }.write(pool).await;
    Series { deleted: true, ..Series::called("gone") }.write(pool).await;
    let list = server.get("/v1/series").await;
    assert_eq!(all(&list.body["series"], "slug"), ["newer", "engines", "bobs"]);
    assert_eq!(all(&list.body["series"], "posts_count"), [0, 3, 0]);
    assert_eq!(list.body["series"][2]["owner"]["user_name"], "bob");
    let ada = server.get("/v1/series?author=ADA&limit=1").await;
    assert_eq!(all(&ada.body["series"], "slug"), ["newer"]);
    let next = ada.body["next"].as_str().unwrap();
    let rest = server.get(&format!("/v1/series?author=ada&cursor={next}")).await;
    assert_eq!(all(&rest.body["series"], "slug"), ["engines"]);
    assert_eq!(server.get("/v1/series?author=unknown").await.problem(), (404, "not-found"));
    assert_eq!(server.get("/v1/authors/ada").await.body["series_count"], 2);
}

#[tokio::test]
async fn a_post_shows_what_comes_before_and_after_it() {
    let Engines { server, series, posts } = engines().await;
    let answer = server.get("/v1/posts/two").await;
    let neighbour =
        |slug: &str, place: usize| json!({"id": posts[place], "slug": slug, "title": format!("Title of {slug}")});
    let expected = json!([{
        "id": series, "slug": "engines", "title": "Title of engines", "posts_count": 3, "number": 2,
        "previous": neighbour("one", 0), "next": neighbour("three", 5),
    }]);
    assert_eq!(answer.body["series"], expected);
    assert_eq!(slugs_beside(&server.get("/v1/posts/one").await), (json!(1), Value::Null, json!("two")));
    assert_eq!(slugs_beside(&server.get("/v1/posts/three").await), (json!(3), json!("two"), Value::Null));
    let token = server.token(ADA, &[]);
    let draft = server.get_with("/v1/posts/draft", &[("authorization", &token)]).await;
    assert_eq!(slugs_beside(&draft), (Value::Null, json!("one"), json!("two")), "a draft has no number yet");
}

#[tokio::test]
async fn a_post_is_another_once_what_is_beside_it_changes() {
    let Engines { server, .. } = engines().await;
    let before = server.get("/v1/posts/one").await;
    let etag = ("if-none-match", before.header("etag"));
    assert_eq!(server.get_with("/v1/posts/one", &[etag]).await.status, 304);
    // Nothing happened to the post, nor to the series.
    let unpublish = "UPDATE content.posts SET published = false WHERE slug = 'two'";
    sqlx::query(unpublish).execute(server.pool()).await.unwrap();
    let after = server.get_with("/v1/posts/one", &[etag]).await;
    assert_eq!((after.status, slugs_beside(&after)), (200, (json!(1), Value::Null, json!("three"))));
}

#[tokio::test]
async fn of_many_series_of_a_post_the_first_are_shown() {
    let server = Server::start().await;
    let post = Post::called("busy").write(server.pool()).await.id;
    for number in 0..22 {
        let slug: &'static str = format!("series-{number:02}").leak();
        let one = Series { posts: vec![post], created_at: 1_700_000_000 + number, ..Series::called(slug) };
        one.write(server.pool()).await;
    }
    Series { posts: vec![post], deleted: true, created_at: 1, ..Series::called("gone") }.write(server.pool()).await;
    let answer = server.get("/v1/posts/busy").await;
    let shown = all(&answer.body["series"], "slug");
    assert_eq!((shown.len(), &shown[0], &shown[19]), (20, &json!("series-00"), &json!("series-19")));
}

#[tokio::test]
async fn a_post_in_no_series_says_so() {
    let server = Server::start().await;
    Post::called("alone").write(server.pool()).await;
    assert_eq!(server.get("/v1/posts/alone").await.body["series"], json!([]));
}
