//! Who asks, as far as that can be believed.

use std::net::{IpAddr, SocketAddr};

use http::header::HOST;
use http::request::Parts;
use http::{HeaderName, HeaderValue};
use service_kit::network::{Network, TrustedProxies};

const FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// Where a request comes from, and what it was sent to.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    /// The caller: the last address that is not of a proxy of ours.
    pub(crate) address: IpAddr,
    /// What it is counted by.
    pub(crate) network: Network,
    /// Whether the caller's own connection is encrypted.
    pub(crate) is_https: bool,
    /// The host that was asked for.
    pub(crate) host: Option<HeaderValue>,
}

impl Origin {
    /// Of a request from this peer.
    pub(crate) fn of(parts: &Parts, peer: SocketAddr, trusted: &TrustedProxies) -> Self {
        let peer = peer.ip().to_canonical();
        let is_ours = trusted.contains(peer);
        let lines = parts.headers.get_all(FOR).iter().map(HeaderValue::as_bytes);
        let address = if is_ours { trusted.beyond(peer, lines) } else { peer };
        let told = |name: HeaderName| parts.headers.get(name).filter(|_| is_ours);
        let authority = parts.uri.authority().and_then(|authority| HeaderValue::try_from(authority.as_str()).ok());
        Self {
            address,
            network: Network::of_address(address),
            is_https: told(PROTO).is_some_and(|scheme| scheme.as_bytes().eq_ignore_ascii_case(b"https")),
            host: told(FORWARDED_HOST).cloned().or(authority).or_else(|| parts.headers.get(HOST).cloned()),
        }
    }

    /// `http` or `https`.
    pub(crate) fn scheme(&self) -> &'static str {
        if self.is_https { "https" } else { "http" }
    }
}
