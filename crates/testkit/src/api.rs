//! HTTP as a client of ours speaks it.

use std::time::Duration;

use reqwest::header::HeaderMap;
use reqwest::redirect::Policy;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;

use crate::contract::Exchange;

/// Longer than any command or query may take.
const DEADLINE: Duration = Duration::from_secs(20);

/// Is told of every answer: the method, the path, the status.
pub type Observer = fn(&Method, &str, u16, &HeaderMap);

/// A client of one process, with or without a token. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Api {
    http: Client,
    url: String,
    token: Option<String>,
    observer: Option<Observer>,
    is_documented: bool,
}

/// What a process answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, if it is JSON.
    pub body: Value,
    /// The body.
    pub text: String,
}

/// A request being put together.
#[derive(Debug)]
pub struct Call {
    request: RequestBuilder,
    method: Method,
    path: String,
    observer: Option<Observer>,
    is_documented: bool,
    /// The JSON that is sent.
    sent: Option<Value>,
}

impl Api {
    /// A client without a token.
    ///
    /// # Panics
    /// There is no TLS library.
    #[must_use]
    pub fn new(url: &str) -> Self {
        let builder = Client::builder().no_proxy().timeout(DEADLINE).redirect(Policy::none());
        let http = builder.build().expect("a client can be made");
        Self { http, url: url.to_owned(), token: None, observer: None, is_documented: false }
    }

    /// The same client with a listener that is told of every answer.
    #[must_use]
    pub fn observed_by(&self, observer: Observer) -> Self {
        Self { observer: Some(observer), ..self.clone() }
    }

    /// The same client, which every answer has to be documented to: else the test fails, with the difference.
    #[must_use]
    pub fn held_to_documents(&self) -> Self {
        Self { is_documented: true, ..self.clone() }
    }

    /// The same client, which may send what is not documented.
    #[must_use]
    pub fn freely(&self) -> Self {
        Self { is_documented: false, ..self.clone() }
    }

    /// The same client with a token.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    /// A request.
    #[must_use]
    pub fn call(&self, method: Method, path: &str) -> Call {
        let request = self.http.request(method.clone(), format!("{}{path}", self.url));
        let request = match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        let (observer, is_documented) = (self.observer, self.is_documented);
        Call { request, method, path: path.to_owned(), observer, is_documented, sent: None }
    }

    /// A GET.
    #[must_use]
    pub fn get(&self, path: &str) -> Call {
        self.call(Method::GET, path)
    }

    /// A POST.
    #[must_use]
    pub fn post(&self, path: &str) -> Call {
        self.call(Method::POST, path)
    }

    /// A PUT.
    #[must_use]
    pub fn put(&self, path: &str) -> Call {
        self.call(Method::PUT, path)
    }

    /// A PATCH.
    #[must_use]
    pub fn patch(&self, path: &str) -> Call {
        self.call(Method::PATCH, path)
    }

    /// A DELETE.
    #[must_use]
    pub fn delete(&self, path: &str) -> Call {
        self.call(Method::DELETE, path)
    }
}

impl Call {
    /// With a JSON body.
    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        let sent = self.is_documented.then(|| body.clone());
        Self { sent, ..self.with(|request| request.json(body)) }
    }

    /// With any body.
    #[must_use]
    pub fn body(self, body: impl Into<reqwest::Body>) -> Self {
        self.with(|request| request.body(body))
    }

    /// With a header.
    #[must_use]
    pub fn header(self, name: &str, value: &str) -> Self {
        self.with(|request| request.header(name, value))
    }

    /// With an `Idempotency-Key`.
    #[must_use]
    pub fn key(self, key: &str) -> Self {
        self.header("Idempotency-Key", key)
    }

    /// On condition of a version.
    #[must_use]
    pub fn if_match(self, version: u64) -> Self {
        self.header("If-Match", &format!("\"{version}\""))
    }

    /// Where it may end before the answer.
    #[must_use]
    pub fn within(self, deadline: Duration) -> Self {
        self.with(|request| request.timeout(deadline))
    }

    fn with(self, change: impl FnOnce(RequestBuilder) -> RequestBuilder) -> Self {
        Self { request: change(self.request), ..self }
    }

    /// Sends it.
    ///
    /// # Panics
    /// There is no answer.
    pub async fn send(self) -> Answer {
        self.attempt().await.expect("the process answers")
    }

    /// Sends it, which may fail.
    ///
    /// # Errors
    /// There is no answer.
    ///
    /// # Panics
    /// It is not as documented, where the client is held to documents.
    pub async fn attempt(self) -> Result<Answer, reqwest::Error> {
        let Self { request, method, path, observer, is_documented, sent } = self;
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        if let Some(observer) = observer {
            observer(&method, &path, status, &headers);
        }
        let text = response.text().await?;
        if is_documented {
            let (method, path, sent) = (&method, &*path, sent.as_ref());
            let exchange = Exchange { method, path, sent, status, headers: &headers, text: &text };
            let difference = exchange.difference();
            assert!(difference.is_none(), "{}", difference.unwrap_or_default());
        }
        let body = serde_json::from_str(&text).unwrap_or_default();
        Ok(Answer { status, headers, body, text })
    }
}

impl Answer {
    /// The same, if it has this status.
    ///
    /// # Panics
    /// It has another.
    #[must_use]
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{:#} {:?}", self.body, self.headers);
        self
    }

    /// The same, if it is this problem.
    ///
    /// # Panics
    /// It is none, or another, or says another status than it has.
    #[must_use]
    #[track_caller]
    pub fn problem(self, status: u16, name: &str) -> Self {
        let answer = self.expect(status);
        assert_eq!(answer.header("content-type"), "application/problem+json");
        assert_eq!(answer.body["type"], format!("urn:inklog:problem:{name}"), "{:#}", answer.body);
        assert_eq!(answer.body["status"], status);
        assert!(answer.body["title"].is_string() && answer.body["detail"].is_string());
        answer
    }

    /// Where the body is wrong: the JSON pointer of the one thing that is.
    ///
    /// # Panics
    /// It is something else than one field.
    #[must_use]
    #[track_caller]
    pub fn pointer(&self) -> &str {
        assert_eq!(self.body["errors"].as_array().map(Vec::len), Some(1), "{:#}", self.body);
        self.body["errors"][0]["pointer"].as_str().expect("a wrong field has a pointer")
    }

    /// A header; empty if there is none.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The id that a command replied.
    ///
    /// # Panics
    /// There is none.
    #[must_use]
    #[track_caller]
    pub fn id(&self) -> String {
        self.body["id"].as_str().unwrap_or_else(|| panic!("a reply names an id: {:#}", self.body)).to_owned()
    }

    /// The version that a command replied, in the body and as the entity tag.
    ///
    /// # Panics
    /// The two differ.
    #[must_use]
    #[track_caller]
    pub fn version(&self) -> u64 {
        let version = self.body["version"].as_u64().unwrap_or_else(|| panic!("a version: {:#}", self.body));
        // What never was there has no tag.
        let tag = if version == 0 { String::new() } else { format!("\"{version}\"") };
        assert_eq!(self.header("etag"), tag);
        version
    }

    /// Whether a command changed anything.
    #[must_use]
    pub fn changed(&self) -> bool {
        self.body["changed"] == true
    }

    /// The position token that a command replied.
    ///
    /// # Panics
    /// There is none.
    #[must_use]
    #[track_caller]
    pub fn position(&self) -> String {
        let position = self.header("inklog-position");
        assert!(!position.is_empty(), "every reply of a command has a position");
        position.to_owned()
    }
}
