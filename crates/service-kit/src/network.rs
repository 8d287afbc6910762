//! Where a request comes from, as far as that can be believed.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::str::FromStr;
use std::sync::Arc;

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
            Some(trusted) if trusted.contains(peer) => Self::of_address(beyond(trusted, peer, request)),
            Some(_) | None => Self::of_address(peer),
        }
    }

    fn of_address(address: IpAddr) -> Self {
        Self(match address {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                format!("{}/64", Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
        })
    }
}

/// Goes back along the proxies. Each adds, at the end, whom it was asked by.
fn beyond(trusted: &TrustedProxies, peer: IpAddr, request: &HttpRequest) -> IpAddr {
    let lines = request.headers().get_all(X_FORWARDED_FOR).map(|line| line.as_bytes());
    let hops: Vec<&[u8]> = lines.flat_map(|line| line.split(|byte| *byte == b',')).collect();
    let mut seen = peer;
    for hop in hops.into_iter().rev() {
        // Behind what cannot be read is no caller that can be told apart: such requests are the proxy's.
        match std::str::from_utf8(hop).ok().and_then(address) {
            Some(address) if trusted.contains(seen) => seen = address,
            Some(_) | None => break,
        }
    }
    seen
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
pub struct TrustedProxies(Arc<[IpNet]>);

impl TrustedProxies {
    fn contains(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
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
        entries.map(network).collect::<Result<_, _>>().map(Self)
    }
}

#[cfg(test)]
mod tests;
