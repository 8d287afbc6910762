use http_body_util::BodyExt as _;
use serde_json::Value;

use super::{HeaderValue, StatusCode, likes_pages, problem};

fn likes(accept: &'static str) -> bool {
    likes_pages(Some(&HeaderValue::from_static(accept)))
}

#[test]
fn browsers_like_pages_and_programs_do_not() {
    assert!(likes("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"));
    assert!(likes("TEXT/HTML; charset=utf-8 ;q=0.5"));
    assert!(likes("application/json;q=0.8, text/html"));
    for program in ["*/*", "application/json", "application/json, text/html;q=0.9", "text/*", "", "text/html;q=0", "q"]
    {
        assert!(!likes(program), "{program}");
    }
    assert!(!likes_pages(None));
    assert!(!likes_pages(Some(&HeaderValue::from_bytes(b"text/html\xff").unwrap())));
}

async fn answered(accept: &'static str, detail: &str) -> (u16, String, String) {
    let accept = HeaderValue::from_static(accept);
    let response = problem(Some(&accept), StatusCode::SERVICE_UNAVAILABLE, "unavailable", detail);
    let (parts, body) = response.into_parts();
    assert_eq!(parts.headers["vary"], "Accept");
    assert_eq!(parts.headers["cache-control"], "no-store");
    let media_type = parts.headers["content-type"].to_str().unwrap().to_owned();
    let body = body.collect().await.unwrap().to_bytes();
    (parts.status.as_u16(), media_type, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn a_program_reads_problem_details() {
    let (status, media_type, body) = answered("*/*", "nobody is there").await;
    assert_eq!((status, media_type.as_str()), (503, "application/problem+json"));
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((&body["type"], &body["detail"]), (&"urn:inklog:problem:unavailable".into(), &"nobody is there".into()));
}

#[tokio::test]
async fn a_person_reads_a_page_and_what_it_says_is_text() {
    let (status, media_type, body) = answered("text/html", "<b>nobody</b>").await;
    assert_eq!((status, media_type.as_str()), (503, "text/html; charset=utf-8"));
    assert!(body.contains("&lt;b&gt;nobody") && body.contains("load the page again") && !body.contains("<script"));
}
