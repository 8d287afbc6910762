//! The strict query string: unknown, repeated and bad parameters are named, never ignored.

#![expect(clippy::disallowed_types, reason = "here its refusals become problem details")]

use std::collections::HashSet;
use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::error::QueryPayloadError;
use actix_web::{FromRequest, HttpRequest, web};
use serde::de::DeserializeOwned;

use crate::{FieldError, Problem};

/// A query string. `T` has optional fields only, and `#[serde(deny_unknown_fields)]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(parse(request.query_string()).map(Query))
    }
}

/// Reads a query string strictly.
///
/// # Errors
/// 422, naming every parameter that is wrong.
pub fn parse<T: DeserializeOwned>(query: &str) -> Result<T, Problem> {
    let error = match web::Query::<T>::from_query(query) {
        Ok(parsed) => return Ok(parsed.into_inner()),
        Err(error) => message(&error),
    };
    let faults = faults::<T>(query);
    Err(if faults.is_empty() {
        Problem::malformed(format!("the query string: {error}"))
    } else {
        Problem::invalid(faults)
    })
}

/// The parser says only what is wrong, not where; so each parameter is tried alone.
fn faults<T: DeserializeOwned>(query: &str) -> Vec<FieldError> {
    let mut seen = HashSet::new();
    let mut faults = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let name = name(pair);
        if let Err(error) = web::Query::<T>::from_query(pair) {
            faults.push(FieldError::parameter(name, message(&error)));
        } else if !seen.insert(name.clone()) {
            faults.push(FieldError::parameter(name, "is given twice"));
        }
    }
    faults
}

fn name(pair: &str) -> String {
    let decoded = web::Query::<Vec<(String, String)>>::from_query(pair);
    decoded.ok().and_then(|pairs| pairs.into_inner().into_iter().next()).map(|(name, _)| name).unwrap_or_default()
}

fn message(error: &QueryPayloadError) -> String {
    let text = match error {
        QueryPayloadError::Deserialize(error) => error.to_string(),
        _ => "cannot be read".into(),
    };
    match text.split_once(", ") {
        Some((unknown, expected)) if unknown.starts_with("unknown field") => {
            format!("is not known here; {}", expected.replace('`', ""))
        }
        _ => text,
    }
}

#[cfg(test)]
mod tests;
