use actix_web::test::TestRequest;
use time::macros::date;
use uuid::Uuid;

use super::{Counter, Visitor, WAITING};

fn reader() -> TestRequest {
    let agent = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";
    TestRequest::get().insert_header(("User-Agent", agent))
}

#[test]
fn a_reader_waits_once_a_day_and_post() {
    let (counter, request) = (Counter::default(), reader().to_http_request());
    let (today, tomorrow) = (date!(2026 - 11 - 30), date!(2026 - 12 - 01));
    for (day, post, waiting) in [(today, 1, 1), (today, 1, 1), (today, 2, 2), (tomorrow, 1, 3)] {
        counter.read_on(day, &request, Uuid::from_u128(post));
        assert_eq!(counter.waiting().len(), waiting);
    }
}

#[test]
fn there_is_no_room_for_more_than_so_many() {
    let counter = Counter::default();
    let visitor = |number: usize| Visitor((number as u128).to_be_bytes());
    assert!((0..WAITING).all(|number| counter.add((date!(2026 - 11 - 30), visitor(number)), Uuid::nil())));
    assert!(!counter.add((date!(2026 - 11 - 30), visitor(WAITING)), Uuid::nil()));
}
