use http::{HeaderMap, StatusCode};
use service_kit::problem::Kind;

use super::{Code, DETAILS, MESSAGE, STATUS, Status, code};

fn shown(status: &Status) -> HeaderMap {
    let mut headers = HeaderMap::new();
    status.show(&mut headers);
    headers
}

#[test]
fn every_kind_of_problem_has_a_code_that_says_what_to_do() {
    for kind in Kind::ALL {
        let status = StatusCode::from_u16(kind.status.as_u16()).unwrap();
        let code = code(status, kind.name);
        let again = matches!(code, Code::Unavailable);
        assert_eq!(again, kind.status.as_u16() == 503, "{}: only what was not done is tried again", kind.name);
        assert_ne!(code, Code::Ok, "{}", kind.name);
    }
    let of = |name: &str| {
        let kind = Kind::ALL.iter().find(|kind| kind.name == name).unwrap();
        code(StatusCode::from_u16(kind.status.as_u16()).unwrap(), name)
    };
    assert_eq!(of("slug-taken"), Code::AlreadyExists);
    assert_eq!(of("version-conflict"), Code::FailedPrecondition);
    assert_eq!(of("claimed"), Code::Aborted);
    assert_eq!(of("gone"), Code::NotFound);
    assert_eq!(of("quota-exceeded"), Code::ResourceExhausted);
    assert_eq!(of("outcome-unknown"), Code::DeadlineExceeded);
}

#[test]
fn all_is_well_is_said_in_one_header() {
    let headers = shown(&Status::ok());
    assert_eq!((headers.len(), &headers[STATUS]), (1, &"0".parse().unwrap()));
}

#[test]
fn what_is_no_problem_is_a_status_all_the_same() {
    let headers = shown(&Status::of(StatusCode::BAD_GATEWAY, &HeaderMap::new(), b"<html>"));
    assert_eq!((&headers[STATUS], &headers[MESSAGE]), (&"2".parse().unwrap(), &"502 Bad Gateway".parse().unwrap()));
}

#[test]
fn however_much_is_wrong_the_details_fit_into_what_clients_take() {
    let error = |at: usize| serde_json::json!({"pointer": format!("/tags/{at}"), "detail": "ü".repeat(2_000)});
    let errors: Vec<serde_json::Value> = (0..200).map(error).collect();
    let problem =
        serde_json::json!({"type": "urn:inklog:problem:invalid", "detail": "ü".repeat(9_000), "errors": errors});
    let status = Status::of(StatusCode::UNPROCESSABLE_ENTITY, &HeaderMap::new(), problem.to_string().as_bytes());
    let headers = shown(&status);
    assert!(headers[DETAILS].len() < 7_000 && headers[MESSAGE].len() < 4_000, "{}", headers[DETAILS].len());
}
