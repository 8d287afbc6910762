//! Dependencies point one way, between packages (what ARCHITECTURE.md says of the folders, held against their
//! manifests) and between the files of each; and files, functions and lines are as short as CONTRIBUTING.md says.

mod cycles;
mod migrations;
mod source;

use std::collections::BTreeSet;
use std::path::Path;

/// Each package of ours, and which others of ours it may depend on.
const ALLOWED: [(&str, &str, &[&str]); 13] = [
    ("crates/domain", "domain", &[]),
    ("crates/measures", "measures", &[]),
    ("crates/event-log", "event-log", &["domain", "measures"]),
    ("crates/sealing", "sealing", &["domain"]),
    ("crates/comment-text", "comment-text", &["domain"]),
    ("crates/service-kit", "service-kit", &["domain", "measures"]),
    ("crates/importer", "importer", &["domain"]),
    ("crates/media", "media", &["domain"]),
    (
        "command-services",
        "command-services",
        &["domain", "comment-text", "event-log", "measures", "media", "sealing", "service-kit", "importer"],
    ),
    ("projection-services", "projection-services", &["domain", "event-log", "measures", "sealing", "service-kit"]),
    ("query-api", "query-api", &["domain", "comment-text", "measures", "media", "service-kit"]),
    ("gateway", "gateway", &["measures", "service-kit"]),
    // It shares no code with what it judges.
    ("crates/checker", "checker", &[]),
];

/// Packages that would give a tier what it must not have.
const FORBIDDEN: [(&str, &[&str]); 3] = [
    ("crates/domain", &["tokio", "actix-web", "sqlx", "rdkafka", "redis", "reqwest", "rand", "time", "apache-avro"]),
    ("query-api", &["rdkafka", "apache-avro"]),
    ("gateway", &["domain", "rdkafka", "apache-avro", "sqlx"]),
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

/// What a rejection says is for people, and which request they send next the edge adds.
#[test]
fn the_domain_knows_no_addresses_of_requests() {
    for source in source::all().iter().filter(|source| source.path.starts_with("crates/domain/") && !source.is_test) {
        let lines = source.text.lines().filter(|line| !line.trim_start().starts_with("//"));
        let bad: Vec<&str> = lines.filter(|line| ["/v1/", "HTTP"].iter().any(|what| line.contains(what))).collect();
        assert!(bad.is_empty(), "{}: {bad:#?}", source.path);
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

/// The most lines of a file that is not for tests.
const FILE_LINES: usize = 350;
/// The most lines of a file with a decider: what an aggregate does is on one page.
const DECIDER_LINES: usize = 200;
/// The most lines of nineteen functions out of twenty.
const FUNCTION_LINES: usize = 40;
/// The most characters of a line.
const COLUMNS: usize = 120;

/// Fails with every violation, a line each.
fn none(rule: &str, violations: Vec<String>) {
    assert!(violations.is_empty(), "{} times not so: {rule}\n{}", violations.len(), violations.join("\n"));
}

#[test]
fn files_of_a_crate_depend_on_each_other_one_way() {
    let cycles = source::packages().iter().flat_map(|package| cycles::of(package, source::all())).collect();
    none("the files of a crate depend on each other one way", cycles);
}

#[test]
fn files_are_short_and_those_of_deciders_shorter() {
    let too_long = source::all().iter().filter(|source| !source.is_test).filter_map(|source| {
        let is_decider = source.code.contains("impl Decider for ");
        let (lines, most) = (source.text.lines().count(), if is_decider { DECIDER_LINES } else { FILE_LINES });
        (lines > most).then(|| format!("{}: {lines} lines of {most}", source.path))
    });
    none("files are short", too_long.collect());
}

#[test]
fn nineteen_functions_of_twenty_are_short() {
    let told = |source: &source::Source| -> Vec<(usize, String)> {
        let functions = source.functions().into_iter();
        functions.map(|(line, name, lines)| (lines, format!("{}:{line} {name}: {lines} lines", source.path))).collect()
    };
    let sources = source::all().iter().filter(|source| !source.is_test);
    let mut functions: Vec<(usize, String)> = sources.flat_map(told).collect();
    functions.sort_unstable();
    let longest = functions.split_off(functions.len() * 19 / 20);
    let is_short = longest.first().is_some_and(|(lines, _)| *lines <= FUNCTION_LINES);
    let too_long = longest.into_iter().filter(|(lines, _)| !is_short && *lines > FUNCTION_LINES).map(|(_, told)| told);
    none("nineteen functions out of twenty are short", too_long.collect());
}

#[test]
fn lines_are_short() {
    let too_long = |source: &source::Source| -> Vec<String> {
        let lines = source.text.lines().enumerate().filter(|(_, line)| line.chars().count() > COLUMNS);
        lines.map(|(at, line)| format!("{}:{}: {} columns", source.path, at + 1, line.chars().count())).collect()
    };
    none("lines are short", source::all().iter().flat_map(too_long).collect());
}
