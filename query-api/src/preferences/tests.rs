use boon::{Compiler, SchemaIndex, Schemas};

use super::*;

fn default() -> Value {
    serde_json::to_value(Preferences::from(accounts::Preferences::default())).unwrap()
}

/// The schema, compiled: which is refused of what is no schema of the draft that it names.
struct Validator {
    schemas: Schemas,
    preferences: SchemaIndex,
}

impl Validator {
    fn of(schema: &Value) -> Result<Self, Box<dyn std::error::Error>> {
        let (mut compiler, mut schemas) = (Compiler::new(), Schemas::new());
        compiler.add_resource("preferences.json", schema.clone())?;
        let preferences = compiler.compile("preferences.json", &mut schemas)?;
        Ok(Self { schemas, preferences })
    }

    fn is_valid(&self, preferences: &Value) -> bool {
        self.schemas.validate(preferences, self.preferences).is_ok()
    }
}

fn validator() -> Validator {
    Validator::of(&SCHEMA).unwrap()
}

/// The default with one field changed.
fn with(field: &str, value: Value) -> Value {
    let mut preferences = default();
    preferences[field] = value;
    preferences
}

#[test]
fn the_schema_is_a_schema_of_2020_12() {
    assert_eq!(SCHEMA["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert!(Validator::of(&SCHEMA).is_ok());
    let mut broken = SCHEMA.clone();
    broken["properties"]["theme"] = json!({ "type": "colour" });
    assert!(Validator::of(&broken).is_err(), "or it would say nothing that the schema is one");
}

#[test]
fn the_default_is_valid_and_is_the_default_of_the_schema() {
    assert!(validator().is_valid(&default()));
    let fields = SCHEMA["properties"].as_object().unwrap();
    let defaults: serde_json::Map<String, Value> =
        fields.iter().map(|(name, field)| (name.clone(), field["default"].clone())).collect();
    assert_eq!(Value::Object(defaults), default());
}

/// What the schema takes, the rules take; and what it does not take, they do not.
#[test]
fn schema_and_rules_agree() {
    let (validator, rules) = (validator(), |preferences: &Value| {
        serde_json::from_value::<accounts::Preferences>(preferences.clone()).is_ok()
    });
    for (field, good) in [
        ("locale", json!("pt-BR")),
        ("time_zone", json!("Europe/Lisbon")),
        ("theme", json!("dark")),
        ("posts_per_page", json!(10)),
        ("posts_per_page", json!(100)),
        ("email_comment", json!(true)),
        ("email_digest", json!("weekly")),
        ("following_list", json!("private")),
        ("reactions_list", json!("private")),
        ("comments_list", json!("private")),
    ] {
        let preferences = with(field, good);
        assert!(validator.is_valid(&preferences) && rules(&preferences), "{preferences}");
    }
    for (field, bad) in [
        ("locale", json!("plain English")),
        ("locale", json!("")),
        ("time_zone", json!("Europe/Atlantis")),
        ("theme", json!("sepia")),
        ("theme", json!(null)),
        ("posts_per_page", json!(9)),
        ("posts_per_page", json!(101)),
        ("posts_per_page", json!("20")),
        ("email_new_follower", json!("yes")),
        ("email_digest", json!("hourly")),
        ("following_list", json!("friends")),
        ("reactions_list", json!("friends")),
        ("comments_list", json!("friends")),
    ] {
        let preferences = with(field, bad);
        assert!(!validator.is_valid(&preferences) && !rules(&preferences), "{preferences}");
    }
    assert!(!validator.is_valid(&with("mood", json!("good"))));
    let fields = SCHEMA["required"].as_array().unwrap();
    assert_eq!(fields.len(), default().as_object().unwrap().len(), "a field without a value has its default");
}
