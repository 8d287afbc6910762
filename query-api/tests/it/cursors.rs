//! What holds for the cursor of any list. The lists are those of the interface's description, so a new one is asked
//! too; it needs two entries for Ada in [`server`].

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use crate::support::{Answer, Author, Category, Comment, Follow, Post, Preview, Series, Server, routes_with};

const ADA: Uuid = Uuid::from_u128(1);

/// Each list has two entries at least.
async fn server() -> Server {
    let server = Server::start().await;
    Author::write(server.pool(), ADA, "ada", 1).await;
    let terms = Post::called("terms").write(server.pool()).await;
    let mut posts = vec![terms.id];
    for number in [2, 3] {
        let other = Uuid::from_u128(number);
        Author::write(server.pool(), other, &format!("other{number}"), 1).await;
        Follow::write(server.pool(), ADA, other, 1000).await;
        Follow::write(server.pool(), other, ADA, 1000).await;
        let post = Post::called(&format!("post-{number}")).write(server.pool()).await;
        crate::bookmarks::keep(server.pool(), ADA, post.id, 1000).await;
        let category = Category::called(if number == 2 { "two" } else { "three" }).write(server.pool()).await;
        crate::interests::follow(server.pool(), ADA, "category", &category.to_string(), 1000).await;
        crate::interests::follow(server.pool(), ADA, "tag", &format!("tag-{number}"), 1000).await;
        crate::reactions::like(server.pool(), ADA, post.id, 1000).await;
        crate::reactions::like(server.pool(), other, terms.id, 1000).await;
        crate::reactions::share(server.pool(), ADA, post.id, 1000).await;
        crate::media::bring(server.pool(), ADA, if number == 2 { 'a' } else { 'b' }, 1000).await;
        crate::media::uses(server.pool(), post.id, 'a').await;
        crate::schedule::expires(server.pool(), post.id, 1_900_000_000).await;
        crate::invitations::invite(server.pool(), ADA, post.id, 1000).await;
        crate::invitations::invite(server.pool(), other, terms.id, 1000).await;
        crate::archive::count(server.pool(), 200_000 + i64::try_from(number).unwrap(), 1).await;
        crate::reads::were(server.pool(), terms.id, &format!("2026-11-0{number}"), 1).await;
        posts.push(post.id);
        Preview::with(Preview::TOKEN).write(server.pool(), terms.id).await;
        crate::moderation::block(server.pool(), ADA, other, true).await;
        crate::moderation::waits(server.pool(), other, 1_700_000_000).await;
        let case = (format!("account:{ADA}"), i64::try_from(number).unwrap());
        crate::moderation::ruling_of(server.pool(), ADA, (&case.0, case.1), "warn").await;
        crate::support::review(server.pool(), post.id, "in_review", 1000).await;
    }
    for number in 1..=3 {
        // Of different depths, so that each of the lists has two.
        let comment = Comment::on(terms.id, number, "Said.").write(server.pool()).await;
        crate::reactions::like_comment(server.pool(), ADA, comment, 1000).await;
        crate::reactions::like_comment(server.pool(), Uuid::from_u128(2), comment, 1000).await;
    }
    let series = Series { posts, ..Series::called("terms") };
    for series in [series, Series::called("others")] {
        let id = series.write(server.pool()).await;
        crate::interests::follow(server.pool(), ADA, "series", &id.to_string(), 1000).await;
    }
    server
}

/// The addresses of all lists that are given in pages.
fn lists() -> Vec<String> {
    let lists = routes_with("cursor");
    assert!(lists.len() >= 4, "{lists:?}");
    lists
}

async fn page(server: &Server, list: &str, cursor: &str) -> Answer {
    let separator = if list.contains('?') { '&' } else { '?' };
    let token = server.token(ADA, &[domain::Role::Editor]);
    server.get_with(&format!("{list}{separator}limit=1{cursor}"), &[("authorization", &token)]).await
}

async fn next(server: &Server, list: &str) -> String {
    let answer = page(server, list, "").await;
    answer.body["next"].as_str().unwrap_or_else(|| panic!("{list} has less than two entries: {answer:?}")).to_owned()
}

/// The cursor with one of its parts replaced.
fn forged(cursor: &str, part: usize, text: &str) -> String {
    let decoded = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).unwrap()).unwrap();
    let mut parts: Vec<_> = decoded.split('/').collect();
    parts[part] = text;
    URL_SAFE_NO_PAD.encode(parts.join("/"))
}

async fn assert_refused(server: &Server, list: &str, cursor: &str) {
    let answer = page(server, list, &format!("&cursor={cursor}")).await;
    assert_eq!(answer.problem(), (422, "invalid"), "{list} {cursor}");
    assert_eq!(answer.body["errors"][0]["parameter"], "cursor", "{list} {cursor}");
}

