//! Answers held against the documents of the services: their status, their media type and their body; and the body of
//! what was accepted against the schema of what may be sent.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use boon::{Compiler, SchemaIndex, Schemas};
use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use serde_json::Value;

/// All documents as one.
static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../gateway/openapi.json")).expect("the document is JSON")
});

/// A schema, and where in its list it is.
type Compiled = Arc<(Schemas, SchemaIndex)>;

/// Those that were needed so far, by their pointers.
static COMPILED: LazyLock<Mutex<HashMap<String, Compiled>>> = LazyLock::new(Mutex::default);

/// An exchange, as its client saw it.
#[derive(Debug)]
pub(crate) struct Exchange<'a> {
    pub(crate) method: &'a Method,
    /// With the query.
    pub(crate) path: &'a str,
    /// The body that was sent, if it was JSON.
    pub(crate) sent: Option<&'a Value>,
    pub(crate) status: u16,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) text: &'a str,
}

impl Exchange<'_> {
    /// What is not as the documents say; nothing, where they do not know the operation.
    pub(crate) fn difference(&self) -> Option<String> {
        let difference = self.judge().err()?;
        let Self { method, path, status, text, .. } = self;
        Some(format!("{method} {path} was answered {status} {text:.2000}\nwhich is not as documented: {difference}"))
    }

    fn judge(&self) -> Result<(), String> {
        let Some(operation) = self.operation() else { return Ok(()) };
        if let (200..300, Some(sent)) = (self.status, self.sent) {
            let body = format!("{operation}/requestBody/content/application~1json/schema");
            fits(&body, sent).map_err(|error| format!("what was sent: {error}"))?;
        }
        let pointer = resolved(format!("{operation}/responses/{}", self.status));
        let response = DOCUMENT.pointer(&pointer).ok_or("there is no answer with this status")?;
        if *self.method == Method::HEAD { Ok(()) } else { self.body(&pointer, &response["content"]) }
    }

    /// The pointer to the operation: where several paths fit, that with most that is spelled out.
    fn operation(&self) -> Option<String> {
        let path: Vec<&str> = self.path.split(['?', '#']).next()?.split('/').collect();
        let name = match self.method.as_str() {
            "HEAD" => "get".to_owned(),
            name => name.to_ascii_lowercase(),
        };
        let paths = DOCUMENT["paths"].as_object()?.iter().filter(|(_, item)| item.get(&name).is_some());
        let (_, pattern) = paths.filter_map(|(pattern, _)| Some((placeholders(pattern, &path)?, pattern))).min()?;
        Some(format!("/paths/{}/{name}", pattern.replace('/', "~1")))
    }

    fn body(&self, response: &str, content: &Value) -> Result<(), String> {
        let Some(content) = content.as_object().filter(|content| !content.is_empty()) else {
            return if self.text.is_empty() { Ok(()) } else { Err("no body is told of".to_owned()) };
        };
        let given = self.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let essence = given.split(';').next().unwrap_or_default().trim();
        if !content.contains_key(essence) && !content.contains_key("*/*") {
            return Err(format!("its media type is {essence:?}"));
        }
        if essence != "application/json" && !essence.ends_with("+json") {
            return Ok(());
        }
        let body: Value = serde_json::from_str(self.text).map_err(|error| error.to_string())?;
        fits(&format!("{response}/content/{}/schema", essence.replace('/', "~1")), &body)
    }
}

/// How many parameters a path has, if this is one of it.
fn placeholders(pattern: &str, path: &[&str]) -> Option<usize> {
    let segments: Vec<&str> = pattern.split('/').collect();
    let fits = |(ours, theirs): (&&str, &&str)| if ours.starts_with('{') { !theirs.is_empty() } else { ours == theirs };
    let is_it = segments.len() == path.len() && segments.iter().zip(path).all(fits);
    is_it.then(|| segments.iter().filter(|segment| segment.starts_with('{')).count())
}

/// Where a pointer leads, if what is there refers to something else.
fn resolved(pointer: String) -> String {
    let referred = DOCUMENT.pointer(&pointer).and_then(|value| value["$ref"].as_str()?.strip_prefix('#'));
    referred.map_or(pointer, str::to_owned)
}

/// Whether a value is as the schema at a pointer has it, if there is one.
fn fits(schema: &str, value: &Value) -> Result<(), String> {
    let pointer = resolved(schema.to_owned());
    if DOCUMENT.pointer(&pointer).is_none() {
        return Ok(());
    }
    let compiled = COMPILED.lock().unwrap_or_else(PoisonError::into_inner).get(&pointer).map(Arc::clone);
    let compiled = match compiled {
        Some(compiled) => compiled,
        None => compile(pointer)?,
    };
    compiled.0.validate(value, compiled.1).map_err(|error| format!("{error:#}"))
}

fn compile(pointer: String) -> Result<Compiled, String> {
    let (mut compiler, mut schemas) = (Compiler::new(), Schemas::new());
    let unreadable = |error: boon::CompileError| error.to_string();
    compiler.add_resource("inklog://document", DOCUMENT.clone()).map_err(unreadable)?;
    let index = compiler.compile(&format!("inklog://document#{pointer}"), &mut schemas).map_err(unreadable)?;
    let compiled = Arc::new((schemas, index));
    COMPILED.lock().unwrap_or_else(PoisonError::into_inner).insert(pointer, Arc::clone(&compiled));
    Ok(compiled)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn difference(method: Method, path: &str, status: u16, media_type: &'static str, body: &Value) -> Option<String> {
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, media_type.parse().unwrap())]);
        let text = body.to_string();
        Exchange { method: &method, path, sent: None, status, headers: &headers, text: &text }.difference()
    }

    #[test]
    fn an_answer_is_as_documented_or_the_difference_is_told() {
        let json = "application/json; charset=utf-8";
        let page = json!({"tags": [], "next": null});
        let tags =
            |status, media_type, body: &Value| difference(Method::GET, "/v1/tags?limit=1", status, media_type, body);
        assert_eq!(tags(200, json, &page), None);
        assert!(tags(200, json, &json!({"next": 1})).unwrap().contains("tags"));
        assert!(tags(200, "text/html", &page).unwrap().contains("text/html"));
        assert!(tags(201, json, &page).unwrap().contains("no answer with this status"));
        assert_eq!(difference(Method::GET, "/healthz", 200, "text/plain", &page), None, "no document knows it");
    }

    #[test]
    fn a_body_that_was_accepted_is_one_that_may_be_sent() {
        let (sent, headers) = (json!({"description": 7}), HeaderMap::new());
        let exchange = |status| Exchange {
            method: &Method::PUT,
            path: "/v1/tags/rust",
            sent: Some(&sent),
            status,
            headers: &headers,
            text: "",
        };
        assert!(exchange(200).difference().unwrap().contains("what was sent"));
    }
}
