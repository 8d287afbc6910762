//! Lets connections in, as many as there are places; and of one address no more than a part of them.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use service_kit::network::{Network, TrustedProxies};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::places::{Place, Places};

/// One network has at most one in so many places. Proxies of ours are not counted: who is behind them is many.
const PART: usize = 16;
/// But so many it has.
const FEWEST: usize = 8;
/// Where no connection can be accepted, it is tried again so much later.
const PAUSE: Duration = Duration::from_millis(50);

/// The places.
#[derive(Debug)]
pub(super) struct Entrance {
    all: Arc<Semaphore>,
    each: Places,
    trusted: TrustedProxies,
}

/// A connection that was let in, for as long as it lives.
#[derive(Debug)]
pub(super) struct Admitted {
    _place: OwnedSemaphorePermit,
    _share: Option<Place>,
}

impl Entrance {
    /// With so many places.
    pub(super) fn new(places: usize, trusted: TrustedProxies) -> Self {
        let each = Places::new(places, (places / PART).max(FEWEST));
        Self { all: Arc::new(Semaphore::new(places)), each, trusted }
    }

    /// The next connection, when there is a place for it; more wait in the backlog.
    pub(super) async fn accept(&self, listener: &TcpListener) -> (TcpStream, SocketAddr, Admitted) {
        loop {
            let place = Arc::clone(&self.all).acquire_owned().await.expect("it is never closed");
            match listener.accept().await {
                Ok((stream, peer)) => match self.admit(place, peer) {
                    Some(admitted) => return (stream, peer, admitted),
                    None => measures::gateway::CLOSED.with(["address"]).increment(1),
                },
                Err(error) => {
                    tracing::warn!(%error, "no connection can be accepted");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    fn admit(&self, place: OwnedSemaphorePermit, peer: SocketAddr) -> Option<Admitted> {
        let address = peer.ip().to_canonical();
        let share = match self.trusted.contains(address) {
            true => None,
            false => Some(self.each.take(&Network::of_address(address))?),
        };
        Some(Admitted { _place: place, _share: share })
    }
}
