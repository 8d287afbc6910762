//! What is parked: the positions pass it, so answers that show it, or may miss it, say that they are stale.

use std::collections::BTreeMap;
use std::time::Duration;

use uuid::Uuid;

use crate::support::{Author, Category, Comment, Follow, LOG, Post, Preview, Series, Server, routes_with};

const ADA: Uuid = Uuid::from_u128(1);
const BOB: Uuid = Uuid::from_u128(2);
const CARL: Uuid = Uuid::from_u128(3);
const ONE: Uuid = Uuid::from_u128(11);
const NOTES: Uuid = Uuid::from_u128(13);

/// Ada wrote `one`, which is in her series `notes`, Bob `two`, which is in the category `notes`; Ada follows Bob, and
/// keeps `one`. Nothing is parked.
async fn server() -> Server {
    let server = Server::start().await;
    for (id, name) in [(ADA, "ada"), (BOB, "bob"), (CARL, "carl")] {
        Author::write(server.pool(), id, name, 1).await;
    }
    Post { id: ONE, former_slugs: vec!["uno"], ..Post::called("one") }.write(server.pool()).await;
    let categories = vec![Category::called("notes").write(server.pool()).await];
    Post { author: BOB, categories, tags: vec!["notes"], ..Post::called("two") }.write(server.pool()).await;
    Post::draft("draft").write(server.pool()).await;
    Follow::write(server.pool(), ADA, BOB, 1000).await;
    crate::bookmarks::keep(server.pool(), ADA, ONE, 1000).await;
    crate::reactions::like(server.pool(), ADA, ONE, 1000).await;
    crate::invitations::invite(server.pool(), BOB, ONE, 1000).await;
    Series { id: NOTES, posts: vec![ONE], ..Series::called("notes") }.write(server.pool()).await;
    server
}

/// The addresses whose answers say that they are stale, once the position before `next_offset` is passed.
async fn stale(server: &Server, next_offset: i64) -> BTreeMap<&'static str, u16> {
    let position = Server::position(next_offset - 1, LOG);
    let token = server.token(ADA, &[]);
    let mut stale = BTreeMap::new();
    for path in [
        "/v1/posts",
        "/v1/posts/one",
        "/v1/posts/uno",
        "/v1/posts/two",
        "/v1/posts/nothing",
        "/v1/posts?category=notes",
        "/v1/categories",
        "/v1/categories/notes",
        "/v1/categories/nothing",
        "/v1/series",
        "/v1/series/notes",
        "/v1/series/nothing",
        "/v1/tags",
        "/v1/posts?tag=notes",
        "/v1/tags/notes",
        "/v1/tags/nothing",
        "/v1/authors",
        "/v1/authors/ada",
        "/v1/authors/bob",
        "/v1/authors/unknown",
        "/v1/authors/bob/followers",
        "/v1/authors/carl/followers",
        "/v1/authors/ada/following",
        "/v1/me/bookmarks",
        "/v1/me/following/tags",
        "/v1/me/following/categories",
        "/v1/me/following/series",
        "/v1/me/reactions/post/like",
        "/v1/me/shares/post/link",
        "/v1/posts/one/reactions/like",
        "/v1/me/invitations",
        "/v1/posts/one/invitations",
        "/v1/me/preferences",
        "/v1/posts/one/comments",
    ] {
        let answer = server.get_with(path, &[("authorization", &token), ("inklog-position", &position)]).await;
        if answer.header("inklog-stale") == "true" {
            stale.insert(path, answer.status);
        }
        if answer.status == 200 {
            let etag = answer.header("etag").to_owned();
            let headers = [("authorization", &*token), ("inklog-position", &position), ("if-none-match", &etag)];
            let again = server.get_with(path, &headers).await;
            // What is stale is kept by no cache: a 304 could not take the header from it once it is not.
            let is_stale = answer.header("inklog-stale") == "true";
            let expected = (if is_stale { 200 } else { 304 }, answer.header("inklog-stale"));
            assert_eq!((again.status, again.header("inklog-stale")), expected, "{path}");
            assert_eq!(answer.header("cache-control") == "no-store", is_stale, "{path}");
        }
    }
    stale
}

