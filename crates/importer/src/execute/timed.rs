//! What is to happen to a post by itself: it is said after each `PUT`, also when that changed nothing, for an earlier
//! run may have ended between the two. A time that a file does not have any more stays: what its author set by hand
//! may be meant.

use reqwest::Method;
use serde_json::json;

use crate::client::{Answer, Client, Command, Problem, Stopped};
use crate::plan::PostPlan;

/// Whether something changed; or why it was refused.
pub(super) type Said = Result<bool, Problem>;

impl PostPlan {
    /// Sets the times that the file has. That of the release is only for a draft: what is published already is
    /// unpublished before.
    pub(super) async fn set_times(&self, client: &Client, path: &str) -> Result<Said, Stopped> {
        let (release, expiry) = (self.release.as_deref(), self.expiry.as_deref());
        let expires = self.set(client, path, "expiry", expiry).await?;
        let released = match self.set(client, path, "schedule", release).await? {
            Err(problem) if problem.name == "published" => {
                if let Err(problem) = say(client, Method::POST, format!("{path}/unpublish"), vec![]).await? {
                    return Ok(Err(problem));
                }
                self.set(client, path, "schedule", release).await?
            }
            released => released,
        };
        // A former release is after the new expiry: now there is the new one.
        let expires = match expires {
            Err(_) if release.is_some() => self.set(client, path, "expiry", expiry).await?,
            expires => expires,
        };
        Ok(released.and_then(|released| Ok(released | expires?)))
    }

    async fn set(&self, client: &Client, path: &str, what: &str, at: Option<&str>) -> Result<Said, Stopped> {
        let Some(at) = at else { return Ok(Ok(false)) };
        let body = json!({ "at": at }).to_string().into_bytes();
        say(client, Method::PUT, format!("{path}/{what}"), body).await
    }

    /// Has a post not expire: the file says that it is published, and its expiry has passed.
    pub(super) async fn withdraw_expiry(&self, client: &Client, path: &str) -> Result<Said, Stopped> {
        say(client, Method::DELETE, format!("{path}/expiry"), vec![]).await
    }
}

/// Sends a command, and says whether it changed anything.
pub(super) async fn say(client: &Client, method: Method, path: String, body: Vec<u8>) -> Result<Said, Stopped> {
    Ok(match client.send(&Command { method, path, if_match: None, body }).await? {
        Answer::Done { reply, .. } => Ok(reply.changed),
        Answer::Refused(problem) => Err(problem),
    })
}
