use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use super::*;

fn all() -> impl Iterator<Item = &'static About> {
    LAYERS.iter().flat_map(|layer| layer.all).map(|declared| declared.about())
}

const INTRODUCTION: &str = "\
# Metrics

What each process answers at `/metrics` (`INKLOG_METRICS_LISTEN`), in Prometheus' format. Made from `crates/measures`,
where every metric is told: `UPDATE_GOLDEN=1 cargo test -p measures`. `make helm ARGS=native` scrapes a running system,
and finds no other. Each metric also has the label `service`, the program's name. The number of series does not grow
with use: no label has ids, names of people or anything that a stranger can invent.

What they are watched for is in [operations.md](operations.md#6-watching).
";

fn document() -> String {
    let mut text = String::from(INTRODUCTION);
    for layer in LAYERS {
        let _ = write!(text, "\n## {}\n\nOf {}.\n\n", layer.title, layer.programs.join(", "));
        text += "| metric | type | unit | labels | what it says |\n| --- | --- | --- | --- | --- |\n";
        for about in layer.all.iter().map(|declared| declared.about()) {
            let labels = about.labels.iter();
            let labels: Vec<_> =
                labels.map(|label| format!("`{}`: {}", label.name, label.values.replace('|', ", "))).collect();
            let (name, kind, unit, help) = (about.name, about.kind.name(), about.unit, about.help);
            let _ = writeln!(text, "| `{name}` | {kind} | {unit} | {} | {help} |", labels.join("; "));
        }
    }
    text
}

#[test]
fn the_document_is_made_from_the_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/metrics.md");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, document()).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap();
    assert!(written == document(), "docs/metrics.md is another: UPDATE_GOLDEN=1 cargo test -p measures");
}

#[test]
fn each_metric_has_a_name_of_its_own() {
    let names: BTreeSet<_> = all().map(|about| about.name).collect();
    assert_eq!(names.len(), all().count());
}

#[test]
fn names_are_as_prometheus_has_them() {
    for about in all() {
        let name = about.name;
        let is_plain = name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        let is_ours = ["inklog_", "http_", "process_"].iter().any(|prefix| name.starts_with(prefix));
        assert!(is_plain && is_ours, "{name}");
        assert_eq!(name.ends_with("_total"), about.kind == Kind::Counter, "{name}: a counter, and nothing else");
        for unit in ["seconds", "bytes"] {
            let named = name.trim_end_matches("_total").ends_with(&format!("_{unit}"));
            assert_eq!(named, about.unit == unit, "{name}: the unit is in the name");
        }
        assert!(about.help.ends_with('.') && !about.unit.is_empty(), "{name} says what it means");
    }
}

#[test]
fn buckets_go_up() {
    for (name, buckets) in buckets() {
        assert!(buckets.is_sorted() && buckets.first() > Some(&0.0), "{name}");
    }
}

#[test]
fn values_that_are_told_in_words_are_not_taken_for_values() {
    let known = |values| Label { name: "a", values }.known();
    assert_eq!(known("sent|failed"), Some(vec!["sent", "failed"]));
    assert_eq!(known("a context, or topics"), None);
    assert_eq!(known("a context"), None);
}

#[test]
fn a_counter_whose_labels_are_known_has_each_of_them_from_the_start() {
    assert_eq!(identity::MAIL.known_values(), [["sent"], ["failed"]]);
    assert_eq!(identity::THROTTLED.known_values(), [[""; 0]]);
    assert!(log::ALARMS.known_values().is_empty(), "which contexts there are is not known here");
    assert!(http::CACHE.known_values().is_empty());
}

impl<const LABELS: usize> Count<LABELS> {
    fn known_values(&self) -> Vec<[String; LABELS]> {
        self.known().into_iter().map(|row| row.map(|value| value.to_string())).collect()
    }
}