#[tokio::test]
async fn what_shows_a_parked_aggregate_or_may_miss_it_is_stale_and_nothing_else_is() {
    let server = server().await;
    server.advance(1, LOG).await;
    assert_eq!(stale(&server, 1).await, BTreeMap::new());
    let mut next_offset = 1;
    for (context, key, expected) in [
        (
            "posts",
            ONE.to_string(),
            vec![
                ("/v1/posts", 200),
                ("/v1/posts/one/comments", 200),
                ("/v1/posts/one", 200),
                ("/v1/posts/uno", 301),
                ("/v1/posts/nothing", 404),
                ("/v1/posts?category=notes", 200),
                ("/v1/categories", 200),
                ("/v1/categories/notes", 200),
                ("/v1/series", 200),
                ("/v1/series/notes", 200),
                ("/v1/posts?tag=notes", 200),
                ("/v1/tags", 200),
                ("/v1/tags/notes", 200),
                ("/v1/tags/nothing", 404),
                ("/v1/me/following/series", 200),
                ("/v1/me/bookmarks", 200),
                ("/v1/me/reactions/post/like", 200),
                ("/v1/me/shares/post/link", 200),
                ("/v1/posts/one/reactions/like", 200),
                ("/v1/me/invitations", 200),
                ("/v1/posts/one/invitations", 200),
            ],
        ),
        (
            "accounts",
            ADA.to_string(),
            vec![
                ("/v1/posts", 200),
                ("/v1/posts/one", 200),
                ("/v1/series", 200),
                ("/v1/series/notes", 200),
                ("/v1/authors", 200),
                ("/v1/authors/ada", 200),
                ("/v1/authors/unknown", 404),
                ("/v1/authors/bob/followers", 200),
                ("/v1/authors/carl/followers", 200),
                ("/v1/authors/ada/following", 200),
                ("/v1/me/bookmarks", 200),
                ("/v1/me/reactions/post/like", 200),
                ("/v1/posts/one/reactions/like", 200),
                ("/v1/posts/one/invitations", 200),
                ("/v1/me/preferences", 200),
            ],
        ),
        (
            "following",
            format!("{ADA}:{BOB}"),
            vec![
                ("/v1/authors/bob/followers", 200),
                ("/v1/authors/ada/following", 200),
                ("/v1/me/following/tags", 200),
                ("/v1/me/following/categories", 200),
                ("/v1/me/following/series", 200),
            ],
        ),
        ("following", format!("{BOB}:tag:notes"), vec![("/v1/authors/bob/followers", 200), ("/v1/tags/notes", 200)]),
        (
            "taxonomy",
            "categories".to_owned(),
            vec![
                ("/v1/posts", 200),
                ("/v1/posts/two", 200),
                ("/v1/posts?category=notes", 200),
                ("/v1/categories", 200),
                ("/v1/categories/notes", 200),
                ("/v1/categories/nothing", 404),
                ("/v1/posts?tag=notes", 200),
                ("/v1/tags", 200),
                ("/v1/tags/notes", 200),
                ("/v1/tags/nothing", 404),
                ("/v1/me/following/tags", 200),
                ("/v1/me/following/categories", 200),
            ],
        ),
        (
            "series",
            NOTES.to_string(),
            vec![
                ("/v1/posts/one", 200),
                ("/v1/posts/two", 200),
                ("/v1/series", 200),
                ("/v1/series/notes", 200),
                ("/v1/series/nothing", 404),
                ("/v1/me/following/series", 200),
            ],
        ),
        ("bookmarks", format!("{ADA}:{ONE}"), vec![("/v1/me/bookmarks", 200)]),
        ("bookmarks", format!("{BOB}:{ONE}"), vec![]),
        (
            "reactions",
            format!("{BOB}:reaction:like:post:{ONE}"),
            vec![
                ("/v1/posts", 200),
                ("/v1/posts/one", 200),
                ("/v1/series/notes", 200),
                ("/v1/me/bookmarks", 200),
                ("/v1/me/reactions/post/like", 200),
                ("/v1/posts/one/reactions/like", 200),
            ],
        ),
        (
            "reactions",
            format!("{ADA}:share:link:post:{NOTES}"),
            vec![("/v1/me/reactions/post/like", 200), ("/v1/me/shares/post/link", 200)],
        ),
        (
            "comments",
            ONE.to_string(),
            vec![
                ("/v1/posts", 200),
                ("/v1/posts/one", 200),
                ("/v1/posts/one/comments", 200),
                ("/v1/series/notes", 200),
                ("/v1/me/bookmarks", 200),
                ("/v1/me/reactions/post/like", 200),
            ],
        ),
    ] {
        next_offset += 1;
        server.park(context, &key, next_offset).await;
        assert_eq!(stale(&server, next_offset).await, expected.into_iter().collect(), "{context} {key}");
        next_offset += 1;
        server.unpark(next_offset).await;
        assert_eq!(stale(&server, next_offset).await, BTreeMap::new(), "{context} {key}");
    }
    server.close().await;
}

