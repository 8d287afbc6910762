use serde_json::{Value, json};

use super::{Conflict, merged};

fn document(path: &str, method: &str, id: &str) -> Value {
    let name = path.split(['{', '}']).nth(1).unwrap_or("none");
    json!({
        "paths": {path: {method: {
            "operationId": id,
            "tags": ["things"],
            "parameters": [{"name": name, "in": "path", "required": true, "schema": {"type": "string"}}],
            "responses": {"200": {"description": "good"}},
        }}},
        "components": {"schemas": {"ProblemDetails": {"type": "object"}}},
    })
}

#[test]
fn paths_that_differ_by_the_names_of_parameters_are_one() {
    let (commands, queries) = (document("/v1/things/{id}", "put", "put"), document("/v1/things/{slug}", "get", "get"));
    let merged = merged(&[&commands, &queries]).unwrap();
    let item = &merged["paths"]["/v1/things/{id}"];
    assert_eq!(merged["paths"].as_object().unwrap().len(), 1);
    for method in ["put", "get"] {
        assert_eq!(item[method]["parameters"][0]["name"], "id", "{method}");
    }
}

#[test]
fn what_holds_of_all_routes_of_one_document_stays_with_them() {
    let (mut commands, mut queries) = (document("/a", "put", "put"), document("/b", "get", "get"));
    commands["security"] = json!([{"token": []}]);
    let merged_first = merged(&[&commands, &queries]).unwrap();
    assert_eq!(merged_first["paths"]["/a"]["put"]["security"], json!([{"token": []}]));
    assert_eq!(merged_first["paths"]["/b"]["get"].get("security"), None);
    queries["security"] = json!([]);
    commands["paths"]["/a"]["put"]["security"] = json!([{}]);
    let merged = merged(&[&commands, &queries]).unwrap();
    assert_eq!(merged["paths"]["/a"]["put"]["security"], json!([{}]));
}

#[test]
fn the_gateways_problems_are_added_and_replace_nothing() {
    let mut commands = document("/a", "put", "put");
    commands["paths"]["/a"]["put"]["responses"]["503"] = json!({"description": "its own"});
    let merged = merged(&[&commands]).unwrap();
    let responses = &merged["paths"]["/a"]["put"]["responses"];
    assert_eq!(responses["503"], json!({"description": "its own"}));
    assert_eq!(responses["429"], json!({"$ref": "#/components/responses/gateway-429"}));
    assert!(merged["components"]["responses"]["gateway-429"]["headers"].get("Retry-After").is_some());
}

#[test]
fn documents_that_contradict_each_other_are_not_merged() {
    let (commands, queries) = (document("/a", "put", "one"), document("/a", "put", "two"));
    let both = merged(&[&commands, &queries]).unwrap_err();
    assert_eq!(both, Conflict::Operation { method: "put".into(), path: "/a".into() });

    let queries = document("/a", "get", "one");
    assert_eq!(merged(&[&commands, &queries]).unwrap_err(), Conflict::OperationId("one".into()));

    let mut queries = document("/a", "get", "two");
    queries["components"]["schemas"]["ProblemDetails"] = json!({"type": "string"});
    let two_meanings = merged(&[&commands, &queries]).unwrap_err();
    assert_eq!(two_meanings, Conflict::Component { section: "schemas".into(), name: "ProblemDetails".into() });
}

#[test]
fn what_is_no_document_is_said_to_be_none() {
    assert!(matches!(merged(&[&json!({})]).unwrap_err(), Conflict::Malformed(_)));
    assert!(matches!(merged(&[&json!({"paths": {"/a": []}})]).unwrap_err(), Conflict::Malformed(_)));
}
