//! A client that costs little, for load that shares the machine with the server. It knows as much of HTTP/1.1 as our
//! servers speak: one request at a time over a connection that is kept, answers with a `Content-Length`.

use std::fmt::Write as _;
use std::io::{Error, ErrorKind, Result};
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// A request; its body is a text, or any bytes.
#[derive(Debug)]
pub struct Request<'a, B: ?Sized = str> {
    /// `POST`.
    pub method: &'a str,
    /// Path and query.
    pub path: &'a str,
    /// Names in lower case, and values.
    pub headers: &'a [(&'a str, &'a str)],
    /// JSON, or other bytes, or nothing.
    pub body: &'a B,
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Response {
    /// The status.
    pub status: u16,
    head: String,
    /// The body, whole.
    pub body: Vec<u8>,
}

/// One connection, made when it is first needed and after it broke.
#[derive(Debug)]
pub struct Client {
    address: SocketAddr,
    deadline: Duration,
    stream: Option<TcpStream>,
    buffer: Vec<u8>,
}

impl<B: AsRef<[u8]> + ?Sized> Request<'_, B> {
    /// The request as it goes over the wire.
    #[must_use]
    pub fn bytes(&self, host: SocketAddr) -> Vec<u8> {
        let Self { method, path, headers, body } = self;
        let mut text = format!("{method} {path} HTTP/1.1\r\nhost: {host}\r\n");
        let body: &[u8] = body.as_ref();
        for (name, value) in *headers {
            // Writing to a string cannot fail.
            let _ = write!(text, "{name}: {value}\r\n");
        }
        if !body.is_empty() {
            let _ = write!(text, "content-type: application/json\r\ncontent-length: {}\r\n", body.len());
        }
        text.push_str("\r\n");
        [text.as_bytes(), body].concat()
    }
}

impl Response {
    /// An answer that came in another way than over a connection of this client's.
    #[must_use]
    pub fn of(status: u16, headers: &[(&str, &str)], body: Vec<u8>) -> Self {
        let head = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        Self { status, head, body }
    }

    /// A header's value.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(':'));
        lines.find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }

    /// Whether the status is one of success.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The answer for an error message.
    #[must_use]
    pub fn shown(&self) -> String {
        format!("{} {}", self.status, String::from_utf8_lossy(&self.body))
    }
}

impl Client {
    /// A client of the server there, which has so long for each answer.
    #[must_use]
    pub fn new(address: SocketAddr, deadline: Duration) -> Self {
        Self { address, deadline, stream: None, buffer: Vec::with_capacity(8192) }
    }

    /// Sends a request (see [`Request::bytes`]) and reads the answer.
    ///
    /// # Errors
    /// The connection broke, or no answer came in time.
    pub async fn send(&mut self, request: &[u8]) -> Result<Response> {
        let exchanged = timeout(self.deadline, self.exchange(request)).await;
        let response = exchanged.unwrap_or_else(|_| Err(Error::from(ErrorKind::TimedOut)));
        let closes = |response: &Response| response.header("connection").is_some_and(|value| value == "close");
        if response.as_ref().map_or(true, closes) {
            self.stream = None;
        }
        response
    }

    async fn exchange(&mut self, request: &[u8]) -> Result<Response> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => {
                let stream = TcpStream::connect(self.address).await?;
                stream.set_nodelay(true)?;
                stream
            }
        };
        stream.write_all(request).await?;
        self.buffer.clear();
        let response = loop {
            if let Some(response) = parse(&self.buffer)? {
                break response;
            }
            if stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(Error::from(ErrorKind::UnexpectedEof));
            }
        };
        self.stream = Some(stream);
        Ok(response)
    }
}

/// The answer, if it is whole.
fn parse(bytes: &[u8]) -> Result<Option<Response>> {
    let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
    let wrong = |what: &str| Error::new(ErrorKind::InvalidData, what.to_owned());
    let head = std::str::from_utf8(&bytes[..end]).map_err(|_| wrong("the head is no text"))?;
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or_else(|| wrong("no status"))?;
    let response = Response { status, head: head.to_owned(), body: Vec::new() };
    if response.header("transfer-encoding").is_some() {
        return Err(wrong("an answer in chunks"));
    }
    let length: usize = response.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let body = &bytes[end + 4..];
    Ok((body.len() >= length).then(|| Response { body: body[..length].to_vec(), ..response }))
}

#[cfg(test)]
mod tests;
