//! Who reads: a person, as far as a request shows it, told from others by network and program for as long as the
//! request and the seconds until it is counted last.

use std::sync::LazyLock;

use actix_web::HttpRequest;
use actix_web::http::Method;
use actix_web::http::header::{HeaderName, USER_AGENT};
use isbot::Bots;
use service_kit::network::Network;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// What browsers and those that work ahead of them say of a fetch that the reader has not asked for yet: the standard's
/// header (Sec-Purpose, of the Fetch standard), and those from before it.
const PURPOSE: [HeaderName; 4] = [
    HeaderName::from_static("sec-purpose"),
    HeaderName::from_static("purpose"),
    HeaderName::from_static("x-purpose"),
    HeaderName::from_static("x-moz"),
];

static BOTS: LazyLock<Bots> = LazyLock::new(Bots::default);

/// Readers of one network who are told apart by their programs, for one post. An address that tries out names of
/// programs counts so often and no more.
const TOLD_APART: u8 = 16;

/// One reader of one post, the same for all that they ask of it from where they are. Without a key it can be guessed,
/// so it is written nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Visitor(pub(super) [u8; 16]);

impl Visitor {
    /// Who asks for a post.
    pub(super) fn of(request: &HttpRequest, post_id: Uuid) -> Self {
        let network = Network::of(request).0;
        let mut hash = Sha256::new();
        hash.update(post_id.as_bytes());
        hash.update((network.len() as u64).to_be_bytes());
        hash.update(network);
        hash.update([Sha256::digest(user_agent(request).unwrap_or_default())[0] % TOLD_APART]);
        let mut short = [0; 16];
        short.copy_from_slice(&hash.finalize()[..16]);
        Self(short)
    }
}

/// Whether a request is of a person who reads: no other method than GET, nothing that was fetched ahead, no program
/// that says that it is one, or says nothing of itself.
pub(super) fn is_a_reader(request: &HttpRequest) -> bool {
    let ahead = ["prefetch", "prerender", "preview"];
    let says_ahead = |name: &HeaderName| {
        let values = request.headers().get_all(name).filter_map(|value| value.to_str().ok());
        values.map(str::to_ascii_lowercase).any(|value| ahead.iter().any(|word| value.contains(word)))
    };
    let is_person = |agent: &[u8]| std::str::from_utf8(agent).is_ok_and(|agent| !BOTS.is_bot(agent));
    request.method() == Method::GET
        && !PURPOSE.iter().any(says_ahead)
        && user_agent(request).is_some_and(|agent| !agent.is_empty() && is_person(agent))
}

fn user_agent(request: &HttpRequest) -> Option<&[u8]> {
    request.headers().get(USER_AGENT).map(|value| value.as_bytes())
}

#[cfg(test)]
mod tests;
