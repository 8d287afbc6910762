use reqwest::Method;

use crate::support::{Answer, Post, Server};

const GZIP: (&str, &str) = ("accept-encoding", "br, gzip;q=0.8");

async fn server_with_a_long_post() -> Server {
    let server = Server::start().await;
    Post { body: "A *word* like any other. ".repeat(200), ..Post::called("long") }.write(server.pool()).await;
    Post { body: "Short.".into(), ..Post::called("short") }.write(server.pool()).await;
    server
}

fn varies_by_encoding(answer: &Answer) -> bool {
    answer.headers.get_all("vary").iter().any(|value| value.to_str().unwrap().eq_ignore_ascii_case("accept-encoding"))
}

#[tokio::test]
async fn an_answer_is_compressed_for_who_accepts_it() {
    let server = server_with_a_long_post().await;
    let plain = server.get("/v1/posts/long").await;
    let compressed = server.get_with("/v1/posts/long", &[GZIP]).await;
    assert_eq!((plain.header("content-encoding"), compressed.header("content-encoding")), ("", "gzip"));
    assert_eq!(compressed.body, plain.body);
    assert!(compressed.bytes * 5 < plain.bytes, "{} of {}", compressed.bytes, plain.bytes);
    assert!(varies_by_encoding(&plain) && varies_by_encoding(&compressed));
    for refused in ["gzip;q=0", "identity", "br", "*;q=0", "no such thing\u{e9}"] {
        let answer = server.get_with("/v1/posts/long", &[("accept-encoding", refused)]).await;
        assert_eq!((answer.status, answer.header("content-encoding")), (200, ""), "{refused}");
    }
    let short = server.get_with("/v1/posts/short", &[GZIP]).await;
    assert_eq!((short.status, short.header("content-encoding")), (200, ""));
    assert!(varies_by_encoding(&short));
    let missing = server.get_with("/v1/posts/none", &[GZIP]).await;
    assert_eq!(missing.problem(), (404, "not-found"));
    assert_eq!(server.get_with("/readyz", &[GZIP]).await.header("content-encoding"), "");
}

#[tokio::test]
async fn a_compressed_answer_has_a_tag_of_its_own() {
    let server = server_with_a_long_post().await;
    let plain = server.get("/v1/posts/long").await.header("etag").to_owned();
    let compressed = server.get_with("/v1/posts/long", &[GZIP]).await.header("etag").to_owned();
    assert_eq!(compressed, format!("{}-gzip\"", plain.strip_suffix('"').unwrap()));
    let head = server.ask(Method::HEAD, "/v1/posts/long", &[GZIP]).await;
    assert_eq!((head.status, head.header("etag"), head.bytes), (200, &*compressed, 0));

    let both = format!("\"other\", {compressed}");
    for (known, told) in [(&compressed, &compressed), (&both, &compressed), (&plain, &plain)] {
        let answer = server.get_with("/v1/posts/long", &[GZIP, ("if-none-match", known)]).await;
        assert_eq!((answer.status, answer.header("etag")), (304, &**told), "{known}");
        assert_eq!(answer.header("content-encoding"), "");
        assert!(varies_by_encoding(&answer));
    }
    // What two readers know is asked for by a cache on the way: it is told which of them is right.
    for (known, told) in [(format!("\"old-gzip\", {plain}"), &plain), (format!("\"old\", {compressed}"), &compressed)] {
        let answer = server.get_with("/v1/posts/long", &[GZIP, ("if-none-match", &known)]).await;
        assert_eq!((answer.status, answer.header("etag")), (304, &**told), "{known}");
    }
    for demanded in [&compressed, &plain] {
        assert_eq!(server.get_with("/v1/posts/long", &[GZIP, ("if-match", demanded)]).await.status, 200, "{demanded}");
    }
    assert_eq!(server.get_with("/v1/posts/long", &[GZIP, ("if-match", "\"old-gzip\"")]).await.status, 412);
    // Who cannot read it has no use for a compressed answer in a cache on the way.
    assert_eq!(server.get_with("/v1/posts/long", &[("if-none-match", &compressed)]).await.status, 200);
    assert_eq!(server.get_with("/v1/posts/long", &[("if-none-match", &plain)]).await.status, 304);
}
