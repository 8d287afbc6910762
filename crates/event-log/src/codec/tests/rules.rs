//! The rules of the published language, each asked for by some consumer that was tried; see docs/topics.md.

use std::collections::BTreeMap;

use domain::{BoundedContext, CONTEXTS, ContextVisitor, Event, for_each_context, posts};
use serde_json::{Value, json};

use crate::schemas::{self, ENVELOPE, TERM_STARTED};

/// Reserved in Postgres, Flink, Spark, ClickHouse or DuckDB: columns so named need quotes somewhere.
const RESERVED: &[&str] = &[
    "all",
    "and",
    "any",
    "array",
    "as",
    "authorization",
    "between",
    "both",
    "case",
    "cast",
    "check",
    "collate",
    "column",
    "comment",
    "constraint",
    "create",
    "cross",
    "current_date",
    "current_time",
    "current_user",
    "date",
    "day",
    "default",
    "delete",
    "desc",
    "describe",
    "distinct",
    "do",
    "else",
    "end",
    "except",
    "exists",
    "false",
    "fetch",
    "for",
    "foreign",
    "from",
    "full",
    "function",
    "grant",
    "group",
    "having",
    "hour",
    "in",
    "initially",
    "inner",
    "insert",
    "intersect",
    "interval",
    "into",
    "is",
    "join",
    "key",
    "language",
    "leading",
    "left",
    "like",
    "limit",
    "localtime",
    "minute",
    "month",
    "natural",
    "new",
    "no",
    "not",
    "null",
    "offset",
    "old",
    "on",
    "only",
    "or",
    "order",
    "outer",
    "overlaps",
    "partition",
    "placing",
    "position",
    "primary",
    "range",
    "references",
    "reset",
    "returning",
    "right",
    "row",
    "rows",
    "second",
    "select",
    "session_user",
    "set",
    "similar",
    "some",
    "start",
    "sum",
    "system",
    "table",
    "then",
    "time",
    "timestamp",
    "to",
    "trailing",
    "true",
    "union",
    "unique",
    "update",
    "user",
    "using",
    "value",
    "values",
    "variadic",
    "verbose",
    "when",
    "where",
    "window",
    "with",
    "year",
];

/// Fields that say something about a person: sealed.
const PERSONAL: &[&str] = &["display_name", "bio", "image_url", "text", "statement", "explanation"];

struct Field {
    record: &'static str,
    name: String,
    definition: Value,
}

impl Field {
    /// Whether it may be null, and what it is otherwise.
    fn kind(&self) -> (bool, &Value) {
        match &self.definition["type"] {
            Value::Array(union) => {
                assert_eq!(union.len(), 2, "{self}: a union is of null and one type");
                assert_eq!(union[0], "null", "{self}: null stands first in a union");
                (true, &union[1])
            }
            kind => (false, kind),
        }
    }
}

impl std::fmt::Display for Field {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.record, self.name)
    }
}

fn record(name: &str) -> Value {
    serde_json::from_str(schemas::text_of(name).unwrap()).unwrap()
}

fn fields_of(names: impl Iterator<Item = &'static str>) -> Vec<Field> {
    let of = |name: &'static str| {
        let fields = record(name)["fields"].as_array().unwrap().clone();
        let field = move |definition: Value| {
            let field = definition["name"].as_str().unwrap().to_owned();
            Field { record: name, name: field, definition }
        };
        fields.into_iter().map(field)
    };
    names.flat_map(of).collect()
}

fn all_fields() -> Vec<Field> {
    fields_of(schemas::ALL.iter().map(|(name, _)| *name))
}

/// The names of all events.
fn events() -> Vec<&'static str> {
    struct Names(Vec<&'static str>);

    impl ContextVisitor for Names {
        fn visit<C: BoundedContext>(&mut self) {
            self.0.extend(C::Event::NAMES);
        }
    }

    let mut names = Names(Vec::new());
    for_each_context(&mut names);
    names.0
}

#[test]
fn there_is_one_schema_for_each_event_and_none_besides() {
    let mut expected: Vec<&str> = events().into_iter().chain([TERM_STARTED]).collect();
    expected.sort_unstable();
    let mut found: Vec<&str> = schemas::ALL.iter().map(|(name, _)| *name).collect();
    found.sort_unstable();
    assert_eq!(found, expected);
}

