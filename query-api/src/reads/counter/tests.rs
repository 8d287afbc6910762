use actix_web::test::TestRequest;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use time::macros::date;
use uuid::Uuid;

use super::{Counter, Keys, Visitor, WAITING};

fn reader() -> TestRequest {
    let agent = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";
    TestRequest::get().insert_header(("User-Agent", agent))
}

/// One that never asks for a key.
fn counter() -> Counter {
    let client = redis::Client::open("redis://127.0.0.1:1").unwrap();
    let connection = ConnectionManager::new_lazy_with_config(client, ConnectionManagerConfig::new()).unwrap();
    Counter::new(Keys::new(connection, "test"))
}

#[tokio::test]
async fn a_reader_waits_once_a_day_and_post() {
    let (counter, request) = (counter(), reader().to_http_request());
    let (today, tomorrow) = (date!(2026 - 11 - 30), date!(2026 - 12 - 01));
    for (day, post, waiting) in [(today, 1, 1), (today, 1, 1), (today, 2, 2), (tomorrow, 1, 3)] {
        counter.read_on(day, &request, Uuid::from_u128(post));
        assert_eq!(counter.waiting().len(), waiting);
    }
}

#[tokio::test]
async fn there_is_no_room_for_more_than_so_many() {
    let (counter, day) = (counter(), date!(2026 - 11 - 30));
    let add = |number: usize| counter.add((day, Visitor((number as u128).to_be_bytes())), Uuid::nil());
    assert!((0..WAITING).all(add));
    assert!(!add(WAITING));
    assert!(add(0), "it waits already");
}
