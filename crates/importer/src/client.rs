//! The command API's client: a command, tried again until it is answered or patience ends; by itself, or together with
//! others that are under way.
//!
//! A command that is tried again carries the same `Idempotency-Key`, so it cannot be applied twice. The keys are of
//! this run only: in another run the same command is a new question. (Were they not, a file that was changed and
//! changed back within the time that the server remembers keys would get the first reply again, and stay changed.)

mod answer;
mod backoff;
mod together;

pub(crate) use answer::{Answer, Problem, Reply};

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context;
use futures::FutureExt as _;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue, IF_MATCH};
use reqwest::{Method, RequestBuilder, StatusCode, Url};
use serde_json::value::RawValue;
use uuid::Uuid;

use answer::Said;
use backoff::Backoff;
use together::{Line, Together};

/// How long one attempt may take. The server answers or gives up sooner.
const DEADLINE: Duration = Duration::from_secs(15);
/// The same for commands that are sent together: few of them are under way at once.
const DEADLINE_TOGETHER: Duration = Duration::from_secs(60);
/// Where commands are sent together.
const BULK: &str = "/v1/bulk";
/// How long we wait for a server that has not answered anything yet: it is more likely not there than busy.
const PATIENCE_AT_FIRST: Duration = Duration::from_secs(5);

/// What passes, said or not: the same request may succeed a moment later.
const PASSING: [StatusCode; 5] = [
    StatusCode::REQUEST_TIMEOUT,
    StatusCode::TOO_MANY_REQUESTS,
    StatusCode::BAD_GATEWAY,
    StatusCode::SERVICE_UNAVAILABLE,
    StatusCode::GATEWAY_TIMEOUT,
];

/// Why an import ended before its end. What was imported until then stays, and running it again goes on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Stopped {
    /// The server does not accept the token.
    #[error(
        "{url} does not accept the token: {detail}. Get a new one and run the import again; it goes on where it stopped"
    )]
    Unauthorized {
        /// The server.
        url: String,
        /// What it says.
        detail: String,
    },
    /// Nothing answers.
    #[error("{url} cannot be reached: {detail}. Is inklog running? (INKLOG_COMMANDS_URL or --url says where)")]
    Unreachable {
        /// The server.
        url: String,
        /// What happened.
        detail: String,
    },
    /// The server answers, but takes no commands.
    #[error("{url} took no command for {seconds} s: {detail}. Run the import again; it goes on where it stopped")]
    Unavailable {
        /// The server.
        url: String,
        /// How long it was tried.
        seconds: u64,
        /// What it says.
        detail: String,
    },
}

/// A command to send.
#[derive(Clone, Debug)]
pub(crate) struct Command {
    /// The method.
    pub method: Method,
    /// The path, below the server's address.
    pub path: String,
    /// What must be there.
    pub if_match: Option<IfMatch>,
    /// The body, empty for none: JSON, and of `/v1/media` the bytes themselves.
    pub body: Vec<u8>,
}

/// What must be there for a command to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IfMatch {
    /// Anything.
    Any,
    /// This version.
    Version(i64),
}

impl IfMatch {
    fn header(self) -> String {
        match self {
            Self::Any => "*".to_owned(),
            Self::Version(version) => format!("\"{version}\""),
        }
    }
}

/// A connection to the command API. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    url: Url,
    authorization: HeaderValue,
    run: Uuid,
    patience: Duration,
    seen: Arc<Seen>,
    /// What sends its commands, if not each by itself.
    together: Option<Together>,
}

/// What its clones have seen.
#[derive(Default)]
struct Seen {
    answered: AtomicBool,
    retries: AtomicU64,
}

impl Client {
    pub(crate) fn new(url: &str, token: &str, in_flight: usize, patience: Duration) -> anyhow::Result<Self> {
        let url: Url = url.parse().with_context(|| format!("INKLOG_COMMANDS_URL (--url): `{url}` is no address"))?;
        anyhow::ensure!(
            matches!(url.scheme(), "http" | "https") && url.has_host(),
            "INKLOG_COMMANDS_URL (--url): `{url}` is not an http or https address"
        );
        // It is shown in messages, and a password does not belong there.
        anyhow::ensure!(
            url.username().is_empty() && url.password().is_none(),
            "INKLOG_COMMANDS_URL (--url): an address with a user name or password is not taken"
        );
        let mut authorization = HeaderValue::try_from(format!("Bearer {}", token.trim()))
            .ok()
            .context("INKLOG_TOKEN (--token) has characters that no token has")?;
        authorization.set_sensitive(true);
        let mut builder = reqwest::Client::builder()
            .timeout(DEADLINE)
            .connect_timeout(Duration::from_secs(5))
            .pool_max_idle_per_host(in_flight)
            .redirect(reqwest::redirect::Policy::none());
        if is_loopback(&url) {
            builder = builder.no_proxy(); // a proxy cannot reach what runs on this machine
        }
        let http = builder.build().context("the HTTP client cannot be set up")?;
        let (run, seen) = (Uuid::new_v4(), Arc::default());
        Ok(Self { http, url, authorization, run, patience, seen, together: None })
    }

    /// The same client, whose commands are sent together, where several are under way. Needs a running Tokio.
    pub(crate) fn together(&self) -> Self {
        let client = self.clone();
        let post = move |body| {
            let request = client.request(Method::POST, BULK).timeout(DEADLINE_TOGETHER);
            let sent = request.header(CONTENT_TYPE, "application/x-ndjson").body(body).send();
            async move { sent.await.map_err(|error| unsaid(&error)) }.boxed()
        };
        Self { together: Some(Together::begin(Arc::new(post))), ..self.clone() }
    }

