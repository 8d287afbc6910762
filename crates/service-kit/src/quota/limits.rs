//! What callers are told of quotas: `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10), and
//! the problem of a request too many.

use std::time::Duration;

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};

use super::Quota;
use crate::Problem;
use crate::problem::Kind;

const POLICY: &str = "ratelimit-policy";
const LIMIT: &str = "ratelimit";

/// A quota that a request was counted against, and what is left of it.
#[derive(Clone, Debug)]
pub(super) struct Limit {
    pub(super) quota: Quota,
    /// `account` or `network`.
    pub(super) by: &'static str,
    pub(super) most: u32,
    pub(super) seconds: u32,
    pub(super) left: u32,
}

/// The quotas that a request was counted against.
#[derive(Clone, Debug, Default)]
pub struct Limits(Vec<Limit>);

impl Limit {
    fn name(&self) -> String {
        format!("{}-per-{}", self.quota.name(), self.by)
    }

    fn policy(&self) -> String {
        format!("\"{}\";q={};w={}", self.name(), self.most, self.seconds)
    }

    /// With the seconds until all of it is there again.
    fn state(&self) -> String {
        let (taken, most) = (u64::from(self.most - self.left), u64::from(self.most.max(1)));
        let full = (taken * u64::from(self.seconds)).div_ceil(most);
        format!("\"{}\";r={};t={full}", self.name(), self.left)
    }
}

impl Limits {
    pub(super) fn add(&mut self, limit: Limit) {
        self.0.push(limit);
    }

    /// The problem of a request over this one, which a caller may make again after the wait.
    pub(super) fn exceeded(&mut self, limit: Limit, wait: Duration) -> Problem {
        let detail = format!(
            "at most {} requests of the kind `{}` are taken from one {} within {} s",
            limit.most,
            limit.quota.name(),
            limit.by,
            limit.seconds
        );
        let violated = vec![limit.name()];
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        self.add(limit);
        Problem::new(&Kind::QUOTA_EXCEEDED, detail)
            .with("violated-policies", violated)
            .retry_after(u32::try_from(seconds).unwrap_or(u32::MAX).max(1))
            .header(POLICY, &self.list(Limit::policy))
            .header(LIMIT, &self.list(Limit::state))
    }

    /// Says in the headers of an answer how much is left.
    pub fn show(&self, headers: &mut HeaderMap) {
        for (name, value) in [(POLICY, self.list(Limit::policy)), (LIMIT, self.list(Limit::state))] {
            if let (false, Ok(value)) = (value.is_empty(), HeaderValue::try_from(value)) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
    }

    fn list(&self, item: fn(&Limit) -> String) -> String {
        self.0.iter().map(item).collect::<Vec<_>>().join(", ")
    }
}
