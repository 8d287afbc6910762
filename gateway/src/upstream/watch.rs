//! Keeps an eye on replicas: looks names up, and asks each replica whether it is ready.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::future::join_all;
use http::{Request, StatusCode, Uri};

use super::Upstream;
use super::client::{Client, Outgoing};
use super::replica::{Readiness, Replica};
use crate::discovery::Lookup;

/// A check that takes longer has failed.
const DEADLINE: Duration = Duration::from_secs(3);

/// Watches an upstream for as long as the process lives.
pub(super) async fn watch(
    upstream: Arc<Upstream>,
    client: Client,
    mut lookup: Lookup,
    resolve: Duration,
    check: Duration,
) {
    let mut looked = Instant::now();
    loop {
        upstream.check(&client).await;
        tokio::time::sleep(check).await;
        if lookup.may_change() && looked.elapsed() >= resolve {
            upstream.choice.replace(lookup.look().await);
            looked = Instant::now();
        }
    }
}

impl Upstream {
    async fn check(&self, client: &Client) {
        let all = self.choice.all();
        join_all(all.iter().map(|replica| self.check_one(client, replica))).await;
        let now = Instant::now();
        let state = |replica: &Arc<Replica>| match replica.readiness() {
            _ if replica.is_ejected(now) => "ejected",
            Readiness::Ready => "ready",
            Readiness::Unready | Readiness::Unknown => "unready",
        };
        for name in ["ready", "unready", "ejected"] {
            let number = all.iter().filter(|replica| state(replica) == name).count();
            measures::gateway::REPLICAS.with([self.name.as_str(), name]).set(number as f64);
        }
        measures::gateway::LIMIT.with([self.name.as_str()]).set(f64::from(self.limiter.limit()));
    }

    async fn check_one(&self, client: &Client, replica: &Replica) {
        let readiness = readiness(client, replica).await;
        if replica.checked(readiness) {
            let (upstream, address) = (self.name.as_str(), &replica.authority);
            tracing::info!(upstream, %address, ready = readiness == Readiness::Ready, "a replica has changed");
        }
    }
}

async fn readiness(client: &Client, replica: &Replica) -> Readiness {
    let uri = Uri::builder().scheme("http").authority(replica.authority.clone()).path_and_query("/readyz").build();
    let Ok(uri) = uri else { return Readiness::Unready };
    let mut request = Request::new(Outgoing::none());
    *request.uri_mut() = uri;
    match tokio::time::timeout(DEADLINE, client.request(request)).await {
        Ok(Ok(answer)) if answer.status() == StatusCode::OK => Readiness::Ready,
        Ok(Ok(_) | Err(_)) | Err(_) => Readiness::Unready,
    }
}