    /// How often a command was sent again.
    pub(crate) fn retries(&self) -> u64 {
        self.seen.retries.load(Ordering::Relaxed)
    }

    /// Sends a command until it is answered.
    pub(crate) async fn send(&self, command: &Command) -> Result<Answer, Stopped> {
        let key = self.idempotency_key(command);
        let started = Instant::now();
        let mut backoff = Backoff::new(key);
        loop {
            let again = match self.attempt(command, key).await {
                Attempt::Answered(answer) => return Ok(answer),
                Attempt::Unauthorized(detail) => {
                    return Err(Stopped::Unauthorized { url: self.url.to_string(), detail });
                }
                Attempt::Again(again) => again,
            };
            let pause = backoff.next(again.after);
            if started.elapsed() + pause > self.patience_now() {
                return Err(self.gave_up(again, started.elapsed()));
            }
            self.seen.retries.fetch_add(1, Ordering::Relaxed);
            tracing::debug!(reason = again.detail, pause_ms = pause.as_millis(), "command is sent again");
            tokio::time::sleep(pause).await;
        }
    }

    fn patience_now(&self) -> Duration {
        let has_answered = self.seen.answered.load(Ordering::Relaxed);
        if has_answered { self.patience } else { self.patience.min(PATIENCE_AT_FIRST) }
    }

    fn gave_up(&self, again: Again, elapsed: Duration) -> Stopped {
        let (url, detail) = (self.url.to_string(), again.detail);
        if again.answered {
            Stopped::Unavailable { url, seconds: elapsed.as_secs(), detail }
        } else {
            Stopped::Unreachable { url, detail }
        }
    }

    /// The same for the same command of this run, and for no other.
    fn idempotency_key(&self, command: &Command) -> Uuid {
        let head = format!("{} {} {:?}\n", command.method, command.path, command.if_match);
        Uuid::new_v5(&self.run, &[head.as_bytes(), &command.body].concat())
    }

    async fn attempt(&self, command: &Command, key: Uuid) -> Attempt {
        let key = format!("import-{key}");
        let said = match &self.together {
            Some(together) => together.say(&line(command, key)).await,
            None => self.say(command, &key).await,
        };
        if !matches!(said, Said::Nothing { answered: false, .. }) {
            self.seen.answered.store(true, Ordering::Relaxed);
        }
        classify(said)
    }

    /// Sends a command by itself.
    async fn say(&self, command: &Command, key: &str) -> Said {
        let mut request = self.request(command.method.clone(), &command.path).header("Idempotency-Key", key);
        if let Some(if_match) = command.if_match {
            request = request.header(IF_MATCH, if_match.header());
        }
        if !command.body.is_empty() {
            let kind = if command.path == "/v1/media" { "application/octet-stream" } else { "application/json" };
            request = request.header(CONTENT_TYPE, kind).body(command.body.clone());
        }
        match request.send().await {
            Ok(response) => Said::whole(response).await,
            Err(error) => unsaid(&error),
        }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let mut url = self.url.clone();
        url.set_path(&format!("{}{path}", self.url.path().trim_end_matches('/')));
        self.http.request(method, url).header(AUTHORIZATION, self.authorization.clone())
    }
}

fn line(command: &Command, id: String) -> Line<'_> {
    let Command { method, path, if_match, body } = command;
    let body = (!body.is_empty())
        .then(|| serde_json::from_slice::<&RawValue>(body).expect("the body of a command was made by serde_json"));
    Line { id, method: method.as_str(), path, if_match: if_match.map(IfMatch::header), body }
}

fn unsaid(error: &reqwest::Error) -> Said {
    Said::Nothing { detail: cause(error), answered: false }
}

enum Attempt {
    Answered(Answer),
    Unauthorized(String),
    Again(Again),
}

/// Why a request is tried again.
struct Again {
    detail: String,
    after: Option<Duration>,
    answered: bool,
}

fn classify(said: Said) -> Attempt {
    let (status, after, body) = match said {
        Said::Something { status, after, body } => (status, after, body),
        // The command may have been applied: asking again with the same key gives the truth.
        Said::Nothing { detail, answered } => return Attempt::Again(Again { detail, after: None, answered }),
    };
    match status {
        status if status.is_success() => match serde_json::from_slice::<Reply>(&body) {
            Ok(reply) => Attempt::Answered(Answer::Done { created: status == StatusCode::CREATED, reply }),
            Err(_) => {
                let detail = "the reply is not that of the command API".to_owned();
                Attempt::Answered(Answer::Refused(Problem { status: status.as_u16(), detail, ..Problem::default() }))
            }
        },
        StatusCode::UNAUTHORIZED => Attempt::Unauthorized(Problem::read(status, &body).detail),
        // Whatever says when to come again is asked again.
        status if after.is_some() || PASSING.contains(&status) => {
            Attempt::Again(Again { detail: Problem::read(status, &body).detail, after, answered: true })
        }
        _ => Attempt::Answered(Answer::Refused(Problem::read(status, &body))),
    }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// What went wrong in the end: the outermost errors of an HTTP client only say that something did.
fn cause(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "no answer in time".into();
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests;
