//! What the document says of a text, and what its type takes, are one: at the limits and around them, and whatever text
//! is drawn.

use std::str::FromStr;

use boon::{Compiler, SchemaIndex, Schemas};
use command_services::identity::code::Code;
use command_services::identity::email::Email;
use command_services::identity::passwords::{Password, Presented};
use command_services::identity::secret::Token;
use domain::accounts::{EmailDigest, PostsPerPage, Theme, Visibility};
use domain::values;
use proptest::prelude::*;
use serde_json::{Value, json};

/// The component of this name, compiled.
struct Component {
    schemas: Schemas,
    index: SchemaIndex,
    json: Value,
}

impl Component {
    fn named(name: &str) -> Self {
        let document: Value = serde_json::from_str(&command_services::openapi::document()).unwrap();
        let json = document["components"]["schemas"][name].clone();
        assert!(json.is_object(), "there is no component {name}");
        let (mut compiler, mut schemas) = (Compiler::new(), Schemas::new());
        compiler.add_resource("component.json", json.clone()).unwrap();
        let index = compiler.compile("component.json", &mut schemas).unwrap();
        Self { schemas, index, json }
    }

    fn takes(&self, value: &Value) -> bool {
        self.schemas.validate(value, self.index).is_ok()
    }

    fn limit(&self, name: &str) -> usize {
        self.json[name].as_u64().map_or(0, |limit| usize::try_from(limit).unwrap())
    }
}

/// A text as a client sends it, whether a type takes it.
type Takes = fn(&str) -> bool;

fn typed<T: FromStr>(text: &str) -> bool {
    text.parse::<T>().is_ok()
}

fn sent<T: TryFrom<String>>(text: &str) -> bool {
    T::try_from(text.to_owned()).is_ok()
}

/// The component of a kind of text, whether its type takes one, and one of so many characters that it takes.
type Kind = (&'static str, Takes, fn(usize) -> String);

fn texts() -> Vec<Kind> {
    let plain = |length| "x".repeat(length);
    vec![
        ("Title", typed::<values::Title>, plain),
        ("Summary", typed::<values::Summary>, plain),
        ("Markdown", typed::<values::Markdown>, plain),
        ("Slug", sent::<values::Slug>, plain),
        ("UserName", sent::<values::UserName>, plain),
        ("DisplayName", typed::<values::DisplayName>, plain),
        ("Bio", typed::<values::Bio>, plain),
        ("ImageUrl", typed::<values::ImageUrl>, |length| match length {
            0 => String::new(),
            _ => format!("https://{}", "x".repeat(length - 8)),
        }),
        ("WebAddress", typed::<values::WebAddress>, |length| format!("http://{}", "x".repeat(length - 7))),
        ("MetaDescription", typed::<values::MetaDescription>, plain),
        ("Locale", sent::<values::Locale>, |length| match length {
            2 => "en".into(),
            _ => format!("en-x-{}", "abcdefg-".repeat(8)).chars().take(length).collect(),
        }),
        ("AltText", typed::<values::AltText>, plain),
        ("Email", sent::<Email>, |length| match length {
            5 => "a@b.c".into(),
            _ => format!("a@{}.example", "bcde.".repeat(60).chars().take(length - 10).collect::<String>()),
        }),
        ("Password", sent::<Password>, plain),
        ("PresentPassword", sent::<Presented>, plain),
        ("Code", sent::<Code>, |length| format!("123456{}", "-".repeat(length - 6))),
        ("Token", |text| Token::presented(text).is_some(), plain),
    ]
}

#[test]
fn at_its_limits_a_text_is_taken_and_beyond_them_it_is_not() {
    for (name, takes, of_length) in texts() {
        let component = Component::named(name);
        let (least, most) = (component.limit("minLength"), component.limit("maxLength"));
        assert!(most > 0, "{name} has no limit");
        for length in [least, most] {
            let text = of_length(length);
            assert!(takes(&text), "{name} {length}");
            assert!(component.takes(&json!(text)), "{name} {length}");
        }
        assert!(!takes(&"x".repeat(most + 1)), "{name} longer");
        assert!(least == 0 || !takes(&"x".repeat(least - 1)), "{name} shorter");
    }
}

/// Texts of all kinds, and such as come near to what is taken.
fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        ".{0,40}",
        "[ -~]{0,40}",
        "[a-zA-Z0-9._-]{0,70}",
        "[a-z0-9-]{0,20}",
        "https?://[!-~]{0,20} ?",
        "[0-9 -]{4,12}",
        "[\\x00-\\x20]{0,3}[a-z]{1,3}[\\x00-\\x20\\x7f]{0,3}",
    ]
}

