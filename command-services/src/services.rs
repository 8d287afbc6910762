//! The services and their parts, in one table.

use clap::Subcommand;
use service_kit::Route;

use crate::args::ServiceArgs;

use crate::part::Part;
use crate::{accounts, following, identity, posts};

/// A service's name and its parts.
pub type Parts = (&'static str, &'static [Part]);

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
        pub const SERVICES: &[Parts] = &[$(($name, &[$($part),+])),+];

        /// What runs as one process: a subcommand.
        #[derive(Debug, Subcommand)]
        pub enum Service {
            $($(#[$doc])* $variant(Box<ServiceArgs>),)+
            /// Run all services in one process.
            All(Box<ServiceArgs>),
        }

        impl Service {
            /// The services of the process, and how it is to run.
            #[must_use]
            pub fn split(self) -> (Vec<Parts>, ServiceArgs) {
                let (args, name) = match self {
                    $(Self::$variant(args) => (args, Some($name)),)+
                    Self::All(args) => (args, None),
                };
                let services = SERVICES.iter().filter(|(service, _)| name.is_none_or(|name| name == *service));
                (services.copied().collect(), *args)
            }
        }
    };
}

services! {
    /// Run the service that owns posts.
    Publishing "publishing": [posts::PART];
    /// Run the service that owns accounts and who follows whom.
    Identity "identity": [accounts::PART, following::PART, identity::PART, identity::AUDIT];
}

/// All routes there are, those that are asked most first.
#[must_use]
pub fn routes() -> Vec<Route> {
    SERVICES.iter().flat_map(|(_, parts)| *parts).flat_map(|part| (part.routes)()).collect()
}

#[cfg(test)]
mod tests;
