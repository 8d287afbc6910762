//! Every address that has an author's name in it behaves alike, whether the name is in its path or in a parameter.

use serde_json::Value;
use uuid::Uuid;

use crate::support::{Author, Post, Server, routes_with};

const ADA: Uuid = Uuid::from_u128(1);

/// The addresses, by the interface's description, that have a name in them; with `ada` in its place.
fn addresses() -> Vec<String> {
    let in_paths = routes_with("user_name");
    let in_parameters = routes_with("author").into_iter().map(|path| format!("{path}?author=ada"));
    let addresses: Vec<String> = in_paths.into_iter().chain(in_parameters).collect();
    assert!(addresses.len() >= 4, "{addresses:?}");
    addresses
}

async fn server() -> Server {
    let server = Server::start().await;
    Author::write(server.pool(), ADA, "Countess", 2).await;
    let sql = "UPDATE content.authors SET former_user_names = '{ada.l,ada}'";
    sqlx::query(sql).execute(server.pool()).await.unwrap();
    Post { author: ADA, ..Post::called("own") }.write(server.pool()).await;
    server
}

fn with(address: &str, name: &str) -> String {
    address.replace("ada", name)
}

#[tokio::test]
async fn a_former_name_leads_to_the_same_address_with_the_present_one() {
    let server = server().await;
    for address in addresses() {
        for former in ["ada", "ADA", "Ada.L"] {
            let answer = server.get(&with(&address, former)).await;
            assert_eq!((answer.status, answer.header("location")), (301, &*with(&address, "Countess")), "{address}");
            assert_eq!(answer.header("cache-control"), "no-cache");
        }
        let present = server.get(&with(&address, "Countess")).await;
        let other_case = server.get(&with(&address, "countess")).await;
        assert_eq!((present.status, &present.body), (200, &other_case.body), "{address}");
    }
    let answer = server.get("/v1/posts?limit=3&author=ada&tag=kafka").await;
    assert_eq!((answer.status, answer.header("location")), (301, "/v1/posts?limit=3&tag=kafka&author=Countess"));
    // Until another bears it.
    Author::write(server.pool(), Uuid::from_u128(2), "Ada", 1).await;
    for address in addresses() {
        assert_eq!(server.get(&address).await.status, 200, "{address}");
    }
    assert_eq!(server.get("/v1/posts?author=ada").await.body["posts"], Value::Array(Vec::new()));
    server.close().await;
}

#[tokio::test]
async fn a_name_that_no_account_has_is_not_found_and_that_of_the_forgotten_is_gone() {
    let server = server().await;
    let forgotten = domain::views::deleted_user_name(Uuid::from_u128(9));
    for address in addresses() {
        for name in ["unknown", "%00", "a%20b", "%27%20or%201=1", &"x".repeat(300)] {
            let answer = server.get(&with(&address, name)).await;
            assert_eq!((answer.problem(), answer.header("cache-control")), ((404, "not-found"), "no-cache"), "{name}");
        }
        assert_eq!(server.get(&with(&address, &forgotten)).await.problem(), (410, "account-erased"), "{address}");
    }
}