#[test]
fn what_the_document_forbids_is_taken_nowhere() {
    let texts: Vec<_> = texts().into_iter().map(|(name, takes, _)| (name, Component::named(name), takes)).collect();
    proptest!(|(drawn in prop::collection::vec(any_text(), 20))| {
        for (name, component, takes) in &texts {
            for text in &drawn {
                prop_assert!(!takes(text) || component.takes(&json!(text)), "{} takes {:?}", name, text);
            }
        }
    });
}

/// The names of all values that a type has, and no other.
#[test]
fn what_is_one_of_a_few_is_listed() {
    let names = |name| Component::named(name).json["enum"].clone();
    assert_eq!(names("Theme"), json!(Theme::ALL));
    assert_eq!(names("EmailDigest"), json!(EmailDigest::ALL));
    assert_eq!(names("Visibility"), json!(Visibility::ALL));
    assert_eq!(names("PostVisibility"), json!(values::Visibility::ALL));
    assert_eq!(names("Comments"), json!(values::Comments::ALL));
    let number = Component::named("PostsPerPage");
    for around in [PostsPerPage::LEAST, PostsPerPage::MOST] {
        for number_of_posts in around - 1..=around + 1 {
            let taken = PostsPerPage::try_from(number_of_posts).is_ok();
            assert_eq!(number.takes(&json!(number_of_posts)), taken, "{number_of_posts}");
        }
    }
}

#[test]
fn every_time_zone_is_one_for_the_document() {
    let component = Component::named("TimeZone");
    assert!(values::TimeZone::names().all(|name| component.takes(&json!(name))));
}

/// A list of tags as the body of a new post takes it.
#[test]
fn a_list_has_as_many_entries_as_the_document_says() {
    let component = Component::named("Tags");
    let most = component.limit("maxItems");
    let takes = |count: usize| {
        let tags: Vec<String> = (0..count).map(|number| format!("tag-{number}")).collect();
        let taken = serde_json::from_value::<command_services::posts::NewPost>(json!({"title": "a", "tags": tags}));
        (component.takes(&json!(tags)), taken.is_ok())
    };
    assert_eq!(takes(most), (true, true));
    assert_eq!(takes(most + 1), (false, false));
    assert!(!component.takes(&json!(["a", "a"])), "none comes twice");
}

/// No text, list or number of a request is without a limit: what the document does not limit, it does not describe.
#[test]
fn every_field_of_a_body_has_its_limits() {
    let document: Value = serde_json::from_str(&command_services::openapi::document()).unwrap();
    let mut bodies = Vec::new();
    for operation in document["paths"].as_object().unwrap().values().flat_map(|path| path.as_object().unwrap().values())
    {
        for content in operation["requestBody"]["content"].as_object().into_iter().flat_map(|all| all.values()) {
            bodies.push(content["schema"].clone());
        }
    }
    assert!(bodies.len() > 10);
    for body in bodies {
        unlimited(&document, &body, "body");
    }
}

fn unlimited(document: &Value, schema: &Value, place: &str) {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.rsplit('/').next().unwrap();
        return unlimited(document, &document["components"]["schemas"][name], name);
    }
    assert!(schema["default"].is_null() || !schema["default"].is_string(), "{place}: {schema}");
    let types: Vec<&str> = match &schema["type"] {
        Value::String(name) => vec![name],
        Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let has = |names: &[&str]| names.iter().any(|name| !schema[*name].is_null());
    assert!(!types.contains(&"string") || has(&["maxLength", "format", "enum"]), "{place}: {schema}");
    assert!(!types.contains(&"integer") || (has(&["minimum"]) && has(&["maximum"])), "{place}: {schema}");
    assert!(!types.contains(&"array") || (has(&["maxItems"]) && has(&["uniqueItems"])), "{place}: {schema}");
    let is_closed = schema["additionalProperties"] == json!(false) || has(&["maxProperties"]);
    assert!(!types.contains(&"object") || is_closed, "{place}: {schema}");
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        unlimited(document, field, &format!("{place}.{name}"));
    }
    for one in ["oneOf", "allOf", "anyOf"].iter().flat_map(|of| schema[*of].as_array().into_iter().flatten()) {
        unlimited(document, one, place);
    }
}
