//! The registry keeps the published language: what is registered can be found, and what would break readers cannot be
//! registered.

use domain::Decider;
use domain::accounts::Accounts;
use domain::following::Following;
use domain::posts::Posts;
use domain::security::Security;
use event_log::codec::Codec;
use event_log::registry::{Registry, RegistryError, subject};
use event_log::schemas;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{forget_schemas, registry_url};

const DRAFTED: &str = "inklog.posts.Drafted";

fn registry() -> Registry {
    Registry::new(&registry_url()).unwrap()
}

fn topic() -> String {
    format!("t{}.posts.v1", Uuid::new_v4().simple())
}

fn changed(name: &str, change: impl FnOnce(&mut Vec<Value>)) -> String {
    let mut schema: Value = serde_json::from_str(schemas::text_of(name).unwrap()).unwrap();
    change(schema["fields"].as_array_mut().unwrap());
    schema.to_string()
}

fn field<'a>(fields: &'a mut [Value], name: &str) -> &'a mut Value {
    fields.iter_mut().find(|field| field["name"] == name).unwrap()
}

#[tokio::test]
async fn what_is_registered_is_found_and_registering_again_changes_nothing() {
    let registry = registry();
    for context in [Posts::NAME, Accounts::NAME, Following::NAME, Security::NAME] {
        let topic = topic();
        let first = registry.register_context(&topic, context).await.unwrap();
        let names: Vec<&str> = first.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, schemas::of_context(context).collect::<Vec<_>>());
        assert_eq!(registry.register_context(&topic, context).await.unwrap(), first);
        for (name, id) in first {
            let text: Value = serde_json::from_str(&registry.schema(id).await.unwrap()).unwrap();
            let ours: Value = serde_json::from_str(schemas::text_of(name).unwrap()).unwrap();
            assert_eq!(text, ours, "{name} comes back as it went");
        }
        Codec::new(registry.clone()).prepare(&topic, context).await.unwrap();
        forget_schemas(&topic, context).await;
    }
}

#[tokio::test]
async fn a_change_that_breaks_a_reader_is_refused() {
    let (registry, topic) = (registry(), topic());
    let subject = subject(&topic, DRAFTED);
    registry.register(&subject, schemas::text_of(DRAFTED).unwrap()).await.unwrap();
    let breaking = [
        ("a field without default goes", changed(DRAFTED, |fields| fields.retain(|field| field["name"] != "title"))),
        ("a type changes", changed(DRAFTED, |fields| field(fields, "title")["type"] = json!("long"))),
        ("a field is renamed", changed(DRAFTED, |fields| field(fields, "title")["name"] = json!("headline"))),
        (
            "a field without default comes",
            changed(DRAFTED, |fields| fields.push(json!({"name": "mood", "type": "string"}))),
        ),
    ];
    for (what, schema) in breaking {
        match registry.register(&subject, &schema).await {
            Err(RegistryError::Refused(reason)) => assert!(reason.starts_with(&subject), "{what}: {reason}"),
            other => panic!("{what}: {other:?}"),
        }
    }
    let more = changed(DRAFTED, |fields| {
        fields.push(json!({"name": "mood", "type": ["null", "string"], "default": null}));
    });
    registry.register(&subject, &more).await.expect("a field with a default may come");
    registry.register(&subject, schemas::text_of(DRAFTED).unwrap()).await.expect("and a writer may lag behind");
    forget_schemas(&topic, Posts::NAME).await;
}

#[tokio::test]
async fn a_writer_without_registered_schemas_does_not_start() {
    let (registry, topic) = (registry(), topic());
    match Codec::new(registry).prepare(&topic, Posts::NAME).await {
        Err(RegistryError::Refused(reason)) => {
            assert!(reason.contains("is not registered as this program has it"), "{reason}");
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_registry_that_is_not_there_is_unavailable() {
    let registry = Registry::new("http://127.0.0.1:9").unwrap();
    let answer = registry.schema(1).await;
    assert!(matches!(answer, Err(RegistryError::Unavailable(_))), "{answer:?}");
}
