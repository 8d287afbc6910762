use serde_json::{Value, json};

use super::*;

fn rules() -> Option<CustomFieldsSchema> {
    let schema = json!({
        "type": "object", "additionalProperties": false,
        "properties": {
            "rating": {"type": "number", "minimum": 0, "maximum": 5},
            "links": {"type": "array", "items": {"type": "object", "required": ["url"]}},
            "name/it": {"type": "string", "pattern": "^(a+)+$"},
        },
    });
    Some(CustomFieldsSchema::of(schema).unwrap())
}

/// Where the fields are not as they should be.
fn fault(rules: &Option<CustomFieldsSchema>, fields: &Value) -> Option<String> {
    let fields = CustomFields::try_from(fields).unwrap();
    let problem = permit(rules.as_ref(), &fields).err()?;
    problem.details().errors[0].pointer.clone()
}

#[test]
fn fields_are_as_the_schema_has_them_or_the_place_is_named() {
    let rules = rules();
    assert_eq!(fault(&rules, &json!({"rating": 4.5, "links": [{"url": "x"}]})), None);
    assert_eq!(fault(&rules, &json!({"rating": 6})).as_deref(), Some("/custom_fields/rating"));
    assert_eq!(fault(&rules, &json!({"links": [{"url": "x"}, {}]})).as_deref(), Some("/custom_fields/links/1"));
    assert_eq!(fault(&rules, &json!({"name/it": "b"})).as_deref(), Some("/custom_fields/name~1it"));
    assert_eq!(fault(&rules, &json!({"other": 1})).as_deref(), Some("/custom_fields"));
}

#[test]
fn a_pattern_takes_no_longer_for_a_text_that_is_made_to_be_slow() {
    let began = std::time::Instant::now();
    assert!(fault(&rules(), &json!({"name/it": format!("{}b", "a".repeat(10_000))})).is_some());
    assert!(began.elapsed() < std::time::Duration::from_secs(2));
}

#[test]
fn without_a_schema_there_are_no_fields() {
    assert_eq!(fault(&None, &json!({})), None);
    assert_eq!(fault(&None, &json!({"a": 1})).as_deref(), Some("/custom_fields"));
}

#[test]
fn what_is_no_schema_is_not_taken_and_none_is_fetched() {
    assert!(CustomFieldsSchema::of(json!({"type": "thing"})).is_err());
    assert!(CustomFieldsSchema::of(json!({"$ref": "https://example.org/schema.json"})).is_err());
    assert!(CustomFieldsSchema::read("/nowhere/at/all.json").is_err());
}
