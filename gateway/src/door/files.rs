//! How many files, and so connections, the system lets the process have open.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// For all that is no connection of a client or to a service.
const OTHERS: u64 = 512;

/// How many connections may be open, of those that are wanted, beside `services` to services; where there are few
/// files, as many to services as of clients. The system's limit is raised as far as it lets itself be raised.
pub(super) fn connections(wanted: usize, services: usize) -> usize {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let raised = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
    let files = if raised.is_ok() { maximum } else { current };
    let possible = bounded(wanted, services, files);
    if possible < wanted {
        tracing::warn!(wanted, possible, ?files, "there are fewer connections than wanted: the limit of open files");
    }
    possible
}

/// `None`: there is no limit.
fn bounded(wanted: usize, services: usize, files: Option<u64>) -> usize {
    let rest = |files: u64| {
        let both = files.saturating_sub(OTHERS);
        (both - (services as u64).min(both / 2)).max(1)
    };
    usize::try_from(files.map_or(u64::MAX, rest)).map_or(wanted, |possible| wanted.min(possible))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_as_many_connections_as_files_allow_and_the_limit_is_as_high_as_it_may_be() {
        assert_eq!(bounded(20_000, 4_000, None), 20_000);
        assert_eq!(bounded(20_000, 4_000, Some(1_048_576)), 20_000);
        assert_eq!(bounded(20_000, 4_000, Some(20_000)), 15_488);
        assert_eq!(bounded(20_000, 4_000, Some(1_024)), 256);
        assert_eq!(bounded(20_000, 4_000, Some(100)), 1);
        connections(20_000, 4_000);
        let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
        assert_eq!(current, maximum);
    }
}
