//! A Confluent-compatible schema registry over HTTP.

mod http;
mod restore;
#[cfg(test)]
mod tests;

use reqwest::Method;
use serde::Deserialize;
use serde_json::json;

use crate::schemas;
use http::Http;
pub use restore::InUse;

/// A client of the registry. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Registry {
    url: String,
    http: Http,
}

/// Why the registry did not do as asked.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// It does not answer, or not as a registry does: what stands before it answers, or it cannot now.
    #[error("the schema registry cannot be reached: {0}")]
    Unavailable(String),
    /// The registry itself answered no: there is no such schema or subject, or the schema is not compatible.
    #[error("the schema registry refused: {0}")]
    Refused(String),
    /// This registry has no such function.
    #[error("the schema registry cannot do that: {0}")]
    Unsupported(String),
    /// It has another schema where the log has one of ours: it was lost, and begun anew or brought back without its
    /// ids.
    #[error("the schema registry contradicts the log: {0}; `command-services schemas restore` brings it back")]
    Contradicts(String),
}

impl RegistryError {
    /// A refusal in other words; what is none stays.
    fn explained(self, explain: impl FnOnce(String) -> String) -> Self {
        match self {
            Self::Refused(why) => Self::Refused(explain(why)),
            other @ (Self::Unavailable(_) | Self::Unsupported(_) | Self::Contradicts(_)) => other,
        }
    }
}

#[derive(Deserialize)]
struct Id {
    id: u32,
}

#[derive(Deserialize)]
struct SchemaText {
    schema: String,
}

impl Registry {
    /// The registry at `url`, the root of its Confluent API.
    ///
    /// # Errors
    /// The HTTP client cannot be made.
    pub fn new(url: &str) -> Result<Self, RegistryError> {
        Ok(Self { url: url.trim_end_matches('/').to_owned(), http: Http::fit_for(url)? })
    }

    /// The text of the schema with this id.
    ///
    /// # Errors
    /// See [`RegistryError`].
    pub async fn schema(&self, id: u32) -> Result<String, RegistryError> {
        Ok(self.ask::<SchemaText>(Method::GET, &format!("/schemas/ids/{id}"), None).await?.schema)
    }

    /// The id that `text` is registered under in `subject`.
    ///
    /// # Errors
    /// See [`RegistryError`].
    pub async fn id_of(&self, subject: &str, text: &str) -> Result<u32, RegistryError> {
        let body = json!({"schema": text}).to_string();
        let found = self.ask::<Id>(Method::POST, &format!("/subjects/{subject}"), Some(body)).await;
        let found = found.map_err(|error| {
            error.explained(|why| format!("{subject} is not registered as this program has it ({why})"))
        });
        Ok(found?.id)
    }

    /// Registers `text` under `subject`; the same text again is no change.
    ///
    /// # Errors
    /// It is not compatible with what is registered there, or see [`RegistryError`].
    pub async fn register(&self, subject: &str, text: &str) -> Result<u32, RegistryError> {
        self.demand_compatibility(subject).await?;
        let body = json!({"schema": text}).to_string();
        match self.ask::<Id>(Method::POST, &format!("/subjects/{subject}/versions"), Some(body)).await {
            Ok(Id { id }) => Ok(id),
            // Another may have registered the same at this moment: some registries then say that it is there already,
            // in the words in which they refuse what is not compatible.
            Err(error) => self
                .id_of(subject, text)
                .await
                .map_err(|_| error.explained(|why| format!("{subject}: {}", with_field_names(why, text)))),
        }
    }

    async fn demand_compatibility(&self, subject: &str) -> Result<(), RegistryError> {
        let body = json!({"compatibility": "FULL_TRANSITIVE"}).to_string();
        let rule = || Some(body.clone());
        match self.ask::<serde_json::Value>(Method::PUT, &format!("/config/{subject}"), rule()).await {
            Ok(_) => Ok(()),
            // Some registries know no rule for a subject that is not there yet; the global one then holds.
            Err(RegistryError::Refused(_)) => {
                self.ask::<serde_json::Value>(Method::PUT, "/config", rule()).await.map(|_| ())
            }
            Err(error) => Err(error),
        }
    }

    /// Registers every record that goes to `topic`, and says which it registered under which id.
    ///
    /// # Errors
    /// See [`Registry::register`]; what was registered before the first error stays.
    pub async fn register_context(
        &self,
        topic: &str,
        context: &str,
    ) -> Result<Vec<(&'static str, u32)>, RegistryError> {
        let mut registered = Vec::new();
        for name in schemas::of_context(context) {
            let text = schemas::text_of(name).unwrap_or_default();
            registered.push((name, self.register(&subject(topic, name), text).await?));
        }
        Ok(registered)
    }

    async fn ask<T: serde::de::DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<String>,
    ) -> Result<T, RegistryError> {
        let (status, answer) = self.http.ask(method, &format!("{}{path}", self.url), body).await?;
        if status.is_success() {
            return serde_json::from_slice(&answer).map_err(unavailable);
        }
        let text: String = String::from_utf8_lossy(&answer).chars().take(500).collect();
        if is_final(&answer) {
            Err(RegistryError::Refused(format!("{status}: {text}")))
        } else if matches!(status.as_u16(), 404 | 405 | 501) && path.starts_with("/mode") {
            Err(RegistryError::Unsupported(format!("{status}: {text}")))
        } else {
            Err(RegistryError::Unavailable(format!("{status}: {text}")))
        }
    }
}

/// Whether the registry itself says no, and waiting does not help. Its codes have five digits, of which the first three
/// are HTTP's; a schema that is not compatible is 409. A proxy's 404, a 401 or a 429 say nothing of schemas.
fn is_final(answer: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Problem {
        error_code: u32,
    }
    let code = serde_json::from_slice::<Problem>(answer).map(|problem| problem.error_code);
    matches!(code, Ok(409 | 40_401..=40_403 | 42_201..=42_299))
}

/// The subject of a record on a topic (TopicRecordName).
#[must_use]
pub fn subject(topic: &str, name: &str) -> String {
    format!("{topic}-{name}")
}

/// A registry says `/fields/8/type`; a person wants to know which field that is in the schema they have.
fn with_field_names(why: String, text: &str) -> String {
    let schema: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
    let fields = schema["fields"].as_array().map(Vec::as_slice).unwrap_or_default();
    fields.iter().enumerate().fold(why, |why, (place, field)| {
        let name = field["name"].as_str().unwrap_or_default();
        why.replace(&format!("/fields/{place}/"), &format!("/fields/{place} ({name})/"))
    })
}

fn unavailable(error: impl std::error::Error) -> RegistryError {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    RegistryError::Unavailable(text)
}
