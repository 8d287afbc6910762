//! Commands that are sent together: in one bulk request those that wait while others are on their way. Each has an
//! outcome of its own, and is tried again by itself.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use reqwest::{Response, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tokio::sync::{Semaphore, mpsc, oneshot};

use super::answer::{LARGEST, Said};

/// The most commands of a request, and about the most bytes: what the command API takes.
const MOST: usize = 500;
const MOST_BYTES: usize = 4_000_000;
/// Requests on their way at once: a command that follows another does not wait for all that were sent with that.
const AT_ONCE: usize = 4;
/// Commands that wait to be sent.
const QUEUED: usize = 1_024;

/// Sends the body of a bulk request.
pub(super) type Post = Arc<dyn Fn(Vec<u8>) -> BoxFuture<'static, Result<Response, Said>> + Send + Sync>;

/// A command, as the line of a bulk request that it is.
#[derive(Serialize)]
pub(super) struct Line<'a> {
    pub(super) id: String,
    pub(super) method: &'a str,
    pub(super) path: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) if_match: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) body: Option<&'a RawValue>,
}

/// What sends commands together.
#[derive(Clone)]
pub(super) struct Together(mpsc::Sender<Waiting>);

/// A command that waits for its outcome.
struct Waiting {
    id: String,
    line: Vec<u8>,
    outcome: oneshot::Sender<Said>,
}

/// The outcome of a line.
#[derive(Deserialize)]
struct Outcome<'a> {
    id: Option<String>,
    status: u16,
    retry_after: Option<u64>,
    #[serde(borrow)]
    body: Option<&'a RawValue>,
}

impl Together {
    /// Begins to send; it ends when no one can ask any more. Needs a running Tokio.
    pub(super) fn begin(post: Post) -> Self {
        let (sender, waiting) = mpsc::channel(QUEUED);
        tokio::spawn(send_all(post, waiting));
        Self(sender)
    }

    /// What the command API says to a command.
    pub(super) async fn say(&self, line: &Line<'_>) -> Said {
        let (outcome, said) = oneshot::channel();
        let text = serde_json::to_vec(line).expect("texts and what is JSON already have a JSON form");
        let waiting = Waiting { id: line.id.clone(), line: text, outcome };
        let ended = || Said::Nothing { detail: "the import is ending".to_owned(), answered: false };
        if self.0.send(waiting).await.is_err() {
            return ended();
        }
        said.await.unwrap_or_else(|_| ended())
    }
}

async fn send_all(post: Post, mut queue: mpsc::Receiver<Waiting>) {
    let (places, mut next) = (Arc::new(Semaphore::new(AT_ONCE)), None);
    loop {
        let first = match next.take() {
            Some(waiting) => Some(waiting),
            None => queue.recv().await,
        };
        let (Some(first), Ok(place)) = (first, Arc::clone(&places).acquire_owned().await) else { return };
        let (mut bytes, mut batch) = (first.line.len(), vec![first]);
        while batch.len() < MOST
            && let Ok(waiting) = queue.try_recv()
        {
            bytes += waiting.line.len() + 1;
            if bytes > MOST_BYTES {
                next = Some(waiting);
                break;
            }
            batch.push(waiting);
        }
        let post = Arc::clone(&post);
        tokio::spawn(async move {
            send(&post, batch).await;
            drop(place);
        });
    }
}

/// Sends a request, and tells each command its outcome; those that get none, why.
async fn send(post: &Post, batch: Vec<Waiting>) {
    let (mut body, mut waiting) = (Vec::new(), HashMap::new());
    for Waiting { id, line, outcome } in batch {
        body.extend(line);
        body.push(b'\n');
        waiting.insert(id, outcome);
    }
    let said = match post(body).await {
        Ok(response) if response.status() == StatusCode::OK => tell(response, &mut waiting).await,
        Ok(response) => Said::whole(response).await,
        Err(said) => said,
    };
    for outcome in waiting.into_values() {
        // Its command may not wait any more.
        let _ = outcome.send(said.clone());
    }
}

/// Tells outcomes as they come; what is said to those that have none.
async fn tell(mut response: Response, waiting: &mut HashMap<String, oneshot::Sender<Said>>) -> Said {
    let mut read = Vec::new();
    let broken = |detail: &str| Said::Nothing { detail: detail.to_owned(), answered: true };
    loop {
        let Ok(chunk) = response.chunk().await else { return broken("the answer broke off") };
        let Some(chunk) = chunk else { return broken("the answer ended without the command's outcome") };
        read.extend_from_slice(&chunk);
        while let Some(end) = read.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = read.drain(..=end).collect();
            let Ok(outcome) = serde_json::from_slice::<Outcome<'_>>(&line) else { continue };
            let Some(waiting) = outcome.id.as_ref().and_then(|id| waiting.remove(id)) else { continue };
            let _ = waiting.send(outcome.said());
        }
        if read.len() > LARGEST {
            return broken("an outcome is too long");
        }
    }
}

impl Outcome<'_> {
    fn said(&self) -> Said {
        let body = self.body.map_or_else(Vec::new, |body| body.get().as_bytes().to_vec());
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_GATEWAY);
        Said::Something { status, after: self.retry_after.map(Duration::from_secs), body }
    }
}
