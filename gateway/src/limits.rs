//! How often one address and one account may ask for a class of routes: in front of the services' own quotas, and for
//! all gateways together (ADR 27). Limits are leaky buckets (GCRA): a minute's worth may come at once, and then as fast
//! as it drains.

mod local;
mod shared;

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use service_kit::network::Network;
use uuid::Uuid;

use crate::class::Class;
use crate::refusal::Refusal;
use local::Local;
pub(crate) use shared::Shared;

/// Limits are told by the minute.
const MINUTE: Duration = Duration::from_secs(60);
const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LIMIT: HeaderName = HeaderName::from_static("ratelimit");

/// Whom a request is counted for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Whom {
    Account(Uuid),
    Address(String),
}

/// A bucket that a request goes into.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Bucket {
    class: Class,
    whom: Whom,
    /// Requests in a minute.
    most: u32,
}

/// What is in a bucket once a request was counted, or why it was not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Level {
    /// Requests that it takes at once.
    left: u32,
    /// Until it is empty.
    full_for: Duration,
    /// Until it takes this request; nothing where it has taken it.
    wait: Duration,
}

/// Counts requests.
#[derive(Debug)]
pub(crate) struct Limits {
    factor: u32,
    shared: Option<Shared>,
    local: Local,
    /// Tokens that were bad, which each gateway counts for itself: to ask Redis would take longer than to look at one.
    bad_tokens: Local,
}

/// What a request was counted against.
#[derive(Debug, Default)]
pub(crate) struct Counted(Vec<(Bucket, Level)>);

impl Limits {
    /// `factor` times as large as by default; of 0 nothing is counted. Without `shared` each gateway counts for itself.
    pub(crate) fn new(factor: u32, shared: Option<Shared>) -> Self {
        Self { factor, shared, local: Local::default(), bad_tokens: Local::default() }
    }

    /// Counts a request.
    ///
    /// # Errors
    /// 429: it is one too many. Then it is counted nowhere.
    pub(crate) async fn count(
        &self,
        class: Class,
        account: Option<Uuid>,
        network: &Network,
    ) -> Result<Counted, Refusal> {
        if self.factor == 0 {
            return Ok(Counted::default());
        }
        let buckets = self.buckets(class, account, network);
        let shared = match &self.shared {
            Some(shared) => shared.count(&buckets).await,
            None => None,
        };
        let by = if shared.is_some() { "redis" } else { "local" };
        measures::gateway::COUNTED.with([by]).increment(1);
        let levels = shared.unwrap_or_else(|| self.local.count(&buckets));
        let counted = Counted(buckets.into_iter().zip(levels).collect());
        if counted.0.iter().any(|(_, level)| !level.wait.is_zero()) { Err(counted.exceeded()) } else { Ok(counted) }
    }

    /// Whether another token of this network may be looked at: not where as many were bad as it may make attempts.
    ///
    /// # Errors
    /// 429: it may not.
    pub(crate) fn may_try_a_token(&self, network: &Network) -> Result<(), Refusal> {
        if self.factor == 0 {
            return Ok(());
        }
        let buckets = self.buckets(Class::Attempts, None, network);
        let levels = self.bad_tokens.look(&buckets);
        let counted = Counted(buckets.into_iter().zip(levels).collect());
        if counted.0.iter().any(|(_, level)| !level.wait.is_zero()) { Err(counted.exceeded()) } else { Ok(()) }
    }

    /// Counts a token that was bad.
    pub(crate) fn token_was_bad(&self, network: &Network) {
        if self.factor > 0 {
            self.bad_tokens.count(&self.buckets(Class::Attempts, None, network));
        }
    }

    fn buckets(&self, class: Class, account: Option<Uuid>, network: &Network) -> Vec<Bucket> {
        let rate = class.rate();
        let bucket = |whom, most: u32| Bucket { class, whom, most: most.saturating_mul(self.factor) };
        let address = bucket(Whom::Address(network.0.clone()), rate.address);
        account.map(|account| bucket(Whom::Account(account), rate.account)).into_iter().chain([address]).collect()
    }
}

impl Bucket {
    fn by(&self) -> &'static str {
        match self.whom {
            Whom::Account(_) => "account",
            Whom::Address(_) => "address",
        }
    }

    fn name(&self) -> String {
        format!("gateway-{}-per-{}", self.class.name(), self.by())
    }

    /// How long one request takes to drain.
    fn interval(&self) -> Duration {
        (MINUTE / self.most.max(1)).max(Duration::from_micros(1))
    }
}

impl Counted {
    /// Whether it was counted against nothing.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn exceeded(&self) -> Refusal {
        let over = self.0.iter().filter(|(_, level)| !level.wait.is_zero());
        let (bucket, wait) = over
            .clone()
            .map(|(bucket, level)| (bucket, level.wait))
            .max_by_key(|(_, wait)| *wait)
            .expect("it is asked where there is one");
        over.for_each(|(bucket, _)| {
            measures::gateway::LIMITED.with([bucket.class.name(), bucket.by()]).increment(1);
        });
        let detail = format!(
            "at most {} requests of the kind `{}` are taken from one {} in a minute",
            bucket.most,
            bucket.class.name(),
            bucket.by()
        );
        let refusal = Refusal::new(StatusCode::TOO_MANY_REQUESTS, "quota-exceeded", detail).retry_after(wait);
        refusal.header(POLICY, &self.list(policy)).header(LIMIT, &self.list(state))
    }

    /// Says in the headers of an answer how much is left, beside what a service says of its quotas.
    pub(crate) fn show(&self, headers: &mut HeaderMap) {
        for (name, value) in [(POLICY, self.list(policy)), (LIMIT, self.list(state))] {
            if let (false, Ok(value)) = (value.is_empty(), HeaderValue::try_from(value)) {
                headers.append(name, value);
            }
        }
    }

    fn list(&self, item: fn(&Bucket, &Level) -> String) -> String {
        self.0.iter().map(|(bucket, level)| item(bucket, level)).collect::<Vec<_>>().join(", ")
    }
}

fn policy(bucket: &Bucket, _: &Level) -> String {
    format!("\"{}\";q={};w={}", bucket.name(), bucket.most, MINUTE.as_secs())
}

fn state(bucket: &Bucket, level: &Level) -> String {
    format!("\"{}\";r={};t={}", bucket.name(), level.left, level.full_for.as_secs_f64().ceil() as u64)
}

#[cfg(test)]
mod tests;
