//! Dependencies point one way: what ARCHITECTURE.md says of the folders, held against their manifests.

use std::collections::BTreeSet;
use std::path::Path;

/// Each package of ours, and which others of ours it may depend on.
const ALLOWED: [(&str, &str, &[&str]); 9] = [
    ("crates/domain", "domain", &[]),
    ("crates/event-log", "event-log", &["domain"]),
    ("crates/sealing", "sealing", &["domain"]),
    ("crates/service-kit", "service-kit", &["domain"]),
    ("crates/importer", "importer", &["domain"]),
    ("command-services", "command-services", &["domain", "event-log", "sealing", "service-kit", "importer"]),
    ("projection-services", "projection-services", &["domain", "event-log", "sealing", "service-kit"]),
    ("query-api", "query-api", &["domain", "service-kit"]),
    // It shares no code with what it judges.
    ("crates/checker", "checker", &[]),
];

/// Packages that would give a tier what it must not have.
const FORBIDDEN: [(&str, &[&str]); 2] = [
    ("crates/domain", &["tokio", "actix-web", "sqlx", "rdkafka", "redis", "reqwest", "rand", "time", "apache-avro"]),
    ("query-api", &["rdkafka", "apache-avro"]),
];

/// What a package depends on, its tests left aside.
fn dependencies(folder: &str) -> BTreeSet<String> {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder).join("Cargo.toml");
    let text = std::fs::read_to_string(&manifest).unwrap();
    let section = text.split("[dependencies]").nth(1).unwrap().split("\n[").next().unwrap();
    let name = |line: &str| line.split(['.', '=', ' ']).next().unwrap_or_default().to_owned();
    section.lines().map(name).filter(|name| !name.is_empty() && !name.starts_with('#')).collect()
}

#[test]
fn tiers_depend_on_crates_and_never_on_each_other() {
    let ours: BTreeSet<&str> = ALLOWED.iter().map(|(_, name, _)| *name).collect();
    for (folder, _, allowed) in ALLOWED {
        let found = dependencies(folder);
        let bad: Vec<&String> =
            found.iter().filter(|name| ours.contains(name.as_str()) && !allowed.contains(&name.as_str())).collect();
        assert!(bad.is_empty(), "{folder} must not depend on {bad:?}");
    }
}

#[test]
fn the_domain_is_pure_and_the_query_api_knows_no_kafka() {
    for (folder, forbidden) in FORBIDDEN {
        let found = dependencies(folder);
        let bad: Vec<&String> = found.iter().filter(|name| forbidden.contains(&name.as_str())).collect();
        assert!(bad.is_empty(), "{folder} must not depend on {bad:?}");
    }
}