#[tokio::test]
async fn who_hears_of_a_position_has_heard_what_is_parked_before_it() {
    let server = server().await;
    for round in 1..=50 {
        server.park("posts", &ONE.to_string(), 2 * round).await;
        let position = Server::position(2 * round - 1, LOG);
        let answer = server.get_with("/v1/posts/one", &[("inklog-position", &position)]).await;
        assert_eq!((answer.status, answer.header("inklog-stale")), (200, "true"), "{round}");
        server.unpark(2 * round + 1).await;
    }
}

#[tokio::test]
async fn a_draft_that_is_hidden_is_as_stale_as_one_that_is_not_there() {
    let server = server().await;
    server.park("posts", &ONE.to_string(), 1).await;
    for slug in ["draft", "nothing"] {
        let position = Server::position(0, LOG);
        let answer = server.get_with(&format!("/v1/posts/{slug}"), &[("inklog-position", &position)]).await;
        assert_eq!((answer.problem(), answer.header("inklog-stale")), ((404, "not-found"), "true"), "{slug}");
    }
}

#[tokio::test]
async fn what_was_parked_during_an_outage_is_known_at_once_after_it() {
    let (server, proxy) = Server::behind(&[]).await;
    Post { id: ONE, ..Post::called("one") }.write(server.pool()).await;
    server.advance(1, LOG).await;
    let position = Server::position(0, LOG);
    let answer = server.get_with("/v1/posts/one", &[("inklog-position", &position)]).await;
    assert_eq!((answer.status, answer.header("inklog-stale")), (200, ""));
    proxy.cut();
    tokio::time::sleep(Duration::from_millis(50)).await;
    server.park("posts", &ONE.to_string(), 2).await;
    proxy.mend();
    let mut answered = 0;
    for _ in 0..50 {
        let answer = server.get("/v1/posts/one").await;
        if answer.status == 200 {
            answered += 1;
            assert_eq!(answer.header("inklog-stale"), "true", "{answered}");
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(answered > 0);
}

/// The routes are those of the interface's description, so a new one is asked too.
#[tokio::test]
async fn no_route_forgets_to_say_what_it_shows() {
    let server = server().await;
    let terms = Uuid::from_u128(12);
    Post { id: terms, tags: vec!["terms"], ..Post::called("terms") }.write(server.pool()).await;
    Preview::with(Preview::TOKEN).write(server.pool(), terms).await;
    Category::called("terms").write(server.pool()).await;
    Series::called("terms").write(server.pool()).await;
    crate::media::bring(server.pool(), ADA, 'a', 1000).await;
    Comment::on(terms, 1, "Said.").write(server.pool()).await;
    crate::moderation::waits(server.pool(), BOB, 1).await;
    let item = format!("{ADA}:{}", "a".repeat(64));
    let keys = [
        ("posts", Uuid::from_u128(12).to_string()),
        ("accounts", ADA.to_string()),
        ("media", item),
        ("following", format!("{ADA}:tag:terms")),
        ("moderation", format!("account:{BOB}")),
    ];
    for ((context, key), next_offset) in keys.iter().zip(1..) {
        server.park(context, key, next_offset).await;
    }
    let (position, token) = (Server::position(1, LOG), server.token(ADA, &[domain::Role::Editor]));
    let routes = routes_with("position");
    assert!(routes.len() >= 8, "{routes:?}");
    let mut forgetful = Vec::new();
    for route in routes {
        // Of nobody nothing is shown.
        let route = if route == "/v1/people" { format!("{route}?ids={ADA}") } else { route };
        let answer = server.get_with(&route, &[("authorization", &token), ("inklog-position", &position)]).await;
        let said = (answer.status, answer.header("inklog-stale").to_owned());
        if said != (200, "true".to_owned()) {
            forgetful.push((route, said));
        }
    }
    assert_eq!(forgetful, []);
}
