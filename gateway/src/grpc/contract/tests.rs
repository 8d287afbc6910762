use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use super::{FOLDER, files};
use crate::own::openapi::merging::merged;

/// The services' documents, merged now.
fn document() -> Value {
    let read = |package: &str| -> Value {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(package).join("openapi.json");
        serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()
    };
    merged(&[&read("command-services"), &read("query-api")]).unwrap()
}

#[test]
fn the_contract_is_that_of_the_document() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../proto");
    let entries = std::fs::read_dir(root.join(FOLDER)).unwrap().map(|entry| entry.unwrap().file_name());
    let names = entries.map(|name| format!("{FOLDER}/{}", name.into_string().unwrap()));
    let present: BTreeMap<String, String> =
        names.map(|name| (name.clone(), std::fs::read_to_string(root.join(&name)).unwrap())).collect();
    let files = files(&document(), &present).unwrap();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        present.keys().filter(|name| !files.contains_key(*name)).for_each(|name| {
            std::fs::remove_file(root.join(name)).unwrap();
        });
        files.iter().for_each(|(name, text)| std::fs::write(root.join(name), text).unwrap());
        return;
    }
    assert!(files == present, "the services' documents changed: if on purpose, run with UPDATE_GOLDEN=1");
}

/// A document with one operation, which answers a thing with these properties.
fn small(properties: &Value, required: &[&str]) -> Value {
    let thing = json!({"type": "object", "description": "A thing.", "properties": properties, "required": required});
    let content = json!({"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}});
    json!({
        "paths": {"/v1/things/{id}": {"patch": {
            "operationId": "edit_thing", "tags": ["all things"], "summary": "Changes a thing.",
            "parameters": [{"in": "path", "name": "id", "required": true, "schema": {"type": "string"}}],
            "requestBody": {"content": {
                "application/json": content["application/json"],
                "application/merge-patch+json": content["application/json"],
            }},
            "responses": {"200": {"content": content}, "404": {}},
        }}},
        "components": {"schemas": {"Thing": thing, "Unused": {"type": "object", "properties": {}}}},
        "tags": [{"name": "all things", "description": "Things"}],
    })
}

fn made(document: &Value, present: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    files(document, present).unwrap()
}

#[test]
fn an_operation_is_an_rpc_and_a_schema_a_message() {
    let properties = json!({
        "name": {"type": "string", "description": "Its name."},
        "size": {"type": ["integer", "null"], "format": "int64"},
        "kind": {"type": "string", "enum": ["a", "b"]}, "at": {"type": "string", "format": "date-time"},
        "tags": {"type": "array", "items": {"type": "string"}}, "own": {"type": "object"},
        "counts": {"type": "object", "additionalProperties": {"type": "integer", "format": "int64"}},
        "next": {"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/Thing"}]},
    });
    let files = made(&small(&properties, &["name", "tags", "size"]), &BTreeMap::new());
    let expected = "
// A thing.
message Thing {
  google.protobuf.Timestamp at = 1;
  map<string, int64> counts = 2;
  // One of `a`, `b`.
  optional string kind = 3;
  // Its name.
  string name = 4 [(google.api.field_behavior) = REQUIRED];
  Thing next = 5;
  google.protobuf.Struct own = 6;
  optional int64 size = 7;
  repeated string tags = 8 [(google.api.field_behavior) = REQUIRED];
}
";
    let types = &files["inklog/v1/types.proto"];
    assert!(types.ends_with(expected), "{types}");
    let expected = "
// Things.
service AllThingsService {
  // Changes a thing.
  rpc EditThing(EditThingRequest) returns (Thing) {
    option (google.api.http) = {
      patch: \"/v1/things/{id}\"
      body: \"body\"
    };
  }
}
";
    let service = &files["inklog/v1/all_things.proto"];
    assert!(service.contains(expected), "{service}");
    assert!(service.contains("  google.protobuf.FieldMask update_mask = 3;\n"), "{service}");
    assert_eq!(made(&small(&properties, &["name", "tags", "size"]), &files), files, "made again it is the same");
}

#[test]
fn fields_keep_their_numbers_and_what_is_gone_leaves_its_to_nobody() {
    let text = json!({"type": "string"});
    let first = made(&small(&json!({"a": text, "b": text, "c": text}), &[]), &BTreeMap::new());
    let second = made(&small(&json!({"a": text, "aa": text, "c": {"type": "boolean"}}), &["a"]), &first);
    let expected = "message Thing {
  reserved 2, 3;
  reserved \"b\";
  string a = 1 [(google.api.field_behavior) = REQUIRED];
  optional string aa = 4;
  optional bool c = 5;
}
";
    assert!(second["inklog/v1/types.proto"].ends_with(expected), "{}", second["inklog/v1/types.proto"]);
    let third = made(&small(&json!({"a": text, "b": text, "c": {"type": "boolean"}}), &[]), &second);
    let expected = "  reserved 2, 3, 4;
  reserved \"aa\";
  optional string a = 1;
  optional bool c = 5;
  optional string b = 6;
}
";
    assert!(third["inklog/v1/types.proto"].ends_with(expected), "{}", third["inklog/v1/types.proto"]);
}

#[test]
fn what_protobuf_has_no_words_for_is_named() {
    let lists = json!({"type": "array", "items": {"type": "array", "items": {"type": "string"}}});
    let unknown = files(&small(&json!({"a": lists}), &[]), &BTreeMap::new()).unwrap_err();
    assert_eq!(unknown.to_string(), "Thing.a: it is a list of lists");
}
