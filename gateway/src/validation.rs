//! Judges requests by the documents of the services before one is asked (ADR 33): what a service would refuse for what
//! it is costs it no time. A service says the same no to the same fault; where it could say something else first, or
//! take what a document does not tell, it is asked.
//!
//! [`document`] reads what each operation takes, and [`fault`] says what is wrong.

mod document;
mod fault;

use std::collections::HashMap;
use std::fmt;

use boon::Schemas;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderMap, Method};
use percent_encoding::percent_decode_str;
use serde::de::IgnoredAny;
use serde_json::Value;
use service_kit::auth::Verified;
use service_kit::json::{ANONYMOUS_LIMIT_BYTES, syntax};
use service_kit::{FieldError, Problem};
use url::form_urlencoded;

use crate::refusal::Refusal;
use crate::routes::Route;
use document::{Access, Operation, Parameter};

/// What all operations take.
pub(crate) struct Validation {
    schemas: Schemas,
    operations: HashMap<(Method, &'static str), Operation>,
}

/// Judges requests of one operation. To be asked about the requests of those whom its service answers.
#[derive(Clone, Copy)]
pub(crate) struct Judge<'a> {
    schemas: &'a Schemas,
    operation: &'a Operation,
}

impl Validation {
    /// By the documents of the services that this version was built with.
    ///
    /// # Errors
    /// A document has what this version does not understand.
    pub(crate) fn of_services() -> anyhow::Result<Self> {
        let (schemas, operations) = document::of_services()?;
        Ok(Self { schemas, operations })
    }

    /// Who judges this caller's requests of a route. Nobody, where the service is to say first that it does not answer
    /// the caller, or the gateway cannot tell.
    pub(crate) fn judge(&self, route: &Route, caller: Option<&Verified>) -> Option<Judge<'_>> {
        let operation = self.operations.get(&(route.method.clone(), route.pattern))?;
        let is_answered = match &operation.access {
            Access::Anyone => true,
            Access::Account => caller.is_some(),
            Access::AtLeast(role) => caller.is_some_and(|caller| caller.is_at_least(role)),
        };
        is_answered.then_some(Judge { schemas: &self.schemas, operation })
    }
}

impl Judge<'_> {
    /// Judges all but the body.
    ///
    /// # Errors
    /// What the service would say.
    pub(crate) fn head(self, parts: &Parts) -> Result<(), Refusal> {
        self.path(parts.uri.path())?;
        self.headers(&parts.headers)?;
        self.query(parts.uri.query().unwrap_or_default())?;
        self.media_type(&parts.headers)
    }

    /// An id that is none names nothing.
    fn path(self, path: &str) -> Result<(), Refusal> {
        for (segment, at) in path.split('/').zip(0..) {
            let Some(parameter) = self.operation.path.get(&at) else { continue };
            let Ok(text) = percent_decode_str(segment).decode_utf8() else { continue };
            if let Err(fault) = self.text(parameter, &text) {
                let detail = format!("there is nothing at this address: {}: {fault}", parameter.name);
                return Err(Problem::not_found(detail).into());
            }
        }
        Ok(())
    }

    fn headers(self, headers: &HeaderMap) -> Result<(), Refusal> {
        for parameter in &self.operation.headers {
            let name = &parameter.name;
            let fault = match headers.get(name) {
                Some(value) => self.text(parameter, value.to_str().unwrap_or_default()).err(),
                None => parameter.is_required.then(|| "is missing".to_owned()),
            };
            if let Some(fault) = fault {
                return Err(Problem::malformed(format!("{name} {fault}")).into());
            }
        }
        Ok(())
    }

    /// Parameters that are not known here, or come twice, are the service's to judge.
    fn query(self, query: &str) -> Result<(), Refusal> {
        let mut faults = Vec::new();
        for (name, text) in form_urlencoded::parse(query.as_bytes()) {
            let Some(parameter) = self.operation.query.iter().find(|parameter| parameter.name == name) else {
                continue;
            };
            faults.extend(self.text(parameter, &text).err().map(|fault| FieldError::parameter(name, fault)));
        }
        faults.truncate(fault::MOST);
        if faults.is_empty() { Ok(()) } else { Err(Problem::invalid(faults).into()) }
    }

    /// A text is judged as what the service reads it as.
    fn text(self, parameter: &Parameter, text: &str) -> Result<(), String> {
        let value = parameter.kind.read(text)?;
        let outcome = self.schemas.validate(&value, parameter.schema);
        outcome.map_err(|error| fault::of(&error).into_iter().next().map_or_else(String::new, |fault| fault.detail))
    }

    fn media_type(self, headers: &HeaderMap) -> Result<(), Refusal> {
        let Some(body) = &self.operation.body else { return Ok(()) };
        let given = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let essence = given.split(';').next().unwrap_or_default().trim();
        if body.media_types.iter().any(|known| known.eq_ignore_ascii_case(essence)) {
            return Ok(());
        }
        let detail = "the body must be JSON, with Content-Type: application/json";
        Err(Problem::unsupported_media_type(detail).into())
    }

    /// Judges a body, where there ought to be one.
    ///
    /// # Errors
    /// What the service would say.
    pub(crate) fn body(self, headers: &HeaderMap, text: &[u8]) -> Result<(), Refusal> {
        let Some(body) = &self.operation.body else { return Ok(()) };
        // The service says that it is compressed, or too large.
        let is_too_large = self.operation.access == Access::Anyone && text.len() > ANONYMOUS_LIMIT_BYTES;
        if headers.contains_key(CONTENT_ENCODING) || is_too_large {
            return Ok(());
        }
        if text.iter().all(u8::is_ascii_whitespace) {
            return Err(Problem::malformed("the body is empty; it must be JSON").into());
        }
        let value: Value = match serde_json::from_slice(text) {
            Ok(value) => value,
            // It is JSON, but deeper than is read here, or with a number that fits none of ours: the service may read
            // less of it.
            Err(_) if serde_json::from_slice::<IgnoredAny>(text).is_ok() => return Ok(()),
            Err(error) => return Err(syntax(&error).into()),
        };
        match self.schemas.validate(&value, body.schema) {
            // Services measure texts without the white space around them.
            Err(_) if is_padded(&value) => Ok(()),
            outcome => outcome.map_err(|error| Problem::invalid(fault::of(&error)).into()),
        }
    }
}

/// Whether a text in it has white space around it.
fn is_padded(value: &Value) -> bool {
    match value {
        Value::String(text) => text.trim().len() < text.len(),
        Value::Array(all) => all.iter().any(is_padded),
        Value::Object(all) => all.values().any(is_padded),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

impl fmt::Debug for Validation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Validation").field("operations", &self.operations.len()).finish_non_exhaustive()
    }
}

impl fmt::Debug for Judge<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Judge").field("operation", self.operation).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
