use super::*;

#[test]
fn pauses_double_up_to_a_limit_and_are_not_shorter_than_asked_for() {
    let mut backoff = Backoff::new(Uuid::from_u128(7));
    let pauses: Vec<_> = (0..8).map(|_| backoff.next(None).as_millis()).collect();
    assert!((25..=50).contains(&pauses[0]), "{pauses:?}");
    assert!(pauses[7] <= 2_000 && pauses[7] >= 1_000, "{pauses:?}");
    assert!(backoff.next(Some(Duration::from_secs(3))) >= Duration::from_secs(3));
}

#[test]
fn a_key_is_of_one_request_of_one_run() {
    let client = || Client::new("http://localhost:1", "t", 1, Duration::ZERO).unwrap();
    let command = |version: Option<i64>| Command {
        method: Method::PUT,
        path: "/a".into(),
        if_match: version.map(IfMatch::Version),
        body: b"{}".to_vec(),
    };
    let (one, other) = (client(), client());
    assert_eq!(one.idempotency_key(&command(None)), one.idempotency_key(&command(None)));
    assert_ne!(one.idempotency_key(&command(None)), one.idempotency_key(&command(Some(1))));
    assert_ne!(one.idempotency_key(&command(None)), other.idempotency_key(&command(None)));
}

#[test]
fn a_problem_document_is_read_and_anything_else_gives_the_status() {
    let body = br#"{"type":"urn:inklog:problem:precondition-required","title":"T","detail":"D","version":4}"#;
    let problem = Problem::read(StatusCode::PRECONDITION_REQUIRED, body);
    assert_eq!(
        (problem.name.as_str(), problem.detail.as_str(), problem.version),
        ("precondition-required", "D", Some(4))
    );
    assert_eq!(Problem::read(StatusCode::FORBIDDEN, b"<html>").detail, "403 Forbidden");
}

#[test]
fn an_address_that_is_none_names_the_variable() {
    for bad in ["nowhere", "ftp://localhost", "unix:/tmp/x", "http://u:secret@localhost"] {
        let error = Client::new(bad, "t", 1, Duration::ZERO).err().expect(bad);
        assert!(error.to_string().contains("INKLOG_COMMANDS_URL") && !error.to_string().contains("secret"), "{error}");
    }
}
