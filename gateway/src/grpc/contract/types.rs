//! Schemas as messages. What protobuf cannot say of a value (its length, its pattern, its words) the services go on
//! judging; words are said in the comment, for answers have them as text too, and a new one is no new version.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::print::{Field, Message};
use super::services::Service;
use super::{Document, Unknown, reached};

/// What a value is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Type {
    /// In protobuf.
    pub(super) kind: String,
    /// Whether it may be null.
    pub(super) is_nullable: bool,
    /// Whether protobuf tells, of such a field, being empty from not being there only where it is `optional`.
    is_scalar: bool,
    /// The words that it may be.
    words: Vec<String>,
}

/// The messages of all schemas that these services have a use for, by name.
pub(super) fn of(document: &Document<'_>, services: &[Service]) -> Result<Vec<Message>, Unknown> {
    let rpcs = || services.iter().flat_map(|service| &service.rpcs);
    let asked = closure(document, rpcs().flat_map(|rpc| &rpc.request.fields).filter_map(|field| field.message()))?;
    let answers = rpcs().map(|rpc| rpc.response.as_str()).filter(|name| !name.contains('.'));
    let all = closure(document, answers.chain(asked.iter().map(String::as_str)))?;
    all.iter().map(|name| message(document, name, asked.contains(name))).collect()
}

/// These schemas, and all that they have of others.
fn closure<'a>(document: &Document<'_>, names: impl Iterator<Item = &'a str>) -> Result<BTreeSet<String>, Unknown> {
    let (mut all, mut open) = (BTreeSet::new(), names.map(str::to_owned).collect::<Vec<_>>());
    while let Some(name) = open.pop() {
        if all.contains(&name) {
            continue;
        }
        let message = message(document, &name, false)?;
        open.extend(reached(message.fields.iter()).into_iter().map(str::to_owned));
        all.insert(name);
    }
    Ok(all)
}

fn message(document: &Document<'_>, name: &str, is_asked: bool) -> Result<Message, Unknown> {
    let schema = document.schema(name)?;
    let (mut fields, about) = (Vec::new(), text(schema));
    collect(document, schema, name, true, &mut fields)?;
    fields.sort_by(|one, other| one.name.cmp(&other.name));
    if !is_asked {
        fields.iter_mut().for_each(|field| field.is_required = false);
    }
    Ok(Message { name: name.to_owned(), about, fields })
}

/// The fields of an object, of all the parts of which it is made, and of each thing that it may be.
fn collect(
    document: &Document<'_>,
    schema: &Value,
    place: &str,
    is_sure: bool,
    fields: &mut Vec<Field>,
) -> Result<(), Unknown> {
    if let Some(name) = reference(schema) {
        return collect(document, document.schema(name)?, place, is_sure, fields);
    }
    for (key, is_sure) in [("allOf", is_sure), ("oneOf", false)] {
        for part in schema[key].as_array().into_iter().flatten() {
            collect(document, part, place, is_sure, fields)?;
        }
    }
    let required: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        // In this one of several forms it is not there.
        if property["type"] == "null" {
            continue;
        }
        let place = format!("{place}.{name}");
        let kind = document.kind(property, &place)?;
        let field = kind.field(name, &text(property), is_sure && required.contains(&name.as_str()));
        match fields.iter().find(|other| other.name == *name) {
            Some(other) if other.kind != field.kind => return Err(Unknown::new(place, "it is of two types")),
            Some(_) => {}
            None => fields.push(field),
        }
    }
    Ok(())
}

/// What is said of a schema, or of what it is beside null.
fn text(schema: &Value) -> String {
    let own = schema["description"].as_str();
    let inner = || schema["oneOf"].as_array()?.iter().find_map(|part| part["description"].as_str());
    own.or_else(inner).map(flowing).unwrap_or_default()
}

/// A text whose paragraphs are a line each: it is broken anew.
pub(super) fn flowing(text: &str) -> String {
    let paragraphs = text.split("\n\n").map(|paragraph| paragraph.split_whitespace().collect::<Vec<_>>().join(" "));
    paragraphs.collect::<Vec<_>>().join("\n")
}

fn reference(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.strip_prefix("#/components/schemas/")
}

/// Whether it has fields of its own.
fn is_message(schema: &Value) -> bool {
    let is_object = |part: &Value| part["properties"].is_object() || part["$ref"].is_string();
    let has = |key: &str| schema[key].as_array().is_some_and(|parts| parts.iter().all(is_object));
    schema["properties"].is_object() || has("allOf") || has("oneOf")
}

