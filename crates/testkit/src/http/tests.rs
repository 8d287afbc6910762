use super::*;

const WHOLE: &[u8] = b"HTTP/1.1 201 Created\r\nContent-Length: 4\r\netag: \"7\"\r\n\r\nbody";

#[test]
fn an_answer_is_whole_when_its_body_is() {
    for short in 0..WHOLE.len() {
        assert!(parse(&WHOLE[..short]).unwrap().is_none(), "{short}");
    }
    let response = parse(WHOLE).unwrap().unwrap();
    assert_eq!((response.status, response.header("ETag"), &response.body[..]), (201, Some("\"7\""), &b"body"[..]));
    assert!(response.is_success());
}

#[test]
fn what_is_no_answer_is_an_error() {
    assert!(parse(b"nonsense\r\n\r\n").is_err());
    assert!(parse(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").is_err());
}

#[test]
fn a_request_says_how_long_its_body_is() {
    let request = Request { method: "PATCH", path: "/v1/posts/1", headers: &[("if-match", "*")], body: "{}" };
    let text = String::from_utf8(request.bytes(([127, 0, 0, 1], 80).into())).unwrap();
    assert!(text.starts_with("PATCH /v1/posts/1 HTTP/1.1\r\nhost: 127.0.0.1:80\r\nif-match: *\r\n"), "{text}");
    assert!(text.ends_with("content-length: 2\r\n\r\n{}"), "{text}");
}
