use actix_web::http::header::HeaderMap;
use actix_web::test::TestRequest;
use domain::Actor;

use super::*;

fn account(number: u128, role: Role, confirmed: bool) -> Verified {
    let actor = Actor { id: Uuid::from_u128(number), roles: [role].into() };
    Verified { actor, session: None, confirmed }
}

fn from(address: &str) -> HttpRequest {
    TestRequest::default().peer_addr(format!("{address}:80").parse().unwrap()).to_http_request()
}

/// How many requests are taken before the first that is not.
fn taken(quotas: &Quotas, quota: Quota, address: &str, caller: Option<&Verified>) -> usize {
    let request = from(address);
    (0..10_000).take_while(|_| quotas.count(quota, &request, caller).is_ok()).count()
}

#[test]
fn an_account_has_a_quota_of_its_own_by_its_standing() {
    let quotas = Quotas::new(1, []);
    let renames = |caller: &Verified| taken(&quotas, Quota::Renames, "192.0.2.1", Some(caller));
    assert_eq!(renames(&account(1, Role::Author, false)), 2);
    assert_eq!(renames(&account(2, Role::Author, false)), 2, "another account");
    assert_eq!(renames(&account(3, Role::Author, true)), 5);
    assert_eq!(renames(&account(4, Role::Editor, false)), 50);
    assert_eq!(renames(&account(5, Role::Admin, false)), 50);
    assert_eq!(renames(&account(3, Role::Author, true)), 0);
    let other_kind = taken(&quotas, Quota::Publications, "192.0.2.1", Some(&account(3, Role::Author, true)));
    assert_eq!(other_kind, 60);
}

#[test]
fn a_network_has_one_over_all_its_accounts_and_staff_is_not_in_it() {
    let quotas = Quotas::new(1, []);
    let all: usize = (0..60)
        .map(|number| taken(&quotas, Quota::Renames, "192.0.2.1", Some(&account(number, Role::Author, true))))
        .sum();
    assert_eq!(all, 50);
    assert_eq!(taken(&quotas, Quota::Renames, "192.0.2.2", Some(&account(100, Role::Author, true))), 5);
    assert_eq!(taken(&quotas, Quota::Renames, "192.0.2.1", Some(&account(101, Role::Editor, true))), 50);
    assert_eq!(taken(&quotas, Quota::Attempts, "192.0.2.1", None), 600);
    assert_eq!(taken(&quotas, Quota::Attempts, "192.0.2.1", None), 0);
}

#[test]
fn quotas_are_lifted_raised_and_do_not_count_who_is_exempt() {
    let ada = account(1, Role::Author, false);
    assert_eq!(taken(&Quotas::new(0, []), Quota::Renames, "192.0.2.1", Some(&ada)), 10_000);
    assert_eq!(taken(&Quotas::new(3, []), Quota::Renames, "192.0.2.1", Some(&ada)), 6);
    let quotas = Quotas::new(1, [ada.actor.id]);
    assert_eq!(taken(&quotas, Quota::Renames, "192.0.2.1", Some(&ada)), 10_000);
    assert_eq!(taken(&quotas, Quota::Renames, "192.0.2.1", Some(&account(2, Role::Author, false))), 2);
}

#[test]
fn a_caller_is_told_what_is_left_and_when_to_come_again() {
    let quotas = Quotas::new(1, []);
    let (request, ada) = (from("192.0.2.1"), account(1, Role::Author, false));
    let mut headers = HeaderMap::new();
    quotas.count(Quota::Renames, &request, Some(&ada)).unwrap().show(&mut headers);
    let said = |name: &str| headers.get(name).unwrap().to_str().unwrap();
    assert_eq!(said("ratelimit-policy"), "\"renames-per-account\";q=2;w=86400, \"renames-per-network\";q=50;w=86400");
    assert_eq!(said("ratelimit"), "\"renames-per-account\";r=1;t=43200, \"renames-per-network\";r=49;t=1728");
    let _ = quotas.count(Quota::Renames, &request, Some(&ada)).unwrap();
    let problem = quotas.count(Quota::Renames, &request, Some(&ada)).unwrap_err();
    assert_eq!(problem.details().status, 429);
    assert_eq!(problem.details().kind, "urn:inklog:problem:quota-exceeded");
    assert_eq!(problem.details().extensions["violated-policies"], serde_json::json!(["renames-per-account"]));
    let response = actix_web::ResponseError::error_response(&problem);
    let said = |name: &str| response.headers().get(name).unwrap().to_str().unwrap();
    let wait: u32 = said("retry-after").parse().unwrap();
    assert!((43_190..=43_200).contains(&wait), "{wait}");
    assert_eq!(said("ratelimit"), "\"renames-per-account\";r=0;t=86400");
}

#[test]
fn however_many_callers_come_no_more_are_remembered_than_there_is_room_for() {
    let mut quotas = Quotas::new(1, []);
    quotas.buckets = Cache::builder().max_capacity(100).build();
    for number in 0..2_000_u32 {
        let _ = quotas.count(Quota::Attempts, &from(&std::net::Ipv4Addr::from(number).to_string()), None);
    }
    quotas.buckets.run_pending_tasks();
    assert!(quotas.buckets.entry_count() <= 100);
}

#[test]
fn the_documents_have_the_quotas_as_they_are() {
    let document = include_str!("../../../../docs/security.md");
    assert!(document.contains(&Quota::table()), "docs/security.md should have:\n{}", Quota::table());
}