impl Document<'_> {
    pub(super) fn schema(&self, name: &str) -> Result<&Value, Unknown> {
        self.schemas.get(name).ok_or_else(|| Unknown::new(name, "there is no such schema"))
    }

    /// What a schema is in protobuf.
    pub(super) fn kind(&self, schema: &Value, place: &str) -> Result<Type, Unknown> {
        if let Some(name) = reference(schema) {
            let target = self.schema(name)?;
            return if is_message(target) { Ok(Type::message(name)) } else { self.kind(target, name) };
        }
        if let Some(parts) = schema["oneOf"].as_array() {
            let mut others = parts.iter().filter(|part| part["type"] != "null");
            let (Some(one), None) = (others.next(), others.next()) else {
                return Err(Unknown::new(place, "it is one of several things, and has no name"));
            };
            return Ok(Type { is_nullable: true, ..self.kind(one, place)? });
        }
        let named: Vec<&str> = match &schema["type"] {
            Value::String(name) => vec![name],
            Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        let mut others = named.iter().filter(|name| **name != "null");
        let (Some(name), None) = (others.next(), others.next()) else {
            return Err(Unknown::new(place, "it has no one type"));
        };
        Ok(Type { is_nullable: named.contains(&"null"), ..self.plain(name, schema, place)? })
    }

    fn plain(&self, name: &str, schema: &Value, place: &str) -> Result<Type, Unknown> {
        let format = schema["format"].as_str().unwrap_or_default();
        Ok(match (name, format) {
            ("string", "date-time") => Type::message("google.protobuf.Timestamp"),
            ("string", "binary") => return Err(Unknown::new(place, "it is bytes")),
            ("string", _) => Type { words: words(schema), ..Type::scalar("string") },
            ("boolean", _) => Type::scalar("bool"),
            ("integer", "int64") => Type::scalar("int64"),
            ("integer", _) => Type::scalar("int32"),
            ("number", _) => Type::scalar("double"),
            ("array", _) => {
                let items = self.kind(&schema["items"], place)?;
                if items.kind.starts_with("repeated ") || items.kind.starts_with("map<") {
                    return Err(Unknown::new(place, "it is a list of lists"));
                }
                Type { is_scalar: false, is_nullable: false, kind: format!("repeated {}", items.kind), ..items }
            }
            ("object", _) => match &schema["additionalProperties"] {
                values @ Value::Object(_) => Type {
                    is_scalar: false,
                    kind: format!("map<string, {}>", self.kind(values, place)?.kind),
                    ..Type::message("")
                },
                _ if schema["properties"].is_object() => return Err(Unknown::new(place, "it has no name")),
                _ => Type::message("google.protobuf.Struct"),
            },
            _ => return Err(Unknown::new(place, format!("no type is known for {name}"))),
        })
    }
}

fn words(schema: &Value) -> Vec<String> {
    schema["enum"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

impl Type {
    fn scalar(kind: &str) -> Self {
        Self { kind: kind.to_owned(), is_nullable: false, is_scalar: true, words: Vec::new() }
    }

    fn message(kind: &str) -> Self {
        Self { is_scalar: false, ..Self::scalar(kind) }
    }

    /// A field of this type.
    pub(super) fn field(self, name: &str, about: &str, is_required: bool) -> Field {
        let is_required = is_required && !self.is_nullable;
        let mut about = about.trim().to_owned();
        let words: Vec<String> = self.words.iter().map(|word| format!("`{word}`")).collect();
        if words.iter().any(|word| !about.contains(word)) {
            let separator = if about.is_empty() { "" } else { "\n" };
            about += &format!("{separator}One of {}.", words.join(", "));
        }
        let is_optional = self.is_scalar && !is_required;
        Field { name: name.to_owned(), about, kind: self.kind, is_optional, is_required }
    }
}

/// The parameters of an operation in one place: `path` or `query`.
pub(super) fn parameters(
    document: &Document<'_>,
    operation: &Map<String, Value>,
    place: &str,
) -> Result<Vec<Field>, Unknown> {
    let all = operation.get("parameters").and_then(Value::as_array).into_iter().flatten();
    let wanted = all.filter(|parameter| parameter["in"] == place);
    let field = |parameter: &Value| {
        let name = parameter["name"].as_str().unwrap_or_default();
        let about = flowing(parameter["description"].as_str().unwrap_or_default());
        Ok(document.kind(&parameter["schema"], name)?.field(name, &about, parameter["required"] == true))
    };
    wanted.map(field).collect()
}
