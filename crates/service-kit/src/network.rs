//! Where a request comes from, as far as that can be believed.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use actix_web::HttpRequest;
use actix_web::http::header::HeaderName;
use ipnet::IpNet;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// What callers are counted by, as text: an IPv4 address, or an IPv6 network of 64 bits, which is what one subscriber
/// gets. Empty where the transport has no addresses.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Network(pub String);

impl Network {
    /// Where a request comes from: the last address that is not of a proxy of ours. What that address says about others
    /// is hearsay, and not looked at. Register [`TrustedProxies`] as `app_data`; without them only the peer counts.
    ///
    /// `Forwarded` (RFC 7239) is not read: a proxy that writes the one header lets a caller's own other one pass.
    #[must_use]
    pub fn of(request: &HttpRequest) -> Self {
        let Some(peer) = request.peer_addr() else { return Self(String::new()) };
        let peer = peer.ip().to_canonical();
        match request.app_data::<TrustedProxies>() {
            Some(trusted) if trusted.contains(peer) => {
                let lines = request.headers().get_all(X_FORWARDED_FOR).map(|line| line.as_bytes());
                Self::of_address(trusted.beyond(peer, lines))
            }
            Some(trusted) => {
                trusted.notice(peer, request);
                Self::of_address(peer)
            }
            None => Self::of_address(peer),
        }
    }

    /// The network of this address.
    #[must_use]
    pub fn of_address(address: IpAddr) -> Self {
        Self(match address {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                format!("{}/64", Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
        })
    }
}

/// An address as proxies write it: alone, with a port, in brackets, in quotes.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim().trim_matches('"');
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let address = bare.parse().or_else(|_| text.parse::<SocketAddr>().map(|address| address.ip()));
    address.ok().map(|address| address.to_canonical())
}

/// The proxies of ours that stand before a service: addresses and networks, as `10.0.0.0/8,2001:db8::7`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies {
    networks: Arc<[IpNet]>,
    forgotten: Arc<Forgotten>,
}

/// Whether a proxy was seen that is not among them.
#[derive(Debug, Default)]
struct Forgotten(AtomicBool);

impl PartialEq for Forgotten {
    /// What was seen makes no other list.
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Forgotten {}

impl TrustedProxies {
    /// Whether this address is one of a proxy of ours.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        self.networks.iter().any(|network| network.contains(&address))
    }

    /// Whom `peer` was asked by: goes back along the proxies, in the lines of `X-Forwarded-For`. Each adds, at the end,
    /// whom it was asked by.
    pub fn beyond<'a>(&self, peer: IpAddr, lines: impl Iterator<Item = &'a [u8]>) -> IpAddr {
        let hops: Vec<&[u8]> = lines.flat_map(|line| line.split(|byte| *byte == b',')).collect();
        let mut seen = peer;
        for hop in hops.into_iter().rev() {
            // Behind what cannot be read is no caller that can be told apart: such requests are the proxy's.
            match std::str::from_utf8(hop).ok().and_then(address) {
                Some(address) if self.contains(seen) => seen = address,
                Some(_) | None => break,
            }
        }
        seen
    }

    /// Says once that a proxy seems to have been forgotten: a peer of a private network that names another address,
    /// as a client out there has no reason to. All who come by it are counted as one, and lock each other out.
    fn notice(&self, peer: IpAddr, request: &HttpRequest) -> bool {
        let is_near = is_private(peer) && request.headers().contains_key(X_FORWARDED_FOR);
        let is_first = is_near && !self.forgotten.0.swap(true, Ordering::Relaxed);
        if is_first {
            tracing::warn!(
                %peer,
                "a peer of a private network sends X-Forwarded-For and is not in INKLOG_TRUSTED_PROXIES: if it is a \
                 proxy of yours, name it there, for all who come by it count as one caller now"
            );
        }
        is_first
    }
}

/// Whether an address is of this machine, or of a network that is not reached from everywhere (RFC 1918, RFC 6598,
/// RFC 4193, link-local).
fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            let [first, second, ..] = address.octets();
            let is_shared = first == 100 && second & 0xc0 == 64;
            address.is_loopback() || address.is_private() || address.is_link_local() || is_shared
        }
        IpAddr::V6(address) => address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local(),
    }
}

impl FromStr for TrustedProxies {
    type Err = String;

    fn from_str(list: &str) -> Result<Self, String> {
        let wrong = |entry: &str| format!("`{entry}` is no address and no network such as 10.0.0.0/8");
        let network = |entry: &str| {
            let address = |_| entry.parse::<IpAddr>().map(IpNet::from);
            entry.parse::<IpNet>().or_else(address).map_err(|_| wrong(entry))
        };
        let entries = list.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        let networks = entries.map(network).collect::<Result<_, _>>()?;
        Ok(Self { networks, forgotten: Arc::default() })
    }
}

#[cfg(test)]
mod tests;
