mod name_server;

use std::time::Instant;

use super::*;
use name_server::{NameServer, Says};

#[test]
fn entries_are_read_and_others_refused() {
    for good in ["http://127.0.0.1:8081", "http://a:1, http://[::1]:2/", "dns:commands:8080", "srv:_http._tcp.commands"]
    {
        assert!(good.parse::<Replicas>().is_ok(), "{good}");
    }
    for bad in [
        "",
        "http://",
        "https://a:1",
        "http://a:1/v1",
        "http://u:p@a:1",
        "dns:a",
        "srv:",
        "srv:a:1",
        "a:1",
        "http://a:1,",
    ] {
        assert!(bad.parse::<Replicas>().is_err(), "{bad}");
    }
}

#[tokio::test]
async fn those_that_are_named_need_no_look_up() {
    let mut lookup = Lookup::new("http://b:2,http://a:1,http://a:1".parse().unwrap()).unwrap();
    assert!(!lookup.may_change());
    let found = lookup.look().await;
    assert_eq!(found.iter().map(Authority::as_str).collect::<Vec<_>>(), ["a:1", "b:2"]);
}

#[tokio::test]
async fn a_name_leads_to_its_addresses() {
    let mut lookup = Lookup::new("dns:localhost:8081".parse().unwrap()).unwrap();
    assert!(lookup.may_change());
    let found = lookup.look().await;
    assert!(found.iter().any(|found| found == "127.0.0.1:8081"), "{found:?}");
    let mut gone = Lookup::new("dns:no-such-host.invalid:8081".parse().unwrap()).unwrap();
    assert_eq!(gone.look().await, Vec::<Authority>::new());
}

#[test]
fn what_cannot_be_asked_is_passed_over_and_nothing_at_all_is_no_answer() {
    let some = |all: &[&str]| some(all.iter().map(ToString::to_string));
    assert_eq!(some(&["a:1", "b c:2", ":3"]).unwrap(), ["a:1"]);
    assert!(some(&[]).is_err() && some(&[":0"]).is_err(), "what was known before stays");
}

const BOTH: Says = Says::Services(&[("one.inklog.test.", 8081), ("two.inklog.test.", 8082)]);

/// What asks this name server for services, and what it finds.
async fn services_by(server: &NameServer) -> (Lookup, Vec<String>) {
    let Replicas(sources) = "srv:_http._tcp.inklog.test".parse().unwrap();
    let mut lookup = Lookup::by(Some(tuned(server.asked()).unwrap()), sources);
    let found = again(&mut lookup).await;
    (lookup, found)
}

async fn again(lookup: &mut Lookup) -> Vec<String> {
    lookup.look().await.iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn services_are_found_with_their_ports_and_others_later_however_long_they_may_be_remembered() {
    let server = NameServer::start(BOTH).await;
    let (mut lookup, found) = services_by(&server).await;
    assert!(lookup.may_change());
    assert_eq!(found, ["one.inklog.test:8081", "two.inklog.test:8082"]);
    server.now_says(Says::Services(&[("two.inklog.test.", 8082), ("three.inklog.test.", 8083)]));
    tokio::time::sleep(REMEMBERED + Duration::from_millis(100)).await;
    assert_eq!(again(&mut lookup).await, ["three.inklog.test:8083", "two.inklog.test:8082"]);
}

#[tokio::test]
async fn a_name_server_that_is_away_or_knows_nothing_takes_no_service_away() {
    let server = NameServer::start(BOTH).await;
    let (mut lookup, found) = services_by(&server).await;
    for says in [Says::NoSuchName, Says::Failure, Says::Garbage, Says::Nothing, Says::Services(&[])] {
        tokio::time::sleep(REMEMBERED + Duration::from_millis(100)).await;
        server.now_says(says.clone());
        let began = Instant::now();
        assert_eq!(again(&mut lookup).await, found, "{says:?}");
        assert!(began.elapsed() < DEADLINE + Duration::from_secs(1), "{says:?}: {:?}", began.elapsed());
    }
    tokio::time::sleep(REMEMBERED + Duration::from_millis(100)).await;
    server.now_says(Says::Services(&[("one.inklog.test.", 8081)]));
    assert_eq!(again(&mut lookup).await, ["one.inklog.test:8081"]);
}

#[tokio::test]
async fn a_service_without_any_replica_is_found_once_it_has_one() {
    let server = NameServer::start(Says::NoSuchName).await;
    let (mut lookup, found) = services_by(&server).await;
    assert_eq!(found, Vec::<String>::new());
    server.now_says(BOTH);
    tokio::time::sleep(REMEMBERED + Duration::from_millis(100)).await;
    assert_eq!(again(&mut lookup).await.len(), 2);
}
