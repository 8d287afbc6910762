//! Records commands as this version sends them to other instances, so that each form is among them: what the next
//! versions must read, or refuse as not applied. `command-services/src/bus/recorded.rs` holds them to it.
//!
//! `RECORD_PEER=<date> cargo test -p domain -- --ignored a_peer_is_recorded`, when a release is made.

use std::collections::BTreeSet;
use std::path::Path;

use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;
use serde_json::{Map, Value, json};

use super::any::Drawn;
use crate::accounts::Accounts;
use crate::bookmarks::Bookmarks;
use crate::following::Following;
use crate::media::Media;
use crate::posts::Posts;
use crate::reactions::Reactions;
use crate::security::Security;

/// So many are drawn of each context.
const DRAWN: usize = 5_000;

/// What a reader must know of this value: each name in it, and what kind of thing is there.
fn forms(path: &str, value: &Value, found: &mut BTreeSet<String>) {
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        // The name of a variant without fields.
        Value::String(name) if name.starts_with(|first: char| first.is_ascii_uppercase()) => name,
        Value::String(_) => "string",
        Value::Array(items) => {
            items.iter().for_each(|item| forms(&format!("{path}[]"), item, found));
            "array"
        }
        Value::Object(fields) => {
            fields.iter().for_each(|(name, value)| forms(&format!("{path}.{name}"), value, found));
            "object"
        }
    };
    found.insert(format!("{path}: {kind}"));
}

/// Commands that have all forms of a context's among them, each with one that those before it have not.
fn commands<C: Drawn>() -> (String, Value) {
    let mut runner = TestRunner::deterministic();
    let (mut known, mut kept) = (BTreeSet::new(), Vec::new());
    for _ in 0..DRAWN {
        let (aggregate_id, command) = C::command().new_tree(&mut runner).unwrap().current();
        let command = serde_json::to_value(command).unwrap();
        let before = known.len();
        forms("", &command, &mut known);
        if known.len() > before {
            kept.push(json!({"aggregate_id": aggregate_id, "body": command}));
        }
    }
    (C::NAME.to_owned(), Value::Array(kept))
}

#[test]
#[ignore = "it writes a file that is kept"]
#[allow(clippy::disallowed_methods, reason = "it is no rule: it is told how to name the file")]
fn a_peer_is_recorded() {
    let date = std::env::var("RECORD_PEER").expect("RECORD_PEER names the record");
    let commands: Map<String, Value> = [
        commands::<Accounts>(),
        commands::<Bookmarks>(),
        commands::<Following>(),
        commands::<Media>(),
        commands::<Posts>(),
        commands::<Reactions>(),
        commands::<Security>(),
    ]
    .into_iter()
    .collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../command-services/src/bus/recorded");
    std::fs::create_dir_all(&folder).unwrap();
    let text = serde_json::to_string_pretty(&commands).unwrap() + "\n";
    std::fs::write(folder.join(format!("{date}.json")), text).unwrap();
}
