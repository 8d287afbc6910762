use http::{HeaderMap, StatusCode};
use prost_reflect::prost::Message as _;
use service_kit::problem::Kind;

use super::{Code, DETAILS, ErrorInfo, LONGEST_TEXT, MESSAGE, MOST_BYTES, MOST_METADATA, STATUS, Status, code};

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

#[test]
fn members_of_a_problem_are_told_as_far_as_there_is_room() {
    let mut problem = serde_json::json!({
        "type": "urn:inklog:problem:invalid", "title": "It is wrong", "detail": "It is.", "version": 7,
        "long": "a".repeat(LONGEST_TEXT + 1),
    });
    for at in 0..200 {
        problem[format!("member_{at}")] = "a".repeat(200).into();
    }
    let status = Status::of(StatusCode::UNPROCESSABLE_ENTITY, &HeaderMap::new(), problem.to_string().as_bytes());
    let info = ErrorInfo::decode(&status.details[0].value[..]).unwrap();
    let size: usize = info.metadata.iter().map(|(name, text)| name.len() + text.len()).sum();
    assert!(size <= MOST_METADATA && info.metadata.len() > 8, "{size}");
    assert_eq!((info.metadata["status"].as_str(), info.metadata["title"].as_str()), ("422", "It is wrong"));
    assert!(!info.metadata.contains_key("long"));
    let headers = shown(&status);
    assert!(headers[DETAILS].len() <= MOST_BYTES, "{}", headers[DETAILS].len());
}
