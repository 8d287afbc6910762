//! The settings of the store.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use object_store::aws::AmazonS3Builder;
use object_store::prefix::PrefixStore;
use object_store::{BackoffConfig, ClientOptions, ObjectStore, RetryConfig};
use url::Url;

use super::Store;
use super::crypto::Hashes;

/// Where pictures and files are.
#[derive(Args, Clone, Debug)]
pub struct StoreArgs {
    /// Where pictures and files are: `file:///folder`, which all processes share, or `s3://bucket/prefix`. The folder
    /// is never made: it is there, and what is stored first puts a marker in it, without which nothing is stored any
    /// more, for its disk may not be mounted. What S3 needs besides is in its usual variables (`AWS_REGION`,
    /// `AWS_ACCESS_KEY_ID`, `AWS_WEB_IDENTITY_TOKEN_FILE`, …). Without it nothing is taken.
    #[arg(long, env = "INKLOG_MEDIA_STORE", value_name = "URL", value_parser = address)]
    pub media_store: Option<Url>,
    /// The address of what speaks S3, where that is not Amazon.
    #[arg(long, env = "INKLOG_MEDIA_S3_ENDPOINT", value_name = "URL")]
    pub media_s3_endpoint: Option<Url>,
}

fn address(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| error.to_string())?;
    match url.scheme() {
        "file" if url.to_file_path().is_ok() => Ok(url),
        "s3" if url.has_host() => Ok(url),
        _ => Err("must be file:///folder or s3://bucket/prefix".into()),
    }
}

impl StoreArgs {
    /// The store; `None` where there is none.
    ///
    /// # Errors
    /// A setting of S3 cannot be read.
    pub fn open(&self) -> anyhow::Result<Option<Store>> {
        let Some(url) = &self.media_store else { return Ok(None) };
        match url.to_file_path() {
            Ok(folder) if url.scheme() == "file" => Ok(Some(Store::in_folder(folder))),
            _ => Ok(Some(Store::of(self.s3(url)?))),
        }
    }

    fn s3(&self, url: &Url) -> anyhow::Result<Arc<dyn ObjectStore>> {
        let endpoint = self.media_s3_endpoint.as_ref();
        let options = ClientOptions::new()
            .with_allow_http(endpoint.is_some_and(|endpoint| endpoint.scheme() == "http"))
            .with_connect_timeout(Duration::from_secs(3))
            .with_timeout(Duration::from_secs(15));
        let backoff = BackoffConfig { max_backoff: Duration::from_secs(2), ..BackoffConfig::default() };
        let retry = RetryConfig { backoff, max_retries: 3, retry_timeout: Duration::from_secs(10) };
        let bucket = url.host_str().context("INKLOG_MEDIA_STORE names no bucket")?;
        let builder = AmazonS3Builder::from_env()
            .with_bucket_name(bucket)
            .with_client_options(options)
            .with_retry(retry)
            .with_crypto_provider(Arc::new(Hashes));
        let builder = match endpoint {
            Some(endpoint) => builder.with_endpoint(endpoint.as_str().trim_end_matches('/')),
            None => builder,
        };
        let bucket = builder.build().context("opening INKLOG_MEDIA_STORE")?;
        match url.path().trim_matches('/') {
            "" => Ok(Arc::new(bucket)),
            prefix => Ok(Arc::new(PrefixStore::new(bucket, prefix))),
        }
    }
}
