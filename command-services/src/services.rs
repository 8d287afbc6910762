//! What the one table of services and their parts, on the front page of this crate, is made into.

use crate::SERVICES;
use crate::logs::Logs;
use crate::part::{Opener, Part};

/// A service's name and its parts.
pub type Parts = (&'static str, &'static [Part]);

/// Opens the logs of a process that runs these services. It follows those of further contexts in which its parts look
/// things up; where it erases accounts, those of all that forget.
#[must_use]
pub fn open(mut opener: Opener, services: &[Parts]) -> Logs {
    let mut logs = Logs::default();
    let erases = services.iter().any(|(_, parts)| parts.iter().any(|part| part.erases));
    for (service, parts) in SERVICES {
        let runs = services.iter().any(|(name, _)| name == service);
        opener.service = runs.then_some(*service);
        let has = |part: &&Part| runs || (erases && part.forget.is_some()) || looks_up(services, part.context);
        parts.iter().filter(has).for_each(|part| (part.open)(&opener, &mut logs));
    }
    logs
}

/// Whether a part of these services looks things up in a context.
fn looks_up(services: &[Parts], context: Option<&'static str>) -> bool {
    let mut parts = services.iter().flat_map(|(_, parts)| *parts);
    context.is_some_and(|context| parts.any(|part| part.looks_up.contains(&context)))
}

/// Declares the services. A line `Publishing "publishing": [posts::PART];` expands to
///
/// ```text
/// SERVICES: &[…, ("publishing", &[posts::PART])]
/// enum Service { …, Publishing(Box<ServiceArgs>) }    the subcommand `publishing`
/// Service::split: …, Service::Publishing(args) => the parts of "publishing"
/// ```
macro_rules! services {
    ($($(#[$doc:meta])* $variant:ident $name:literal: [$($part:path),+];)+) => {
        /// All services. The paths of their routes are tried in this order: what is asked most comes first.
        pub const SERVICES: &[$crate::services::Parts] = &[$(($name, &[$($part),+])),+];

        /// What runs as one process: a subcommand.
        #[derive(Debug, clap::Subcommand)]
        pub enum Service {
            $($(#[$doc])* $variant(Box<$crate::args::ServiceArgs>),)+
            /// Run all services in one process.
            All(Box<$crate::args::ServiceArgs>),
        }

        impl Service {
            /// The services of the process, and how it is to run.
            #[must_use]
            pub fn split(self) -> (Vec<$crate::services::Parts>, $crate::args::ServiceArgs) {
                let (args, name) = match self {
                    $(Self::$variant(args) => (args, Some($name)),)+
                    Self::All(args) => (args, None),
                };
                let services = SERVICES.iter().filter(|(service, _)| name.is_none_or(|name| name == *service));
                (services.copied().collect(), *args)
            }
        }

        /// All routes there are, those that are asked most first.
        #[must_use]
        pub fn routes() -> Vec<service_kit::Route> {
            SERVICES.iter().flat_map(|(_, parts)| *parts).flat_map(|part| (part.routes)()).collect()
        }
    };
}

pub(crate) use services;

#[cfg(test)]
mod tests;
