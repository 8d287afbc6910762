//! How much one caller may ask for. Every route is of a kind ([`Quota`]), whose requests are counted together: per
//! account, and per network. A quota is a bucket that is refilled at a steady rate (GCRA, by `governor`). Each process
//! counts for itself, in memory: a request costs no question.

mod limits;

pub use limits::Limits;

use std::collections::BTreeSet;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use actix_web::HttpRequest;
use domain::Role;
use governor::clock::{Clock as _, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota as Rate, RateLimiter};
use moka::sync::Cache;
use uuid::Uuid;

use crate::Problem;
use crate::auth::Verified;
use crate::network::Network;
use limits::Limit;

const MINUTE: u32 = 60;
const HOUR: u32 = 60 * MINUTE;
const DAY: u32 = 24 * HOUR;

/// Buckets that are remembered, of all callers and kinds; each costs about 200 bytes. Where there are more, those go
/// that are used rarely.
const REMEMBERED: u64 = 200_000;

/// A kind of request, counted by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Quota {
    /// What changes nothing.
    Reads,
    /// What changes something, and is nothing of what follows.
    Writes,
    /// New posts and series, and posts that are made as given.
    Drafts,
    /// What puts a post before readers.
    Publications,
    /// Invitations to write a post together: each is shown to who is invited.
    Invitations,
    /// Comments: each is shown to all readers of a post.
    Comments,
    /// Reactions and shares, given and taken back: each is a number beside a post, and an event for ever.
    Reactions,
    /// Reports and appeals: a moderator reads each.
    Reports,
    /// People whom one blocks, or does not any more: an event for ever, and a pair that every list looks at.
    Blocks,
    /// Pictures and files that are brought.
    Uploads,
    /// Other user names: each former one is kept from others for a while.
    Renames,
    /// All that is held about an account.
    Exports,
    /// Requests of callers who have yet to show who they are. Bad log-ins are counted besides.
    Attempts,
}

/// Whom an account's requests count as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Standing {
    /// Its address is not confirmed.
    Unconfirmed,
    /// It is.
    Confirmed,
    /// An editor or an admin. Their networks are not looked at.
    Staff,
}

/// How many requests, in so many seconds, an account of each standing and a network may make.
struct Terms {
    seconds: u32,
    /// `None` where no account is known yet.
    account: Option<[u32; 3]>,
    network: u32,
}

const fn terms(seconds: u32, account: Option<[u32; 3]>, network: u32) -> Terms {
    Terms { seconds, account, network }
}

impl Quota {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::Reads,
        Self::Writes,
        Self::Drafts,
        Self::Publications,
        Self::Invitations,
        Self::Comments,
        Self::Reactions,
        Self::Reports,
        Self::Blocks,
        Self::Uploads,
        Self::Renames,
        Self::Exports,
        Self::Attempts,
    ];

    /// Its name, for programs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reads => "reads",
            Self::Writes => "writes",
            Self::Drafts => "drafts",
            Self::Publications => "publications",
            Self::Invitations => "invitations",
            Self::Comments => "comments",
            Self::Reactions => "reactions",
            Self::Reports => "reports",
            Self::Blocks => "blocks",
            Self::Uploads => "uploads",
            Self::Renames => "renames",
            Self::Exports => "exports",
            Self::Attempts => "attempts",
        }
    }

    const fn terms(self) -> Terms {
        match self {
            //                                   unconfirmed, confirmed, staff; network
            Self::Reads => terms(MINUTE, Some([120, 600, 3_000]), 6_000),
            Self::Writes => terms(MINUTE, Some([60, 240, 1_200]), 2_400),
            Self::Drafts => terms(HOUR, Some([30, 240, 3_600]), 960),
            Self::Publications => terms(HOUR, Some([10, 60, 600]), 240),
            Self::Invitations => terms(HOUR, Some([5, 30, 600]), 120),
            Self::Comments => terms(HOUR, Some([20, 120, 3_600]), 480),
            Self::Reactions => terms(HOUR, Some([120, 600, 3_600]), 6_000),
            Self::Reports => terms(HOUR, Some([10, 60, 600]), 240),
            Self::Blocks => terms(HOUR, Some([20, 60, 600]), 240),
            Self::Uploads => terms(HOUR, Some([10, 240, 3_600]), 960),
            Self::Renames => terms(DAY, Some([2, 5, 50]), 50),
            Self::Exports => terms(HOUR, Some([4, 12, 60]), 60),
            Self::Attempts => terms(MINUTE, None, 600),
        }
    }

    /// All of them as a Markdown table: of the documents.
    #[must_use]
    pub fn table() -> String {
        let mut table = "| quota | in | unconfirmed account | confirmed | editor, admin | network |\n".to_owned();
        table.push_str("|---|---|---|---|---|---|\n");
        for quota in Self::ALL {
            let Terms { seconds, account, network } = quota.terms();
            let window = match seconds {
                MINUTE => "a minute",
                HOUR => "an hour",
                _ => "a day",
            };
            let account = account.map_or_else(
                || "– | – | –".to_owned(),
                |[new, confirmed, staff]| format!("{new} | {confirmed} | {staff}"),
            );
            table.push_str(&format!("| `{}` | {window} | {account} | {network} |\n", quota.name()));
        }
        table
    }
}

