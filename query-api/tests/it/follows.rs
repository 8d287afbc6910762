//! `/v1/authors/{user_name}/followers` and `…/following`.

use domain::Role;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Answer, Author, Follow, Server};

const ADA: Uuid = Uuid::from_u128(1);

fn fan(number: u128) -> Uuid {
    Uuid::from_u128(100 + number)
}

/// Ada, whom five follow, two of them since the same moment; she follows the first of them.
async fn server() -> Server {
    let server = Server::start().await;
    Author::write(server.pool(), ADA, "Ada", 1).await;
    for (number, since) in (0..5).zip([1_000, 2_000, 2_000, 3_000, 4_000]) {
        Author::write(server.pool(), fan(number), &format!("fan{number}"), 1).await;
        Follow::write(server.pool(), fan(number), ADA, since).await;
    }
    Follow::write(server.pool(), ADA, fan(0), 9_000).await;
    server
}

fn names(answer: &Answer, list: &str) -> Vec<String> {
    let entries = answer.body[list].as_array().unwrap_or_else(|| panic!("{answer:?}"));
    entries.iter().map(|entry| entry["user_name"].as_str().unwrap().to_owned()).collect()
}

async fn prefer_private(server: &Server, wish: &str) {
    let sql = "INSERT INTO content.preferences (account_id, following_list, version) VALUES ($1, $2, 2)
        ON CONFLICT (account_id) DO UPDATE SET following_list = $2";
    sqlx::query(sql).bind(ADA).bind(wish).execute(server.pool()).await.unwrap();
}

#[tokio::test]
async fn followers_are_listed_newest_first_in_pages_that_neither_skip_nor_repeat() {
    let server = server().await;
    let (mut path, mut seen) = ("/v1/authors/ada/followers?limit=2".to_owned(), Vec::new());
    loop {
        let answer = server.get(&path).await;
        seen.extend(names(&answer, "followers"));
        let Some(next) = answer.body["next"].as_str() else { break };
        path = format!("/v1/authors/ada/followers?limit=2&cursor={next}");
        assert_eq!(answer.header("link"), format!("<{path}>; rel=\"next\""));
    }
    assert_eq!(seen, ["fan4", "fan3", "fan2", "fan1", "fan0"]);
    server.close().await;
}

#[tokio::test]
async fn an_entry_says_who_and_since_when() {
    let server = server().await;
    let answer = server.get("/v1/authors/ADA/following").await;
    let expected = json!({"following": [{"id": fan(0), "user_name": "fan0", "display_name": "fan0 v1", "image_url": "",
        "since": "1970-01-01T00:00:09.000Z"}], "next": null});
    assert_eq!(answer.body, expected);
    let again = server.get_with("/v1/authors/ada/following", &[("if-none-match", answer.header("etag"))]).await;
    assert_eq!(again.status, 304);
    assert_eq!(answer.header("vary"), "Authorization");
}

#[tokio::test]
async fn an_author_has_their_numbers() {
    let server = server().await;
    let counts = |author: &Value| (author["followers_count"].as_i64(), author["following_count"].as_i64());
    assert_eq!(counts(&server.get("/v1/authors/ada").await.body), (Some(5), Some(1)));
    let list = server.get("/v1/authors").await;
    let seen: Vec<_> = list.body["authors"].as_array().unwrap().iter().map(counts).collect();
    assert_eq!(seen[..3], [(Some(5), Some(1)), (Some(1), Some(1)), (Some(0), Some(1))]);
}

#[tokio::test]
async fn who_follows_no_more_or_was_forgotten_is_in_no_list() {
    let server = server().await;
    let ended = "UPDATE content.follows SET active = false WHERE follower_id = $1";
    sqlx::query(ended).bind(fan(4)).execute(server.pool()).await.unwrap();
    let forgotten = "UPDATE content.authors SET user_name = $2 WHERE account_id = $1";
    for number in [0, 2] {
        let name = domain::views::deleted_user_name(fan(number));
        sqlx::query(forgotten).bind(fan(number)).bind(&name).execute(server.pool()).await.unwrap();
        for list in ["followers", "following"] {
            assert_eq!(server.get(&format!("/v1/authors/fan{number}/{list}")).await.problem(), (404, "not-found"));
            assert_eq!(server.get(&format!("/v1/authors/{name}/{list}")).await.problem(), (410, "account-erased"));
        }
    }
    assert_eq!(names(&server.get("/v1/authors/ada/followers?limit=2").await, "followers"), ["fan3", "fan1"]);
    assert!(names(&server.get("/v1/authors/ada/following").await, "following").is_empty());
    assert_eq!(names(&server.get("/v1/authors").await, "authors"), ["Ada", "fan1", "fan3", "fan4"]);
}

