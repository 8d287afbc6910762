//! Makes one OpenAPI document of those of the services: their paths and components, and what the gateway itself may
//! answer in their place. The golden file is made with it, so it is only compiled for tests.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

/// What a path may have, each an operation.
pub(super) const METHODS: [&str; 5] = ["get", "put", "post", "patch", "delete"];

/// Why two documents are not one. Each is a fault of the documents, found when the golden file is made.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Conflict {
    /// One name stands for two things, and a reference could mean either.
    #[error("components/{section}/{name} is one thing in one document and another in the other")]
    Component {
        /// The kind of component, such as `schemas`.
        section: String,
        /// Its name.
        name: String,
    },
    /// Both would answer.
    #[error("{method} {path} is in both documents")]
    Operation {
        /// The method, in small letters.
        method: String,
        /// The path, as the first document writes it.
        path: String,
    },
    /// Generated clients name their functions by it.
    #[error("`{0}` is the id of two operations")]
    OperationId(String),
    /// It has no paths, or an operation is no object.
    #[error("this is no OpenAPI document: {0}")]
    Malformed(&'static str),
}

/// The gateway's own answers: status, and what it says. What a service documents under the same status stands: the
/// gateway's problem has the same shape.
const OWN_PROBLEMS: [(&str, &str); 7] = [
    ("401", "`unauthorized`: a token was sent, and is not good."),
    ("413", "`body-too-large`: the body is larger than this route takes."),
    ("429", "More than one address or account may ask for in this time; try again after Retry-After."),
    ("431", "The headers are larger than is taken."),
    ("502", "What a service answered could not be understood. Whether it was done is not known."),
    ("503", "Not done: no service takes it at the moment. Try again after Retry-After."),
    ("504", "No service answered in time. Whether it was done is not known: ask again with the same Idempotency-Key."),
];

/// The documents of the services as one.
///
/// # Errors
/// They contradict each other.
pub(crate) fn merged(documents: &[&Value]) -> Result<Value, Conflict> {
    let mut merging = Merging::default();
    for document in documents {
        merging.add_components(document)?;
        merging.add_paths(document)?;
        merging.add_tags(document);
    }
    merging.add_own_problems();
    Ok(json!({
        "openapi": "3.1.0",
        "info": {
            "title": "inklog",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "A blog platform whose only memory is a log. A command's reply carries `Inklog-Position`: \
                            give it to a query to read what was written. A request may say in `Inklog-Timeout-Ms` how \
                            many milliseconds it waits.",
            "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"},
        },
        "servers": [{"url": "/", "description": "Where this document is."}],
        "tags": merging.tags.into_values().collect::<Vec<_>>(),
        "paths": merging.paths,
        "components": merging.components,
    }))
}

#[derive(Default)]
struct Merging {
    paths: Map<String, Value>,
    components: Map<String, Value>,
    tags: BTreeMap<String, Value>,
    /// The path that stands for all of its shape: the names of parameters tell no two paths apart.
    shapes: BTreeMap<String, String>,
    operation_ids: BTreeSet<String>,
}

impl Merging {
    fn add_components(&mut self, document: &Value) -> Result<(), Conflict> {
        for (section, components) in object(document.get("components").unwrap_or(&json!({})))? {
            let known = self.components.entry(section.clone()).or_insert_with(|| json!({}));
            let known = known.as_object_mut().ok_or(Conflict::Malformed("a section of components is no object"))?;
            for (name, component) in object(components)? {
                match known.get(name) {
                    Some(other) if other != component => {
                        return Err(Conflict::Component { section: section.clone(), name: name.clone() });
                    }
                    Some(_) => {}
                    None => {
                        known.insert(name.clone(), component.clone());
                    }
                }
            }
        }
        Ok(())
    }

