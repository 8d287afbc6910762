//! Who may ask what: `access.md` is the table, made from the routes; every route is asked as every role through it.

use std::path::Path;

use actix_web::dev::ResourceDef;
use domain::Role;
use reqwest::Method;
use serde_json::json;
use service_kit::routes;
use uuid::Uuid;

use crate::support::{Server, person};

const GOLDEN: &str = "access.md";

const ABOUT: &str = "# Who may ask what

Which callers each route of `command-services` answers. This file is made from the routes:
`UPDATE_GOLDEN=1 cargo test -p command-services --test it access` writes it, and a test asks every route as every role.

";

fn golden() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(GOLDEN)).unwrap_or_default()
}

#[test]
fn the_table_is_the_golden_file() {
    let table = format!("{ABOUT}{}", routes::table(&command_services::routes()));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join(GOLDEN), &table).unwrap();
    }
    assert!(golden() == table, "who may ask what changed: if on purpose, run with UPDATE_GOLDEN=1");
}

#[test]
fn a_route_is_listed_once() {
    let mut routes: Vec<String> =
        command_services::routes().iter().map(|route| format!("{} {}", route.method, route.path)).collect();
    routes.sort();
    let listed = routes.len();
    routes.dedup();
    assert_eq!(routes.len(), listed);
}

#[test]
fn no_path_hides_another() {
    let routes = command_services::routes();
    for route in &routes {
        let asked = route.path.replace("{id}", &Uuid::new_v4().to_string()).replace("{role}", "reader");
        let first = routes.iter().find(|route| ResourceDef::new(route.path).is_match(&asked));
        assert_eq!(first.unwrap().path, route.path, "paths are tried in the order of their routes");
    }
}

/// Asks a route with a body that says nothing: a caller who may ask gets further than one who may not.
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

/// The rows of the table: method, pattern, and of each caller whether they are answered; the quota is not asked here.
fn rows(table: &str) -> Vec<(String, String, Vec<bool>)> {
    let rows = table.lines().filter_map(|line| line.strip_prefix("| `")?.strip_suffix(" |")?.split_once("` | "));
    rows.map(|(route, cells)| {
        let (method, pattern) = route.split_once(' ').unwrap();
        (method.to_owned(), pattern.to_owned(), cells.split(" | ").skip(1).map(|cell| cell == "yes").collect())
    })
    .collect()
}

#[tokio::test]
async fn every_route_answers_whom_the_table_says_and_no_other_caller() {
    let rows = rows(&golden());
    assert_eq!(rows.len(), command_services::routes().len());
    for (method, pattern, admitted) in rows {
        let callers: Vec<Option<Role>> = [None].into_iter().chain(Role::ALL.map(Some)).collect();
        assert_eq!(admitted.len(), callers.len(), "{method} {pattern}");
        for (role, admitted) in callers.into_iter().zip(admitted) {
            let (status, kind) = ask(&method, &pattern, role).await;
            let seen = (status, kind.as_str());
            let refusals = [(401, "unauthorized"), (403, "forbidden")];
            if admitted {
                let answered = !refusals.contains(&seen) && ![405, 500].contains(&status);
                assert!(answered, "{method} {pattern} as {role:?}: {seen:?}");
            } else {
                let refusal = if role.is_none() { refusals[0] } else { refusals[1] };
                assert_eq!(seen, refusal, "{method} {pattern} as {role:?}");
            }
        }
    }
}
