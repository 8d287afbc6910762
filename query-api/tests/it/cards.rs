//! Cards: `/v1/cards`, `/v1/cards/{slug}` and `/v1/people`.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::reactions::like;
use crate::support::{Answer, Author, Follow, Post, Server};

const ADA: Uuid = Uuid::from_u128(1);
const BOB: Uuid = Uuid::from_u128(2);

/// Five posts of Ada's, and one of Bob's, who follows her and likes the second.
async fn server() -> Server {
    let server = Server::start().await;
    Author::write(server.pool(), ADA, "ada", 1).await;
    Author::write(server.pool(), BOB, "bob", 1).await;
    for number in 0..5 {
        let tags = if number < 2 { vec!["zebra", "apple"] } else { Vec::new() };
        let published_at = Some(1_700_000_000 + number);
        let post = Post { tags, published_at, ..Post::called(&format!("post-{number}")) }.write(server.pool()).await;
        if number == 1 {
            like(server.pool(), BOB, post.id, 1_000).await;
        }
    }
    let _ =
        Post { author: BOB, published_at: Some(1_800_000_000), ..Post::called("of-bob") }.write(server.pool()).await;
    let _ = Post::draft("draft").write(server.pool()).await;
    Follow::write(server.pool(), BOB, ADA, 1_000).await;
    server
}

async fn as_bob(server: &Server, path: &str) -> Answer {
    server.get_with(path, &[("authorization", &server.token(BOB, &[]))]).await
}

fn page(answer: &Answer) -> (Vec<&str>, i64) {
    let cards = answer.body["cards"].as_array().unwrap_or_else(|| panic!("{answer:?}"));
    let slugs = cards.iter().map(|card| card["slug"].as_str().unwrap()).collect();
    (slugs, answer.body["total"].as_i64().unwrap())
}

#[tokio::test]
async fn cards_are_pages_by_number_with_how_many_there_are() {
    let server = server().await;
    for (query, slugs, total) in [
        ("", &["of-bob", "post-4", "post-3", "post-2", "post-1", "post-0"][..], 6),
        ("?limit=2", &["of-bob", "post-4"], 6),
        ("?limit=2&offset=5", &["post-0"], 6),
        ("?offset=100000", &[], 6),
        ("?author=ADA&limit=1", &["post-4"], 5),
        ("?tag=zebra", &["post-1", "post-0"], 2),
        ("?reacted_by=bob", &["post-1"], 1),
        ("?reacted_by=bob&kind=love", &[], 0),
        ("?reacted_by=bob&author=bob", &[], 0),
        ("?followed=true", &[], 0),
    ] {
        let answer = server.get(&format!("/v1/cards{query}")).await;
        assert_eq!(page(&answer), (slugs.to_vec(), total), "{query}");
    }
    assert_eq!(page(&as_bob(&server, "/v1/cards?followed=true&limit=1").await), (vec!["post-4"], 5));
    assert_eq!(server.get("/v1/cards?author=nobody").await.problem(), (404, "not-found"));
    for wrong in ["limit=0", "limit=101", "offset=100001", "offset=-1", "tag=A%20b", "nothing=1"] {
        assert_eq!(server.get(&format!("/v1/cards?{wrong}")).await.problem(), (422, "invalid"), "{wrong}");
    }
    server.close().await;
}

#[tokio::test]
async fn a_card_says_what_the_reader_is_to_it() {
    let server = server().await;
    let answer = as_bob(&server, "/v1/cards/post-1").await;
    let person = |followed: bool| {
        json!({"id": ADA, "user_name": "ada", "display_name": "ada v1", "bio": answer.body["author"]["bio"],
            "image_url": answer.body["author"]["image_url"], "followed": followed})
    };
    assert_eq!(answer.body["author"], person(true));
    let of_reaction = |answer: &Answer| (answer.body["reactions"].clone(), answer.body["reacted"].clone());
    assert_eq!(of_reaction(&answer), (json!(1), json!(true)));
    assert_eq!(
        (&answer.body["tags"], &answer.body["body_markdown"]),
        (&json!(["zebra", "apple"]), &json!("Some *text*."))
    );
    assert_eq!((answer.header("cache-control"), answer.header("vary")), ("private, no-cache", "Authorization"));
    let other = server.get("/v1/cards/post-1").await;
    assert_eq!((of_reaction(&other), &other.body["author"]), ((json!(1), json!(false)), &person(false)));
    for missing in ["nowhere", "draft", "no slug"] {
        assert_eq!(server.get(&format!("/v1/cards/{missing}")).await.problem(), (404, "not-found"), "{missing}");
    }
    assert_eq!(server.get("/v1/cards/POST-1").await.header("location"), "/v1/cards/post-1");
    server.close().await;
}

#[tokio::test]
async fn people_are_looked_up_by_ids_and_names() {
    let server = server().await;
    let names = |answer: &Answer| -> Vec<Value> {
        let mut names: Vec<Value> =
            answer.body["people"].as_array().unwrap().iter().map(|person| person["user_name"].clone()).collect();
        names.sort_by_key(ToString::to_string);
        names
    };
    let path = format!("/v1/people?ids={BOB},{}&user_names=Ada,nobody", Uuid::from_u128(9));
    let answer = as_bob(&server, &path).await;
    assert_eq!(names(&answer), ["ada", "bob"]);
    assert!(names(&server.get("/v1/people").await).is_empty());
    assert_eq!(server.get("/v1/people?ids=x").await.problem(), (422, "invalid"));
    let many = vec![BOB.to_string(); 101].join(",");
    assert_eq!(server.get(&format!("/v1/people?ids={many}")).await.problem(), (422, "invalid"));
    server.close().await;
}