#[test]
fn a_schema_says_the_name_that_its_file_has() {
    for (name, _) in schemas::ALL {
        let record = record(name);
        assert_eq!(&format!("{}.{}", record["namespace"].as_str().unwrap(), record["name"].as_str().unwrap()), name);
        assert_eq!(record["type"], "record", "{name}");
    }
}

#[test]
fn every_event_begins_with_the_same_envelope() {
    let envelope = |name| fields_of([name].into_iter()).into_iter().take(ENVELOPE.len()).collect::<Vec<_>>();
    let kinds = |name| -> Vec<Value> { envelope(name).iter().map(|field| field.definition["type"].clone()).collect() };
    for name in events() {
        let names: Vec<String> = envelope(name).into_iter().map(|field| field.name).collect();
        assert_eq!(names, ENVELOPE, "{name}");
        assert_eq!(kinds(name), kinds(posts::Event::NAMES[0]), "{name}");
    }
}

#[test]
fn every_record_says_its_own_type() {
    for field in all_fields().iter().filter(|field| field.name == ENVELOPE[0]) {
        assert_eq!(field.definition["default"], field.record);
        assert_eq!(field.definition["type"], "string", "{field}");
    }
    let records: Vec<_> = all_fields().iter().filter(|f| f.name == ENVELOPE[0]).map(|f| f.record).collect();
    assert_eq!(records.len(), schemas::ALL.len());
}

#[test]
fn a_field_name_has_one_type_across_a_topic() {
    for context in CONTEXTS {
        let mut kinds: BTreeMap<String, Value> = BTreeMap::new();
        for field in fields_of(schemas::of_context(context)) {
            let (_, kind) = field.kind();
            let first = kinds.entry(field.name.clone()).or_insert_with(|| kind.clone());
            assert_eq!(first, kind, "{field}");
        }
    }
}

#[test]
fn fields_are_flat_and_of_few_types() {
    let moment = json!({"type": "long", "logicalType": "timestamp-millis"});
    // A sink keeps a list of one simple type as it keeps another.
    let lists = ["string", "long"].map(|items| json!({"type": "array", "items": items}));
    for field in all_fields() {
        let (_, kind) = field.kind();
        // No enums: Flink needs a reader schema for them. No maps, no records: sinks flatten each in its own way.
        let known = ["string", "long", "boolean"].iter().any(|simple| kind == simple);
        assert!(known || *kind == moment || lists.contains(kind), "{field} is {kind}");
    }
}

#[test]
fn a_moment_is_in_milliseconds_and_named_so() {
    for field in all_fields() {
        let (_, kind) = field.kind();
        assert_eq!(kind["logicalType"] == "timestamp-millis", field.name.ends_with("_at"), "{field}");
    }
}

#[test]
fn what_may_be_null_is_null_by_default() {
    for field in all_fields().iter().filter(|field| field.kind().0) {
        assert_eq!(field.definition.get("default"), Some(&Value::Null), "{field}");
    }
}

#[test]
fn an_array_has_no_default() {
    for field in all_fields().iter().filter(|field| !field.kind().0 && field.kind().1["type"] == "array") {
        assert_eq!(field.definition.get("default"), None, "{field}");
    }
}

#[test]
fn no_field_is_a_reserved_word_of_sql() {
    let plain = |name: &str| name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    for field in all_fields() {
        assert!(!RESERVED.contains(&field.name.as_str()), "{field}");
        assert!(plain(&field.name), "{field}");
    }
}

#[test]
fn personal_fields_are_marked() {
    for field in all_fields() {
        let marked = field.definition.get("personal").map(|mark| mark.as_bool().unwrap());
        assert_eq!(marked == Some(true), PERSONAL.contains(&field.name.as_str()), "{field}");
    }
}

#[test]
fn every_record_and_field_is_explained() {
    let explained = |doc: &Value| doc.as_str().is_some_and(|doc| doc.ends_with('.') && doc.len() > 8);
    for (name, _) in schemas::ALL {
        assert!(explained(&record(name)["doc"]), "{name}");
    }
    for field in all_fields() {
        assert!(explained(&field.definition["doc"]), "{field}");
    }
}
