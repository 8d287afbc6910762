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

/// Both of them.
pub(crate) const DOCUMENTS: [&str; 2] = [COMMANDS, QUERIES];

/// The methods of routes.
const METHODS: [&str; 5] = ["DELETE", "GET", "PATCH", "POST", "PUT"];

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
    Methods(String),
    /// Nothing.
    Nothing,
}

/// All routes. Each method has a tree of its own: `PUT /v1/categories/order` is a command, and `GET` of the same
/// address is the query for a category that is called so.
#[derive(Debug)]
pub(crate) struct Routes {
    trees: BTreeMap<&'static str, matchit::Router<Route>>,
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
        let mut trees: BTreeMap<&'static str, matchit::Router<Route>> = BTreeMap::new();
        for route in routes {
            let (method, pattern) = (route.method.clone(), route.pattern);
            let name = METHODS.into_iter().find(|name| *name == method.as_str()).context("a method is unknown")?;
            let inserted = trees.entry(name).or_default().insert(nameless(pattern), route);
            inserted.with_context(|| format!("{method} {pattern} is answered by two services"))?;
        }
        Ok(Self { trees })
    }

    /// What this method and path lead to. `HEAD` is answered where `GET` is.
    pub(crate) fn find(&self, method: &Method, path: &str) -> Found<'_> {
        let wanted = if method == Method::HEAD { "GET" } else { method.as_str() };
        let found = self.trees.get(wanted).and_then(|tree| tree.at(path).ok());
        match found {
            Some(found) => Found::Route(found.value),
            None => self.others(path),
        }
    }

    fn others(&self, path: &str) -> Found<'_> {
        let answers = |tree: &&matchit::Router<Route>| tree.at(path).is_ok();
        let mut methods: Vec<&str> =
            self.trees.iter().filter(|(_, tree)| answers(tree)).map(|(name, _)| *name).collect();
        if methods.is_empty() {
            return Found::Nothing;
        }
        if methods.contains(&"GET") {
            methods.push("HEAD");
        }
        methods.push("OPTIONS");
        methods.sort_unstable();
        Found::Methods(methods.join(", "))
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

#[cfg(test)]
mod tests;
