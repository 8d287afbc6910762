//! What operations take, read out of the OpenAPI documents of the services. Their schemas are compiled once.

use std::collections::{BTreeMap, HashMap};

use anyhow::{Context as _, bail};
use boon::{Compiler, Format, SchemaIndex, Schemas, SchemeUrlLoader};
use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::routes::DOCUMENTS;

/// What an operation takes.
#[derive(Debug)]
pub(super) struct Operation {
    /// Its parameters in the path, by the number of their segment.
    pub(super) path: BTreeMap<usize, Parameter>,
    pub(super) query: Vec<Parameter>,
    pub(super) headers: Vec<Parameter>,
    /// A JSON body, where it needs one.
    pub(super) body: Option<Body>,
    pub(super) access: Access,
}

/// Whom an operation answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Access {
    Anyone,
    Account,
    /// Who has this role, or one that includes it.
    AtLeast(String),
}

#[derive(Debug)]
pub(super) struct Parameter {
    pub(super) name: String,
    pub(super) is_required: bool,
    pub(super) kind: Kind,
    pub(super) schema: SchemaIndex,
}

/// What a text is read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Integer,
    Boolean,
}

#[derive(Debug)]
pub(super) struct Body {
    pub(super) media_types: Vec<String>,
    pub(super) schema: SchemaIndex,
}

impl Kind {
    /// Reads a text as the services do.
    pub(super) fn read(self, text: &str) -> Result<Value, String> {
        match self {
            Self::Text => Ok(Value::from(text)),
            Self::Integer => match text.parse::<i64>() {
                Ok(number) => Ok(Value::from(number)),
                Err(_) => text.parse::<u64>().map(Value::from).map_err(|_| "must be a whole number".to_owned()),
            },
            Self::Boolean => text.parse::<bool>().map(Value::from).map_err(|_| "must be true or false".to_owned()),
        }
    }
}

#[derive(Deserialize)]
struct Paths {
    #[serde(borrow)]
    paths: BTreeMap<&'static str, BTreeMap<String, Value>>,
}

/// Texts by which callers show who they are: that one is wrong is no fault of form, and its service says 401.
const CREDENTIALS: [&str; 3] = ["Login", "SessionToken", "Token"];

type Operations = HashMap<(Method, &'static str), Operation>;

/// The operations of all services, and the schemas that they name.
pub(super) fn of_services() -> anyhow::Result<(Schemas, Operations)> {
    let (mut compiler, mut schemas, mut operations) = (compiler(), Schemas::new(), HashMap::new());
    for (text, number) in DOCUMENTS.into_iter().zip(0..) {
        let Paths { paths } = serde_json::from_str(text)?;
        let (mut document, url): (Value, _) = (serde_json::from_str(text)?, format!("inklog://documents/{number}"));
        for name in CREDENTIALS {
            let credential = document.pointer_mut(&format!("/components/schemas/{name}"));
            credential.into_iter().for_each(|schema| *schema = json!({"type": "string"}));
        }
        compiler.add_resource(&url, document.clone()).map_err(no_schema)?;
        let mut reading = Reading { document: &document, url, compiler: &mut compiler, schemas: &mut schemas };
        for (pattern, item) in paths {
            for (name, operation) in &item {
                let Some(method) = method_of(name) else { continue };
                let read = reading.operation(pattern, name, operation);
                let read = read.with_context(|| format!("{method} {pattern}"))?;
                operations.insert((method, pattern), read);
            }
        }
    }
    Ok((schemas, operations))
}

fn method_of(name: &str) -> Option<Method> {
    let known = ["get", "post", "put", "patch", "delete"];
    known.contains(&name).then(|| Method::from_bytes(name.to_ascii_uppercase().as_bytes()).ok()).flatten()
}

/// It loads nothing from anywhere. Of formats ids alone are judged, by the parser that services have; of times and
/// addresses each has rules of its own.
fn compiler() -> Compiler {
    let mut compiler = Compiler::new();
    compiler.use_loader(Box::new(SchemeUrlLoader::new()));
    compiler.enable_format_assertions();
    compiler.register_format(Format { name: "uuid", func: is_id });
    for name in ["date-time", "date", "email", "uri"] {
        compiler.register_format(Format { name, func: |_| Ok(()) });
    }
    compiler
}

fn is_id(value: &Value) -> Result<(), Box<dyn std::error::Error>> {
    value.as_str().map_or(Ok(()), |text| Uuid::try_parse(text).map(drop).map_err(Into::into))
}

fn no_schema(error: boon::CompileError) -> anyhow::Error {
    anyhow::anyhow!("a schema cannot be compiled: {error}")
}

/// A document that is being read.
struct Reading<'a> {
    document: &'a Value,
    url: String,
    compiler: &'a mut Compiler,
    schemas: &'a mut Schemas,
}

