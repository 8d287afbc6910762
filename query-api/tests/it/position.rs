use std::time::{Duration, Instant};

use uuid::Uuid;

use crate::support::{Category, Comment, LOG, Post, Preview, Series, Server, routes_with};

const ADA: Uuid = Uuid::from_u128(1);

/// The addresses of all routes that wait for a position.
fn routes() -> Vec<String> {
    let routes = routes_with("position");
    assert!(routes.len() >= 8, "{routes:?}");
    routes
}

async fn server() -> Server {
    let server = Server::start().await;
    let post = Post { tags: vec!["terms"], ..Post::called("terms") }.write(server.pool()).await;
    Comment::on(post.id, 1, "First.").write(server.pool()).await;
    Preview::with(Preview::TOKEN).write(server.pool(), post.id).await;
    Category::called("terms").write(server.pool()).await;
    Series::called("terms").write(server.pool()).await;
    crate::support::Author::write(server.pool(), ADA, "ada", 1).await;
    crate::media::bring(server.pool(), ADA, 'a', 1000).await;
    crate::moderation::waits(server.pool(), Uuid::from_u128(2), 1).await;
    server
}

#[tokio::test]
async fn a_passed_position_is_answered_at_once_everywhere() {
    let server = server().await;
    server.advance(7, LOG).await;
    let position = Server::position(6, LOG);
    let token = server.token(ADA, &[domain::Role::Editor]);
    for route in &routes() {
        let answer = server.get_with(route, &[("authorization", &token), ("inklog-position", &position)]).await;
        assert_eq!((answer.status, answer.header("inklog-stale")), (200, ""), "{route}");
        let answer = server.get_with(&format!("{route}?position={position}"), &[("authorization", &token)]).await;
        assert_eq!(answer.status, 200, "{route}");
    }
    server.close().await;
}

#[tokio::test]
async fn a_position_that_is_not_reached_is_503_or_stale_as_preferred() {
    let server = server().await;
    server.advance(7, LOG).await;
    let position = Server::position(7, LOG);
    let token = server.token(ADA, &[domain::Role::Editor]);
    for route in &routes() {
        let began = Instant::now();
        let answer = server.get_with(route, &[("authorization", &token), ("inklog-position", &position)]).await;
        assert_eq!(answer.problem(), (503, "behind"), "{route}");
        assert_eq!(answer.header("retry-after"), "1");
        assert!((450..2000).contains(&began.elapsed().as_millis()), "{:?}", began.elapsed());
        let preference = ("prefer", "handling=strict, Stale-OK");
        let headers = [("authorization", &*token), ("inklog-position", &position), preference];
        let answer = server.get_with(route, &headers).await;
        assert_eq!((answer.status, answer.header("inklog-stale")), (200, "true"), "{route}");
    }
}

#[tokio::test]
async fn a_reader_who_waits_for_less_is_told_sooner() {
    let server = server().await;
    server.advance(7, LOG).await;
    // Once before, so that it is not the first connection that is timed.
    let _ = server.get("/v1/posts").await;
    let position = Server::position(7, LOG);
    let began = Instant::now();
    let headers = [("inklog-position", &*position), ("inklog-timeout-ms", "100")];
    assert_eq!(server.get_with("/v1/posts", &headers).await.problem(), (503, "behind"));
    assert!((85..400).contains(&began.elapsed().as_millis()), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_waiting_query_is_woken_by_the_announcement_and_sees_the_row() {
    let server = server().await;
    server.advance(7, LOG).await;
    let position = Server::position(7, LOG);
    // Once before, so that it is not the first connection that is timed.
    let _ = server.get("/v1/posts").await;
    let waiting = async {
        let answer = server.get_with("/v1/posts/late", &[("inklog-position", &position)]).await;
        (answer.status, Instant::now())
    };
    let writing = async {
        tokio::time::sleep(Duration::from_millis(150)).await;
        Post::called("late").write(server.pool()).await;
        server.advance(8, LOG).await;
        Instant::now()
    };
    let ((status, answered), announced) = tokio::join!(waiting, writing);
    assert_eq!(status, 200);
    let took = answered.saturating_duration_since(announced);
    assert!(took < Duration::from_millis(100), "woken {took:?} after the announcement");
}

#[tokio::test]
async fn a_position_of_another_log_is_refused_with_an_explanation() {
    let server = server().await;
    server.advance(7, LOG).await;
    let position = Server::position(1, Uuid::from_u128(99));
    for headers in
        [vec![("inklog-position", &*position)], vec![("inklog-position", &*position), ("prefer", "stale-ok")]]
    {
        let answer = server.get_with("/v1/posts", &headers).await;
        assert_eq!(answer.problem(), (409, "foreign-position"));
        assert!(answer.body["detail"].as_str().unwrap().contains("replaced"), "{answer:?}");
    }
}

#[tokio::test]
async fn what_is_no_position_is_named() {
    let server = server().await;
    let answer = server.get_with("/v1/tags", &[("inklog-position", "nonsense")]).await;
    assert_eq!(answer.problem(), (422, "invalid"));
    assert_eq!(answer.body["errors"][0]["parameter"], "Inklog-Position");
    let answer = server.get("/v1/tags?position=nonsense").await;
    assert_eq!(answer.body["errors"][0]["parameter"], "position");
}