#[tokio::test]
async fn a_cursor_that_no_list_gave_is_refused_by_every_list() {
    let server = server().await;
    for list in lists() {
        let cursor = next(&server, &list).await;
        for part in 0..3 {
            let long = "x".repeat(2000);
            for text in ["", "\0", "a\0b", "\u{fffd}", "-9223372036854775808", "99999999999999999999x ", &long] {
                assert_refused(&server, &list, &forged(&cursor, part, text)).await;
            }
            // It is a time that no entry has, and a name that an account may have.
            let latest = forged(&cursor, part, &i64::MAX.to_string());
            let answer = page(&server, &list, &format!("&cursor={latest}")).await;
            assert!(matches!(answer.status, 200 | 422), "{list}: {answer:?}");
        }
        for text in [&cursor[1..], &cursor[..cursor.len() - 2], "%00", "AAAA", "_w"] {
            assert_refused(&server, &list, text).await;
        }
    }
}

#[tokio::test]
async fn a_cursor_of_one_list_is_refused_by_every_other() {
    let server = server().await;
    for list in lists() {
        let cursor = next(&server, &list).await;
        assert_eq!(page(&server, &list, &format!("&cursor={cursor}")).await.status, 200, "{list}");
        for other in lists().iter().filter(|other| **other != list) {
            assert_refused(&server, other, &cursor).await;
        }
    }
}

#[tokio::test]
async fn a_cursor_outlives_its_authors_name() {
    let server = server().await;
    let cursor = next(&server, "/v1/posts?author=ada").await;
    let sql = "UPDATE content.authors SET user_name = 'Countess', former_user_names = '{ada}' WHERE account_id = $1";
    sqlx::query(sql).bind(ADA).execute(server.pool()).await.unwrap();
    let moved = server.get(&format!("/v1/posts?author=ada&limit=1&cursor={cursor}")).await;
    let expected = format!("/v1/posts?limit=1&cursor={cursor}&author=Countess");
    assert_eq!((moved.status, moved.header("location")), (301, &*expected));
    let answer = server.get(&expected).await;
    assert_eq!((answer.status, answer.body["posts"].as_array().unwrap().len()), (200, 1));
}

/// A list of two, and what is done to its name in the middle of it: `former` leads to `present` then.
async fn assert_goes_on(server: &Server, (former, present): (&str, &str), changes: &[&'static str]) {
    let posts = async |path: &str| {
        let answer = server.get(path).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let posts = answer.body["posts"].as_array().unwrap().clone();
        (posts.into_iter().map(|post| post["slug"].clone()).collect::<Vec<_>>(), answer.body["next"].clone())
    };
    let (first, next) = posts(&format!("/v1/posts?{former}&limit=1")).await;
    for change in changes {
        sqlx::query(*change).execute(server.pool()).await.unwrap();
    }
    let moved = server.get(&format!("/v1/posts?{former}&limit=1&cursor={}", next.as_str().unwrap())).await;
    assert_eq!(moved.status, 301, "{moved:?}");
    assert!(moved.header("location").contains(present.split('&').next_back().unwrap()), "{moved:?}");
    let (second, _) = posts(moved.header("location")).await;
    assert_eq!(posts(&format!("/v1/posts?{present}")).await.0, [first, second].concat());
}

/// The second page was refused: its cursor was not one of the list that it led to.
#[tokio::test]
async fn a_reader_in_the_middle_of_a_list_goes_on_when_its_tag_or_category_is_renamed_or_merged() {
    let server = Server::start().await;
    let pool = server.pool();
    Author::write(pool, ADA, "ada", 1).await;
    for (slug, at) in [("one", 1), ("two", 2)] {
        let tags = vec!["js", "tea"];
        let post = Post { tags, published_at: Some(at), ..Post::called(slug) };
        post.write(pool).await;
    }
    let renamed = ["INSERT INTO content.tag_names VALUES ('js', 'javascript', '', 1)"];
    assert_goes_on(&server, ("tag=js", "tag=javascript"), &renamed).await;
    let renamed = ["INSERT INTO content.tag_names VALUES ('tea', 'chai', '', 2)"];
    assert_goes_on(&server, ("author=ada&tag=tea", "author=ada&tag=chai"), &renamed).await;
    for slug in ["science", "nature"] {
        let category = Category::called(slug).write(pool).await;
        let put = "INSERT INTO content.post_categories SELECT $1, published_at, post_id FROM content.posts";
        if slug == "science" {
            sqlx::query(put).bind(category).execute(pool).await.unwrap();
        }
    }
    let merged = ["UPDATE content.categories c SET merged_into = n.category_id FROM content.categories n \
                   WHERE c.slug = 'science' AND n.slug = 'nature'"];
    assert_goes_on(&server, ("category=science", "category=nature"), &merged).await;
    server.close().await;
}
