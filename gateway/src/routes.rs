//! Which service answers what: the table of routes, made of the OpenAPI documents of the services themselves. A route
//! that is added there is routed without more code.

mod document;

use std::collections::BTreeMap;

use anyhow::Context as _;
use http::Method;

use crate::class::Class;
use crate::upstream::Name;

/// The document of the services that take commands.
const COMMANDS: &str = include_str!("../../command-services/openapi.json");
/// The document of query-api.
const QUERIES: &str = include_str!("../../query-api/openapi.json");

/// A route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Route {
    /// Its method.
    pub(crate) method: Method,
    /// Its address, with parameters in braces.
    pub(crate) pattern: &'static str,
    /// Which service answers.
    pub(crate) upstream: Name,
    /// What it is like.
    pub(crate) class: Class,
    /// Whether the service looks at access tokens: where it does not, a stale one does no harm.
    pub(crate) reads_tokens: bool,
}

impl Route {
    /// Whether asking twice does no more than asking once (RFC 9110, 9.2.2).
    pub(crate) fn is_idempotent(&self) -> bool {
        matches!(self.method, Method::GET | Method::PUT | Method::DELETE)
    }
}

/// What an address has to offer.
#[derive(Debug)]
pub(crate) enum Found<'a> {
    /// A route.
    Route(&'a Route),
    /// Others than were asked for: a list such as `GET, HEAD`.
    Methods(&'a str),
    /// Nothing.
    Nothing,
}

/// All routes.
#[derive(Debug)]
pub(crate) struct Routes {
    tree: matchit::Router<Place>,
}

/// What there is at addresses of one pattern.
#[derive(Debug, Default)]
struct Place {
    routes: Vec<Route>,
    allowed: String,
}

impl Routes {
    /// The routes of the services that this version was built with.
    ///
    /// # Errors
    /// A document has what this version does not understand.
    pub(crate) fn of_services() -> anyhow::Result<Self> {
        let mut routes = document::routes(COMMANDS, document::of_commands).context("the document of commands")?;
        routes.extend(document::routes(QUERIES, |_| Some(Name::Queries)).context("the document of queries")?);
        Self::new(routes)
    }

    fn new(routes: Vec<Route>) -> anyhow::Result<Self> {
        let mut places: BTreeMap<String, Place> = BTreeMap::new();
        for route in routes {
            let place = places.entry(nameless(route.pattern)).or_default();
            let taken = place.routes.iter().any(|other| other.method == route.method);
            anyhow::ensure!(!taken, "{} {} is answered by two services", route.method, route.pattern);
            place.routes.push(route);
        }
        let mut tree = matchit::Router::new();
        for (pattern, mut place) in places {
            place.allowed = allowed(&place.routes);
            tree.insert(pattern, place)?;
        }
        Ok(Self { tree })
    }

    /// What this method and path lead to. `HEAD` is answered where `GET` is.
    pub(crate) fn find(&self, method: &Method, path: &str) -> Found<'_> {
        let Ok(place) = self.tree.at(path).map(|found| found.value) else { return Found::Nothing };
        let wanted = if method == Method::HEAD { &Method::GET } else { method };
        match place.routes.iter().find(|route| route.method == wanted) {
            Some(route) => Found::Route(route),
            None => Found::Methods(&place.allowed),
        }
    }
}

/// The pattern with parameters that have no names of their own: one address may have several services, and each calls
/// its parameters as it likes.
fn nameless(pattern: &str) -> String {
    let segments = pattern.split('/').enumerate().map(|(at, segment)| match segment.starts_with('{') {
        true => format!("{{p{at}}}"),
        false => segment.to_owned(),
    });
    segments.collect::<Vec<_>>().join("/")
}

fn allowed(routes: &[Route]) -> String {
    let mut methods: Vec<&str> = routes.iter().map(|route| route.method.as_str()).collect();
    if methods.contains(&"GET") {
        methods.push("HEAD");
    }
    methods.push("OPTIONS");
    methods.sort_unstable();
    methods.join(", ")
}

#[cfg(test)]
mod tests;