    fn add_paths(&mut self, document: &Value) -> Result<(), Conflict> {
        let paths = document.get("paths").ok_or(Conflict::Malformed("it has no paths"))?;
        let security = document.get("security");
        for (path, item) in object(paths)? {
            let common = self.shapes.entry(shape(path)).or_insert_with(|| path.clone()).clone();
            let renamed: Vec<(&str, &str)> = parameters_of(path).zip(parameters_of(&common)).collect();
            for (method, operation) in object(item)? {
                let mut operation = object(operation)?.clone();
                rename(&mut operation, &renamed);
                // What holds for one document is no rule for the other.
                if let Some(security) = security {
                    operation.entry("security").or_insert_with(|| security.clone());
                }
                self.add_operation(&common, method, operation)?;
            }
        }
        Ok(())
    }

    fn add_operation(&mut self, path: &str, method: &str, operation: Map<String, Value>) -> Result<(), Conflict> {
        let id = operation.get("operationId").and_then(Value::as_str);
        let id = id.ok_or(Conflict::Malformed("an operation has no id"))?;
        if !self.operation_ids.insert(id.to_owned()) {
            return Err(Conflict::OperationId(id.to_owned()));
        }
        for tag in operation.get("tags").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
            self.tags.entry(tag.to_owned()).or_insert_with(|| json!({"name": tag}));
        }
        let item = self.paths.entry(path).or_insert_with(|| json!({}));
        let item = item.as_object_mut().ok_or(Conflict::Malformed("a path is no object"))?;
        match item.insert(method.to_owned(), Value::Object(operation)) {
            None => Ok(()),
            Some(_) => Err(Conflict::Operation { method: method.to_owned(), path: path.to_owned() }),
        }
    }

    /// A description of a tag holds for all documents.
    fn add_tags(&mut self, document: &Value) {
        for tag in document.get("tags").and_then(Value::as_array).into_iter().flatten() {
            if let Some(name) = tag.get("name").and_then(Value::as_str) {
                self.tags.insert(name.to_owned(), tag.clone());
            }
        }
    }

    fn add_own_problems(&mut self) {
        let responses = self.components.entry("responses").or_insert_with(|| json!({}));
        for (status, description) in OWN_PROBLEMS {
            responses[component(status)] = own_problem(status, description);
        }
        let items = self.paths.values_mut().filter_map(Value::as_object_mut);
        for operation in items.flat_map(|item| item.values_mut()) {
            for (status, _) in OWN_PROBLEMS {
                let responses = &mut operation["responses"];
                if responses.get(status).is_none() {
                    responses[status] = json!({"$ref": format!("#/components/responses/{}", component(status))});
                }
            }
        }
    }
}

/// The name of a component with an answer of the gateway's.
fn component(status: &str) -> String {
    format!("gateway-{status}")
}

fn own_problem(status: &str, description: &str) -> Value {
    let schema = json!({"$ref": "#/components/schemas/ProblemDetails"});
    let mut response = json!({
        "description": description,
        "content": {"application/problem+json": {"schema": schema}},
    });
    if ["429", "503"].contains(&status) {
        let meaning = "Seconds until the request may be made again.";
        response["headers"] = json!({"Retry-After": {"schema": {"type": "integer"}, "description": meaning}});
    }
    response
}

fn object(value: &Value) -> Result<&Map<String, Value>, Conflict> {
    value.as_object().ok_or(Conflict::Malformed("something is no object that must be one"))
}

/// A path without the names of its parameters.
pub(super) fn shape(path: &str) -> String {
    let segments = path.split('/').map(|segment| if segment.starts_with('{') { "{}" } else { segment });
    segments.collect::<Vec<_>>().join("/")
}

/// The names of the parameters in a path, in order.
pub(super) fn parameters_of(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
}

/// Calls the parameters of a path by the names that they have in the path that stands for it.
fn rename(operation: &mut Map<String, Value>, names: &[(&str, &str)]) {
    let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut);
    for parameter in parameters.into_iter().flatten().filter(|parameter| parameter["in"] == "path") {
        let Some((_, name)) = names.iter().find(|(old, _)| parameter["name"] == *old) else { continue };
        parameter["name"] = Value::from(*name);
    }
}

#[cfg(test)]
mod tests;
