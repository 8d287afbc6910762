use http::Request;
use http_body_util::BodyExt as _;

use super::{CONTENT_LENGTH, Parts, file_at, not_allowed, without_body};
use crate::answer::Response;

fn asked(method: &str, path: &str) -> Parts {
    Request::builder().method(method).uri(path).body(()).unwrap().into_parts().0
}

async fn text(response: Response) -> String {
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[tokio::test]
async fn the_viewer_is_made_of_files_that_are_here() {
    let page = file_at("/docs").unwrap().answer(&asked("GET", "/docs"));
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains("script-src 'self'") && !policy.contains("unsafe"), "{policy}");
    let page = text(page).await;
    assert!(!page.contains("://"), "nothing comes from elsewhere: {page}");
    let named = page.split(['"']).filter(|part| part.starts_with('/'));
    let missing: Vec<&str> = named.filter(|path| file_at(path).is_none()).collect();
    assert!(missing.is_empty(), "{missing:?}");
    let viewer = text(file_at("/docs/swagger-ui-bundle.js").unwrap().answer(&asked("GET", "/"))).await;
    assert!(viewer.contains("SwaggerUIBundle") && viewer.len() > 500_000, "{}", viewer.len());
}

#[test]
fn what_is_not_the_gateways_own_is_left_to_others() {
    for path in ["/v1/posts", "/docsy", "/docs/../v1", "/docs/nothing", "/favicon", "/openapi.json/"] {
        assert!(file_at(path).is_none(), "{path}");
    }
}

#[tokio::test]
async fn head_says_how_much_get_would_send() {
    let whole = file_at("/robots.txt").unwrap().answer(&asked("GET", "/robots.txt"));
    let length = text(whole).await.len();
    let head = without_body(file_at("/robots.txt").unwrap().answer(&asked("HEAD", "/robots.txt")));
    assert_eq!(head.headers()[CONTENT_LENGTH], length.to_string());
    assert_eq!(text(head).await, "");
}

#[tokio::test]
async fn other_methods_are_told_which_are_answered() {
    let refused = not_allowed(&asked("DELETE", "/docs"));
    assert_eq!((refused.status().as_u16(), &refused.headers()["allow"]), (405, &"GET, HEAD".parse().unwrap()));
    assert!(text(refused).await.contains("urn:inklog:problem:method-not-allowed"));
}
