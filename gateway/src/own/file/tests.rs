use http::Request;
use http_body_util::BodyExt as _;

use super::{File, Parts};

fn asked(headers: &[(&str, &str)]) -> Parts {
    let request = headers.iter().fold(Request::get("/file"), |request, (name, value)| request.header(*name, *value));
    request.body(()).unwrap().into_parts().0
}

async fn answered(file: &File, headers: &[(&str, &str)]) -> (u16, String, String, String) {
    let (parts, body) = file.answer(&asked(headers)).into_parts();
    let header = |name: &str| parts.headers.get(name).map_or("", |value| value.to_str().unwrap()).to_owned();
    let body = body.collect().await.unwrap().to_bytes();
    (parts.status.as_u16(), header("etag"), header("content-encoding"), String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn who_takes_gzip_gets_it_under_another_tag() {
    let file = File::compressed("text/plain", b"plain", b"small");
    let (status, plain_tag, encoding, body) = answered(&file, &[]).await;
    assert_eq!((status, encoding.as_str(), body.as_str()), (200, "", "plain"));
    for accepted in ["gzip", "br, GZIP;q=0.5"] {
        let (_, tag, encoding, body) = answered(&file, &[("accept-encoding", accepted)]).await;
        assert_eq!((encoding.as_str(), body.as_str()), ("gzip", "small"), "{accepted}");
        assert_ne!(tag, plain_tag);
    }
    for refused in ["br", "gzip;q=0", "gzip; q=0.0", "gzipped"] {
        let (_, tag, encoding, _) = answered(&file, &[("accept-encoding", refused)]).await;
        assert_eq!((tag, encoding.as_str()), (plain_tag.clone(), ""), "{refused}");
    }
}

#[tokio::test]
async fn what_is_in_a_cache_is_not_sent_again() {
    let file = File::new("text/plain", b"plain");
    let (_, tag, _, _) = answered(&file, &[]).await;
    for known in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".into()] {
        let (status, same, _, body) = answered(&file, &[("if-none-match", &known)]).await;
        assert_eq!((status, same, body.as_str()), (304, tag.clone(), ""), "{known}");
    }
    let (status, _, _, _) = answered(&file, &[("if-none-match", "\"other\"")]).await;
    assert_eq!(status, 200);
}
