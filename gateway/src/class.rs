//! Classes of routes: how long they may take, how much they take, and how often they may be asked.

use std::time::Duration;

use crate::args::EdgeArgs;

const KIB: u64 = 1024;

/// What a route is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Class {
    /// What changes nothing.
    Reads,
    /// What changes something.
    Writes,
    /// Requests of callers who have yet to show who they are.
    Attempts,
    /// Pictures and files that are brought.
    Uploads,
    /// Many commands in one request.
    Bulk,
    /// All that is held about an account.
    Exports,
}

impl Class {
    /// All of them.
    #[cfg(test)]
    pub(crate) const ALL: [Self; 6] =
        [Self::Reads, Self::Writes, Self::Attempts, Self::Uploads, Self::Bulk, Self::Exports];

    /// Its name, for programs.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Reads => "reads",
            Self::Writes => "writes",
            Self::Attempts => "attempts",
            Self::Uploads => "uploads",
            Self::Bulk => "bulk",
            Self::Exports => "exports",
        }
    }

    /// How long the answer may take to begin, once the body is there.
    pub(crate) fn timeout(self, edge: &EdgeArgs) -> Duration {
        match self {
            Self::Reads | Self::Writes | Self::Attempts => edge.answer_timeout,
            Self::Uploads | Self::Bulk | Self::Exports => 4 * edge.answer_timeout,
        }
    }

    /// The largest body in bytes: what the services take, and a little more, for they say better what is wrong.
    pub(crate) const fn body(self, edge: &EdgeArgs) -> u64 {
        match self {
            Self::Reads | Self::Exports => 64 * KIB,
            Self::Attempts => 128 * KIB,
            Self::Writes => 4 * KIB * KIB,
            Self::Bulk => 8 * KIB * KIB,
            Self::Uploads => edge.media_max_bytes.saturating_add(KIB * KIB),
        }
    }

    /// Whether the service may answer while the body still comes, however small that is.
    pub(crate) const fn is_streamed(self) -> bool {
        matches!(self, Self::Bulk | Self::Uploads)
    }

    /// Whether the time that an answer takes says how busy its service is. The others wait for their client, or for a
    /// place of which a caller has a few.
    pub(crate) const fn says_how_busy(self) -> bool {
        match self {
            Self::Reads | Self::Writes | Self::Attempts => true,
            Self::Uploads | Self::Bulk | Self::Exports => false,
        }
    }

    /// How many requests in a minute one account may make, and one address.
    pub(crate) const fn rate(self) -> Rate {
        match self {
            Self::Reads => Rate { account: 3_000, address: 6_000 },
            Self::Writes => Rate { account: 1_200, address: 2_400 },
            Self::Attempts => Rate { account: 600, address: 600 },
            Self::Uploads => Rate { account: 240, address: 960 },
            Self::Bulk => Rate { account: 120, address: 480 },
            Self::Exports => Rate { account: 12, address: 60 },
        }
    }
}

/// Requests in a minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rate {
    /// Of one account.
    pub(crate) account: u32,
    /// Of one address.
    pub(crate) address: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limits_are_those_of_the_decision() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/adr/0027-limits-before-quotas.md");
        let text = std::fs::read_to_string(path).unwrap().replace(',', "");
        for class in Class::ALL {
            let Rate { account, address } = class.rate();
            let row = format!("| `{}` | {account} | {address} |", class.name());
            assert!(text.contains(&row), "{row}");
        }
    }
}