impl Reading<'_> {
    fn operation(&mut self, pattern: &str, method: &str, operation: &Value) -> anyhow::Result<Operation> {
        let pointer = format!("/paths/{}/{method}", pattern.replace('~', "~0").replace('/', "~1"));
        let (mut path, mut query, mut headers) = (BTreeMap::new(), Vec::new(), Vec::new());
        for (parameter, number) in operation["parameters"].as_array().into_iter().flatten().zip(0..) {
            let read = self.parameter(&format!("{pointer}/parameters/{number}"), parameter)?;
            match parameter["in"].as_str() {
                Some("path") => {
                    let name = format!("{{{}}}", read.name);
                    let at = pattern.split('/').position(|segment| segment == name);
                    path.insert(at.with_context(|| format!("{name} is not in the path"))?, read);
                }
                Some("query") => query.push(read),
                Some("header") => headers.push(read),
                other => bail!("a parameter is in {other:?}"),
            }
        }
        let body = self.body(&pointer, &operation["requestBody"])?;
        Ok(Operation { path, query, headers, body, access: self.access(operation) })
    }

    fn parameter(&mut self, pointer: &str, parameter: &Value) -> anyhow::Result<Parameter> {
        let name = parameter["name"].as_str().context("a parameter has no name")?.to_owned();
        let schema = self.compile(&format!("{pointer}/schema"))?;
        let kind = match self.resolved(&parameter["schema"])["type"].as_str() {
            Some("string") => Kind::Text,
            Some("integer") => Kind::Integer,
            Some("boolean") => Kind::Boolean,
            other => bail!("{name} is {other:?}, which no text is read as"),
        };
        Ok(Parameter { name, is_required: parameter["required"] == true, kind, schema })
    }

    /// Only of JSON a body is judged.
    fn body(&mut self, pointer: &str, body: &Value) -> anyhow::Result<Option<Body>> {
        let media_types: Vec<String> =
            body["content"].as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect();
        let Some(name) = media_types.first().filter(|_| body["required"] == true && media_types.iter().all(is_json))
        else {
            return Ok(None);
        };
        let schema = self.compile(&format!("{pointer}/requestBody/content/{}/schema", name.replace('/', "~1")))?;
        Ok(Some(Body { media_types, schema }))
    }

    fn access(&self, operation: &Value) -> Access {
        let security = operation.get("security").or_else(|| self.document.get("security")).and_then(Value::as_array);
        let needs_token = security.is_some_and(|ways| {
            !ways.is_empty() && ways.iter().all(|way| way.as_object().is_some_and(|names| !names.is_empty()))
        });
        match operation["x-least-role"].as_str() {
            Some(role) => Access::AtLeast(role.to_owned()),
            None if needs_token => Access::Account,
            None => Access::Anyone,
        }
    }

    fn compile(&mut self, pointer: &str) -> anyhow::Result<SchemaIndex> {
        self.compiler.compile(&format!("{}#{pointer}", self.url), self.schemas).map_err(no_schema)
    }

    /// A schema, or the component that it refers to.
    fn resolved<'s>(&'s self, schema: &'s Value) -> &'s Value {
        let referred =
            schema["$ref"].as_str().and_then(|reference| self.document.pointer(reference.strip_prefix('#')?));
        referred.unwrap_or(schema)
    }
}

fn is_json(media_type: &String) -> bool {
    media_type == "application/json" || media_type.ends_with("+json")
}
