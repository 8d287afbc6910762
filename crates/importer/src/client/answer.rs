//! What the command API answers.

use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::RETRY_AFTER;
use serde::Deserialize;
use uuid::Uuid;

/// The largest answer that is read; the real ones have less than a kilobyte.
pub(super) const LARGEST: usize = 64 * 1024;

/// What was said to a command.
#[derive(Clone, Debug)]
pub(super) enum Said {
    /// This.
    Something {
        /// The HTTP status.
        status: StatusCode,
        /// When to come again.
        after: Option<Duration>,
        /// The body.
        body: Vec<u8>,
    },
    /// Nothing, or not all.
    Nothing {
        /// Why.
        detail: String,
        /// Whether the server answered at all.
        answered: bool,
    },
}

impl Said {
    /// What a response says.
    pub(super) async fn whole(response: reqwest::Response) -> Self {
        let status = response.status();
        let after = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.trim().parse().ok());
        match bounded(response).await {
            Ok(body) => Self::Something { status, after: after.map(Duration::from_secs), body },
            Err(detail) => Self::Nothing { detail, answered: true },
        }
    }
}

/// An answer to a command.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// It was done, or was so already.
    Done {
        /// Whether the aggregate came to be.
        created: bool,
        /// The reply.
        reply: Reply,
    },
    /// It was not done.
    Refused(Problem),
}

/// The reply to a command that was done.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Reply {
    /// Whether an event was appended.
    pub changed: bool,
    /// The aggregate's version.
    pub version: i64,
    /// What it is called: a post's slug, an account's user name; nothing of what has none.
    #[serde(default, alias = "slug", alias = "user_name")]
    pub name: String,
    /// Where a picture or a file is served; nothing of what is none.
    #[serde(default)]
    pub address: String,
}

/// Why a command was not done.
#[derive(Clone, Debug, Default)]
pub(crate) struct Problem {
    /// The HTTP status.
    pub status: u16,
    /// The last part of the problem's type.
    pub name: String,
    /// What it says.
    pub detail: String,
    /// The aggregate's current version, where the problem is that it was not named.
    pub version: Option<i64>,
    /// The category that has the slug.
    pub category_id: Option<Uuid>,
    /// The members that are wrong.
    pub errors: Vec<MemberError>,
}

/// A member of the body that is wrong.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct MemberError {
    /// Which.
    pub pointer: String,
    /// What is wrong with it.
    pub detail: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Document {
    r#type: String,
    title: String,
    detail: String,
    version: Option<i64>,
    category_id: Option<Uuid>,
    errors: Vec<MemberError>,
}

impl Problem {
    /// Reads a problem document; one that cannot be read says just the status.
    pub(crate) fn read(status: StatusCode, body: &[u8]) -> Self {
        let Document { r#type, title, detail, version, category_id, errors } =
            serde_json::from_slice(body).unwrap_or_default();
        let name = r#type.strip_prefix("urn:inklog:problem:").unwrap_or_default().to_owned();
        let said = [detail, title].into_iter().find(|text| !text.is_empty());
        let detail = said.unwrap_or_else(|| status.to_string());
        Self { status: status.as_u16(), name, detail, version, category_id, errors }
    }
}

/// The body of a response, or why there is none.
async fn bounded(mut response: reqwest::Response) -> Result<Vec<u8>, String> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|_| "the answer broke off".to_owned())? {
        if body.len() + chunk.len() > LARGEST {
            return Err(format!("the answer has more than {LARGEST} bytes"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
