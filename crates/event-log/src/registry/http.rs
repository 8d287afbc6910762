//! Two HTTP clients. The one that knows TLS reads and parses the machine's certificates when it is made, which takes
//! tens of milliseconds of a core: a process that talks to its registry in the clear does not need it.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use reqwest::header::CONTENT_TYPE;
use reqwest::{Method, StatusCode};

use super::{RegistryError, unavailable};

/// How long one call may take.
const DEADLINE: Duration = Duration::from_secs(5);
/// No schema and no explanation is larger.
const LARGEST: usize = 4 << 20;
const JSON: &str = "application/vnd.schemaregistry.v1+json";

/// A client. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) enum Http {
    Plain(Arc<Client<HttpConnector, Full<Bytes>>>),
    /// Also speaks to proxies, and with a user's name and password.
    Any(reqwest::Client),
}

impl Http {
    /// One that is good for this address.
    pub(super) fn fit_for(url: &str) -> Result<Self, RegistryError> {
        if is_plain(url) && !behind_proxy() {
            return Ok(Self::Plain(Arc::new(Client::builder(TokioExecutor::new()).build_http())));
        }
        reqwest::Client::builder().timeout(DEADLINE).build().map(Self::Any).map_err(unavailable)
    }

    /// Asks; gives the status and the body.
    pub(super) async fn ask(
        &self,
        method: Method,
        url: &str,
        body: Option<String>,
    ) -> Result<(StatusCode, Bytes), RegistryError> {
        match self {
            Self::Plain(client) => tokio::time::timeout(DEADLINE, ask_plainly(client, method, url, body))
                .await
                .map_err(|_| RegistryError::Unavailable("it does not answer in time".into()))?,
            Self::Any(client) => {
                let request = client.request(method, url).header(CONTENT_TYPE, JSON).body(body.unwrap_or_default());
                let response = request.send().await.map_err(unavailable)?;
                Ok((response.status(), response.bytes().await.map_err(unavailable)?))
            }
        }
    }
}

async fn ask_plainly(
    client: &Client<HttpConnector, Full<Bytes>>,
    method: Method,
    url: &str,
    body: Option<String>,
) -> Result<(StatusCode, Bytes), RegistryError> {
    let request = http::Request::builder()
        .method(method)
        .uri(url)
        .header(CONTENT_TYPE, JSON)
        .body(Full::from(body.unwrap_or_default()))
        .map_err(unavailable)?;
    let response = client.request(request).await.map_err(unavailable)?;
    let status = response.status();
    let body = Limited::new(response.into_body(), LARGEST).collect().await;
    let body = body.map_err(|error| RegistryError::Unavailable(error.to_string()))?;
    Ok((status, body.to_bytes()))
}

/// Neither encrypted nor with a user's name.
fn is_plain(url: &str) -> bool {
    url.strip_prefix("http://").is_some_and(|rest| !rest.split('/').next().unwrap_or_default().contains('@'))
}

fn behind_proxy() -> bool {
    ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"].iter().any(|name| std::env::var_os(name).is_some())
}

#[cfg(test)]
mod tests;
