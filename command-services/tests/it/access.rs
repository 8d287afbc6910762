//! Who may ask what: every route as every role.

use std::collections::BTreeSet;

use command_services::access::{Access, ROUTES};
use domain::Role;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Server, person};

/// Asks a route with a body that says nothing: whoever may ask gets further than who may not.
async fn ask(method: &str, pattern: &str, role: Option<Role>) -> (u16, String) {
    let path = pattern.replace("{id}", &Uuid::new_v4().to_string()).replace("{role}", "reader");
    let api = match role {
        None => Server::shared().await.api(),
        Some(role) => person(Uuid::new_v4(), &[role.name()]).await.api,
    };
    let method: Method = method.parse().unwrap();
    let answer = api.call(method, &path).json(&json!({})).send().await;
    let kind = answer.body["type"].as_str().unwrap_or_default().to_owned();
    (answer.status, kind.rsplit(':').next().unwrap().to_owned())
}

#[tokio::test]
async fn every_route_answers_whom_the_table_says_and_nobody_else() {
    for (method, pattern, access) in ROUTES {
        for role in [None].into_iter().chain(Role::ALL.map(Some)) {
            let (status, kind) = ask(method, pattern, role).await;
            let expected = match (access, role) {
                (Access::Anyone, _) | (Access::Account, Some(_)) => None,
                (Access::Account | Access::AtLeast(_), None) => Some((401, "unauthorized")),
                (Access::AtLeast(least), Some(role)) => (role < *least).then_some((403, "forbidden")),
            };
            let seen = (status, kind.as_str());
            match expected {
                Some(refusal) => assert_eq!(seen, refusal, "{method} {pattern} as {role:?}"),
                None => {
                    let refusals = [(401, "unauthorized"), (403, "forbidden")];
                    assert!(!refusals.contains(&seen) && status != 500, "{method} {pattern} as {role:?}: {seen:?}");
                }
            }
        }
    }
}

#[test]
fn every_route_is_in_the_table_and_documented() {
    let document: Value = serde_json::from_str(&command_services::openapi::document()).unwrap();
    let documented: BTreeSet<(String, String)> = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, item)| {
            item.as_object().unwrap().keys().map(|method| (method.to_uppercase(), path.clone())).collect::<Vec<_>>()
        })
        .collect();
    let listed: BTreeSet<(String, String)> =
        ROUTES.iter().map(|(method, path, _)| ((*method).to_owned(), (*path).to_owned())).collect();
    assert_eq!(documented, listed);
    assert_eq!(listed.len(), ROUTES.len(), "a route is listed once");
}