impl Standing {
    fn of(verified: &Verified) -> Self {
        match verified {
            verified if verified.actor.is_at_least(Role::Editor) => Self::Staff,
            Verified { confirmed: true, .. } => Self::Confirmed,
            Verified { .. } => Self::Unconfirmed,
        }
    }
}

/// Who is counted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Whom {
    Account(Uuid, Standing),
    Network(Network),
}

type Bucket = RateLimiter<NotKeyed, InMemoryState, DefaultClock, StateInformationMiddleware>;

/// What callers have asked for lately: register one for all workers as `app_data`. Without it nothing is counted.
#[derive(Clone)]
pub struct Quotas {
    factor: u32,
    exempt: Arc<BTreeSet<Uuid>>,
    buckets: Cache<(Quota, Whom), Arc<Bucket>>,
}

impl Quotas {
    /// Quotas that are `factor` times as large as by default; of 0 nothing is counted, nor of accounts that are exempt.
    #[must_use]
    pub fn new(factor: u32, exempt: impl IntoIterator<Item = Uuid>) -> Self {
        // A caller who has not asked for as long as the longest quota lasts has all of it again.
        let idle = Duration::from_secs(DAY.into());
        let buckets = Cache::builder().max_capacity(REMEMBERED).time_to_idle(idle).build();
        Self { factor, exempt: Arc::new(exempt.into_iter().collect()), buckets }
    }

    /// Counts a request of the caller that a token names, or of a stranger.
    ///
    /// # Errors
    /// 429: it is one too many.
    pub fn count(&self, quota: Quota, request: &HttpRequest, caller: Option<&Verified>) -> Result<Limits, Problem> {
        let mut limits = Limits::default();
        if self.factor == 0 || caller.is_some_and(|caller| self.exempt.contains(&caller.actor.id)) {
            return Ok(limits);
        }
        let Terms { seconds, account, network } = quota.terms();
        let standing = caller.map(Standing::of);
        if let (Some(caller), Some(standing), Some(account)) = (caller, standing, account) {
            let most = account[standing as usize];
            self.take(quota, Whom::Account(caller.actor.id, standing), most, seconds, &mut limits)?;
        }
        if standing != Some(Standing::Staff) {
            self.take(quota, Whom::Network(Network::of(request)), network, seconds, &mut limits)?;
        }
        Ok(limits)
    }

    fn take(&self, quota: Quota, whom: Whom, most: u32, seconds: u32, limits: &mut Limits) -> Result<(), Problem> {
        let by = match whom {
            Whom::Account(..) => "account",
            Whom::Network(_) => "network",
        };
        let most = most.saturating_mul(self.factor);
        let bucket = self.buckets.get_with((quota, whom), || Arc::new(bucket(most, seconds)));
        let mut limit = Limit { quota, by, most, seconds, left: 0 };
        match bucket.check() {
            Ok(state) => {
                limit.left = state.remaining_burst_capacity();
                limits.add(limit);
                Ok(())
            }
            Err(not_until) => {
                measures::http::OVER_QUOTA.with([quota.name(), by]).increment(1);
                Err(limits.exceeded(limit, not_until.wait_time_from(DefaultClock::default().now())))
            }
        }
    }
}

fn bucket(most: u32, seconds: u32) -> Bucket {
    let most = NonZeroU32::new(most).unwrap_or(NonZeroU32::MIN);
    let one_in = Duration::from_secs(seconds.into()) / most.get();
    let rate = Rate::with_period(one_in.max(Duration::from_nanos(1))).expect("it is longer than nothing");
    RateLimiter::direct(rate.allow_burst(most)).with_middleware()
}

#[cfg(test)]
mod tests;