#[tokio::test]
async fn a_private_list_is_shown_to_its_owner_only_and_hides_them_from_no_other_list() {
    let server = server().await;
    let (path, mine) = ("/v1/authors/ada/following", server.token(ADA, &[]));
    let admin = server.token(Uuid::from_u128(9), &[Role::Admin]);
    assert_eq!(server.get(path).await.header("cache-control"), "public, no-cache");
    // One that this version does not know hides, too.
    for wish in ["private", "friends"] {
        prefer_private(&server, wish).await;
        let answer = server.get(path).await;
        assert_eq!((answer.problem(), answer.header("cache-control")), ((403, "private"), "no-cache"), "{wish}");
        assert_eq!(server.get_with(path, &[("authorization", &admin)]).await.problem(), (403, "private"));
        let shown = server.get_with(path, &[("authorization", &mine)]).await;
        assert_eq!(
            (names(&shown, "following"), shown.header("cache-control")),
            (vec!["fan0".into()], "private, no-cache")
        );
        assert_eq!(names(&server.get("/v1/authors/fan0/followers").await, "followers"), ["Ada"]);
    }
    prefer_private(&server, "public").await;
    assert_eq!(server.get(path).await.status, 200);
    assert_eq!(server.get_with(path, &[("authorization", "Bearer x")]).await.problem(), (401, "unauthorized"));
}

#[tokio::test]
async fn a_former_name_leads_to_the_list_of_the_present_one() {
    let server = server().await;
    let sql = "UPDATE content.authors SET user_name = 'Countess', former_user_names = '{ada}' WHERE account_id = $1";
    sqlx::query(sql).bind(ADA).execute(server.pool()).await.unwrap();
    for list in ["followers", "following"] {
        let answer = server.get(&format!("/v1/authors/Ada/{list}?limit=3")).await;
        assert_eq!((answer.status, answer.header("location")), (301, &*format!("/v1/authors/Countess/{list}?limit=3")));
    }
}

#[tokio::test]
async fn nobody_and_nonsense_are_told_apart() {
    let server = server().await;
    let next = server.get("/v1/authors/ada/followers?limit=2").await.body["next"].as_str().unwrap().to_owned();
    for list in ["followers", "following"] {
        for name in ["nobody", "%00", "a%20b"] {
            assert_eq!(server.get(&format!("/v1/authors/{name}/{list}")).await.problem(), (404, "not-found"));
        }
        for query in ["limit=0", "limit=101", "limit=x", "mood=good", "cursor=x", "position=x"] {
            let answer = server.get(&format!("/v1/authors/ada/{list}?{query}")).await;
            assert_eq!(answer.problem(), (422, "invalid"), "{query}");
        }
        let other = server.get(&format!("/v1/authors/fan0/{list}?cursor={next}")).await;
        assert_eq!(other.problem(), (422, "invalid"), "it is a cursor of another list");
    }
}

/// A list of many costs no more than one of ten: the index has a page in its order, and nothing is sorted or counted.
#[tokio::test]
async fn a_page_of_a_long_list_is_read_from_the_index() {
    let server = server().await;
    let many = "INSERT INTO content.follows
        SELECT gen_random_uuid(), $1, true, now() - n * interval '1 second', 1 FROM generate_series(1, 20000) AS n
        UNION ALL
        SELECT $1, gen_random_uuid(), true, now() - n * interval '1 second', 1 FROM generate_series(1, 20000) AS n";
    sqlx::query(many).bind(ADA).execute(server.pool()).await.unwrap();
    sqlx::raw_sql("ANALYZE content.follows").execute(server.pool()).await.unwrap();
    for (index, sql) in [
        (
            "follows_followers",
            "EXPLAIN SELECT follower_id FROM content.follows WHERE active AND followee_id = $1
                AND (since, follower_id) < (now(), $1) ORDER BY since DESC, follower_id DESC LIMIT 20",
        ),
        (
            "follows_following",
            "EXPLAIN SELECT followee_id FROM content.follows WHERE active AND follower_id = $1
                AND (since, followee_id) < (now(), $1) ORDER BY since DESC, followee_id DESC LIMIT 20",
        ),
    ] {
        let plan: Vec<String> = sqlx::query_scalar(sql).bind(ADA).fetch_all(server.pool()).await.unwrap();
        let plan = plan.join("\n");
        assert!(plan.contains(index) && !plan.contains("Sort"), "{plan}");
    }
}
