//! A Confluent-compatible schema registry over HTTP.

use std::time::Duration;

use serde::Deserialize;
use serde_json::json;

use crate::codec::subject;
use crate::schemas;

/// How long one call may take.
const DEADLINE: Duration = Duration::from_secs(5);
const CONTENT_TYPE: &str = "application/vnd.schemaregistry.v1+json";

/// A client of the registry. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Registry {
    url: String,
    http: reqwest::Client,
}

/// Why the registry did not do as asked.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// It does not answer, or answers that it cannot now.
    #[error("the schema registry cannot be reached: {0}")]
    Unavailable(String),
    /// It answered no: there is no such schema, or it is not compatible.
    #[error("the schema registry refused: {0}")]
    Refused(String),
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
        let http = reqwest::Client::builder().timeout(DEADLINE).build().map_err(unavailable)?;
        Ok(Self { url: url.trim_end_matches('/').to_owned(), http })
    }

    /// The text of the schema with this id.
    ///
    /// # Errors
    /// See [`RegistryError`].
    pub async fn schema(&self, id: u32) -> Result<String, RegistryError> {
        let request = self.http.get(format!("{}/schemas/ids/{id}", self.url));
        Ok(answer::<SchemaText>(request).await?.schema)
    }

    /// The id that `text` is registered under in `subject`.
    ///
    /// # Errors
    /// See [`RegistryError`].
    pub async fn id_of(&self, subject: &str, text: &str) -> Result<u32, RegistryError> {
        let request = self.http.post(format!("{}/subjects/{subject}", self.url));
        let request = request.header("content-type", CONTENT_TYPE).body(json!({"schema": text}).to_string());
        answer::<Id>(request).await.map(|id| id.id).map_err(|error| match error {
            RegistryError::Refused(why) => {
                RegistryError::Refused(format!("{subject} is not registered as this program has it ({why})"))
            }
            unavailable @ RegistryError::Unavailable(_) => unavailable,
        })
    }

    /// Registers `text` under `subject`; the same text again is no change.
    ///
    /// # Errors
    /// It is not compatible with what is registered there, or see [`RegistryError`].
    pub async fn register(&self, subject: &str, text: &str) -> Result<u32, RegistryError> {
        self.demand_compatibility(subject).await?;
        let request = self.http.post(format!("{}/subjects/{subject}/versions", self.url));
        let request = request.header("content-type", CONTENT_TYPE).body(json!({"schema": text}).to_string());
        answer::<Id>(request).await.map(|id| id.id).map_err(|error| match error {
            RegistryError::Refused(why) => {
                RegistryError::Refused(format!("{subject}: {}", with_field_names(why, text)))
            }
            unavailable @ RegistryError::Unavailable(_) => unavailable,
        })
    }

    async fn demand_compatibility(&self, subject: &str) -> Result<(), RegistryError> {
        let body = json!({"compatibility": "FULL_TRANSITIVE"}).to_string();
        let request = self.http.put(format!("{}/config/{subject}", self.url));
        match answer::<serde_json::Value>(request.header("content-type", CONTENT_TYPE).body(body.clone())).await {
            Ok(_) => Ok(()),
            // Some registries know no rule for a subject that is not there yet; the global one then holds.
            Err(RegistryError::Refused(_)) => {
                let request = self.http.put(format!("{}/config", self.url));
                answer::<serde_json::Value>(request.header("content-type", CONTENT_TYPE).body(body)).await.map(|_| ())
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

async fn answer<T: serde::de::DeserializeOwned>(request: reqwest::RequestBuilder) -> Result<T, RegistryError> {
    let response = request.send().await.map_err(unavailable)?;
    let status = response.status();
    if status.is_success() {
        return response.json().await.map_err(unavailable);
    }
    let text: String = response.text().await.unwrap_or_default().chars().take(500).collect();
    if status.is_client_error() {
        Err(RegistryError::Refused(format!("{status}: {text}")))
    } else {
        Err(RegistryError::Unavailable(format!("{status}: {text}")))
    }
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
