//! Who may ask what: one table of all routes. A route checks no role itself; whether an actor may do a thing to an
//! aggregate is decided by the domain against that aggregate. A test holds the table against the OpenAPI document, and
//! asks every route as every role.

use actix_web::HttpMessage as _;
use actix_web::dev::ServiceRequest;
use domain::Role;
use service_kit::Problem;
use service_kit::auth::{self, Verified};
use service_kit::problem::Kind;

use crate::beginning::Beginning;

/// Whom a route answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anyone: they have yet to show who they are, or need not.
    Anyone,
    /// Whoever has a good token.
    Account,
    /// Whoever has a token with this role or one that includes it.
    AtLeast(Role),
}

use Access::{Account, Anyone, AtLeast};

/// Where the keys are that tokens are checked with: no log is asked for them.
const KEYS: &str = "/.well-known/jwks.json";

/// Method, pattern, access.
pub const ROUTES: &[(&str, &str, Access)] = &[
    ("GET", KEYS, Anyone),
    ("POST", "/v1/register", Anyone),
    ("POST", "/v1/sessions", Anyone),
    ("POST", "/v1/sessions/refresh", Anyone),
    ("POST", "/v1/sessions/second-factor", Anyone),
    ("POST", "/v1/email/confirm", Anyone),
    ("POST", "/v1/password/forgot", Anyone),
    ("POST", "/v1/password/reset", Anyone),
    ("GET", "/v1/sessions", Account),
    ("DELETE", "/v1/sessions", Account),
    ("DELETE", "/v1/sessions/current", Account),
    ("DELETE", "/v1/sessions/{id}", Account),
    ("POST", "/v1/me/password", Account),
    ("POST", "/v1/me/email", Account),
    ("POST", "/v1/me/email/verification", Account),
    ("GET", "/v1/me/second-factor", Account),
    ("POST", "/v1/me/second-factor", Account),
    ("POST", "/v1/me/second-factor/confirm", Account),
    ("POST", "/v1/me/second-factor/recovery-codes", Account),
    ("POST", "/v1/me/second-factor/remove", Account),
    ("POST", "/v1/me/user-name", Account),
    ("POST", "/v1/me/deactivate", Account),
    ("DELETE", "/v1/me", Account),
    ("GET", "/v1/me/export", Account),
    ("PATCH", "/v1/me/preferences", Account),
    ("PUT", "/v1/me/following/{id}", Account),
    ("DELETE", "/v1/me/following/{id}", Account),
    ("POST", "/v1/accounts", Account),
    ("PUT", "/v1/accounts/{id}", Account),
    ("PATCH", "/v1/accounts/{id}", Account),
    ("DELETE", "/v1/accounts/{id}", AtLeast(Role::Admin)),
    ("POST", "/v1/accounts/{id}/reactivate", AtLeast(Role::Admin)),
    ("DELETE", "/v1/accounts/{id}/second-factor", AtLeast(Role::Admin)),
    ("PUT", "/v1/accounts/{id}/roles/{role}", AtLeast(Role::Admin)),
    ("DELETE", "/v1/accounts/{id}/roles/{role}", AtLeast(Role::Admin)),
    ("POST", "/v1/posts", AtLeast(Role::Author)),
    ("PUT", "/v1/posts/{id}", AtLeast(Role::Author)),
    ("PATCH", "/v1/posts/{id}", AtLeast(Role::Author)),
    ("DELETE", "/v1/posts/{id}", AtLeast(Role::Author)),
    ("POST", "/v1/posts/{id}/publish", AtLeast(Role::Author)),
    ("POST", "/v1/posts/{id}/unpublish", AtLeast(Role::Author)),
    ("POST", "/v1/posts/{id}/restore", AtLeast(Role::Author)),
];

/// Whether a request may pass to the route of this pattern: to be registered as [`service_kit::Permit`].
///
/// # Errors
/// 401 or 403; 503 where this instance has not read the log yet.
pub fn permit(request: &ServiceRequest, pattern: &'static str) -> Result<(), Problem> {
    let method = request.method().as_str();
    // HEAD is a GET without a body. What is not in the table is no route, and is told so.
    let method = if method == "HEAD" { "GET" } else { method };
    let route = ROUTES.iter().find(|(verb, path, _)| *verb == method && *path == pattern);
    let access = route.map_or(Anyone, |(_, _, access)| *access);
    match access {
        Anyone => {}
        Account => drop(verified(request)?),
        AtLeast(role) => {
            if !verified(request)?.actor.is_at_least(role) {
                return Err(Problem::new(&Kind::FORBIDDEN, format!("this needs the role {}", role.name())));
            }
        }
    }
    let beginning = request.app_data::<Beginning>().filter(|_| route.is_some() && pattern != KEYS);
    match beginning {
        Some(beginning) if !beginning.is_over() => {
            Err(Problem::unavailable("this instance has just begun, and is reading the log; nothing was done", 1))
        }
        Some(_) | None => Ok(()),
    }
}

/// Who asks; the route does not verify the token again.
fn verified(request: &ServiceRequest) -> Result<Verified, Problem> {
    let verified = auth::required(request.request())?;
    request.extensions_mut().insert(verified.clone());
    Ok(verified)
}
