//! Where public keys come from, and how what is read of them is kept fresh.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use anyhow::Context as _;

use super::jwks::Jwks;
use super::key_set::KeySet;
use super::verify::TokenVerifier;

/// A file is looked at so often.
const FILE_EVERY: Duration = Duration::from_secs(2);
/// An address is asked so often: a key that was withdrawn is believed for no longer, where the address answers at once.
pub(super) const URL_EVERY: Duration = Duration::from_secs(10);
/// An address is asked no more often than this, whatever key ids tokens make up.
const URL_AT_MOST_EVERY: Duration = Duration::from_secs(5);
/// How long an address may take to answer.
pub(super) const DEADLINE: Duration = Duration::from_secs(5);
/// A longer answer is not ours.
const LARGEST_BYTES: usize = 64 * 1024;

/// Where the keys are published.
#[derive(Clone, Debug)]
pub enum JwksSource {
    /// In a file.
    File(PathBuf),
    /// At an address.
    Url(String),
}

impl FromStr for JwksSource {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.starts_with("http://") || text.starts_with("https://") {
            return Ok(Self::Url(text.to_owned()));
        }
        // A file that cannot be read is a bad argument, and named like one.
        read(text.as_ref()).map_err(|error| format!("{error:#}"))?;
        Ok(Self::File(text.into()))
    }
}

impl JwksSource {
    /// Reads the keys, and keeps reading them for as long as the process lives. Needs a running Tokio.
    pub fn keep_fresh(&self, verifier: TokenVerifier) {
        if let Self::File(path) = self
            && let Ok(jwks) = read(path)
        {
            verifier.publish(&jwks);
        }
        let source = self.clone();
        tokio::spawn(async move {
            let keys = verifier.keys();
            let mut last = None;
            loop {
                match source.fetch().await {
                    Ok(jwks) if last.as_ref() != Some(&jwks) => {
                        verifier.publish(&jwks);
                        tracing::info!(keys = jwks.keys.len(), "token keys were read");
                        last = Some(jwks);
                    }
                    Ok(_) => {}
                    // What was read before stays good.
                    Err(error) => tracing::warn!(error = format!("{error:#}"), "token keys could not be read"),
                }
                source.rest(&keys).await;
            }
        });
    }

    async fn rest(&self, keys: &KeySet) {
        match self {
            Self::File(_) => tokio::time::sleep(FILE_EVERY).await,
            Self::Url(_) => {
                tokio::time::sleep(URL_AT_MOST_EVERY).await;
                let _ = tokio::time::timeout(URL_EVERY - URL_AT_MOST_EVERY, keys.missed()).await;
            }
        }
    }

    async fn fetch(&self) -> anyhow::Result<Jwks> {
        match self {
            Self::File(path) => read(path),
            Self::Url(url) => {
                let http = reqwest::Client::builder().timeout(DEADLINE).no_proxy().build()?;
                let response = http.get(url).send().await?.error_for_status()?;
                anyhow::ensure!(
                    response.content_length().unwrap_or_default() <= LARGEST_BYTES as u64,
                    "the answer is too long"
                );
                let bytes = response.bytes().await?;
                serde_json::from_slice(&bytes).context("the answer is no JWKS")
            }
        }
    }
}

fn read(path: &std::path::Path) -> anyhow::Result<Jwks> {
    let text = std::fs::read(path).context("cannot be read")?;
    serde_json::from_slice(&text).context("is no JWKS")
}
