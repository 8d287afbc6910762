use std::fmt::Write as _;
use std::sync::Arc;

use actix_web::HttpMessage as _;
use actix_web::dev::ServiceRequest;
use domain::Role;

use super::Route;
use crate::Problem;
use crate::auth;
use crate::problem::Kind;

/// Whom a route answers. A handler checks no role itself; whether an actor may do a thing to an aggregate is decided by
/// the domain against that aggregate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Callers with and without a token: they have yet to show who they are, or need not.
    Anyone,
    /// Callers with a good token.
    Account,
    /// Callers with a token that has this role or one that includes it.
    AtLeast(Role),
}

impl Access {
    /// Whether callers with a token of this role, or without a token, are answered.
    #[must_use]
    pub fn admits(self, role: Option<Role>) -> bool {
        match self {
            Self::Anyone => true,
            Self::Account => role.is_some(),
            Self::AtLeast(least) => role.is_some_and(|role| role >= least),
        }
    }

    /// Lets a request pass, or not. What its token says is in the request's extensions from then on, so that the
    /// handler does not verify the token again.
    pub(super) fn admit(self, request: &ServiceRequest) -> Result<(), Problem> {
        if self == Self::Anyone {
            return Ok(());
        }
        let verified = auth::required(request.request())?;
        let missing = match self {
            Self::AtLeast(role) if !verified.actor.is_at_least(role) => Some(role),
            Self::AtLeast(_) | Self::Account | Self::Anyone => None,
        };
        request.extensions_mut().insert(verified);
        missing
            .map_or(Ok(()), |role| Err(Problem::new(&Kind::FORBIDDEN, format!("this needs the role {}", role.name()))))
    }
}

/// Whether the process can answer yet; register it as `app_data`. It is asked after [`Access`], and not for a route
/// that answers always.
#[derive(Clone)]
pub struct Gate(Arc<dyn Fn() -> Result<(), Problem> + Send + Sync>);

impl Gate {
    /// Open as long as `pass` has nothing against it; clients are answered with its problem else.
    pub fn new(pass: impl Fn() -> Result<(), Problem> + Send + Sync + 'static) -> Self {
        Self(Arc::new(pass))
    }

    pub(super) fn pass(&self) -> Result<(), Problem> {
        (self.0)()
    }
}

/// A Markdown table of which role may ask which route, and what its requests count as.
#[must_use]
pub fn table(routes: &[Route]) -> String {
    let roles: Vec<&str> = Role::ALL.into_iter().map(Role::name).collect();
    let mut table =
        format!("| route | quota | no token | {} |\n|---|---|---|{}\n", roles.join(" | "), "---|".repeat(roles.len()));
    for Route { method, path, access, quota, .. } in routes {
        let callers = [None].into_iter().chain(Role::ALL.map(Some));
        let cells: Vec<&str> = callers.map(|role| if access.admits(role) { "yes" } else { "" }).collect();
        // Writing to a string cannot fail.
        let _ = writeln!(table, "| `{method} {path}` | {} | {} |", quota.name(), cells.join(" | "));
    }
    table
}
