//! A route, told once: the attribute on its handler gives its method, its path and its description, and the list that
//! names the handler says whom it answers. Of such lists are made: the router, the OpenAPI document ([`describe`]) and
//! the table of who may ask what ([`Access`]).

mod access;
mod document;
mod methods;

pub use access::{Access, Gate, table};
pub use document::{CommonResponse, add_header, describe};
pub use methods::{Methods, RoutePattern};

use actix_web::http::Method;
use actix_web::web;
use utoipa::__dev::{SchemaReferences, Tags};
use utoipa::openapi::path::{HttpMethod, Operation};
use utoipa::openapi::{RefOr, Schema};

use crate::Quota;

/// Schemas by their names, as the OpenAPI document has them.
type Schemas = Vec<(String, RefOr<Schema>)>;

/// One method at one path. Made by [`routes!`](crate::routes!).
#[derive(Clone)]
pub struct Route {
    /// The method; a GET answers HEAD too.
    pub method: Method,
    /// The path's pattern, such as `/v1/posts/{id}`.
    pub path: &'static str,
    /// Whom it answers.
    pub access: Access,
    /// What its requests count as.
    pub quota: Quota,
    /// Whether it answers while the [`Gate`] is shut.
    pub always: bool,
    documented_method: HttpMethod,
    operation: fn() -> Operation,
    schemas: fn(&mut Schemas),
    handler: fn() -> actix_web::Route,
}

impl Route {
    /// The route that `P`, the type that `#[utoipa::path]` makes beside a handler, describes. To be made once in a
    /// process, for its path is never freed.
    ///
    /// # Panics
    /// The handler has several methods, or none: it would be described and answer under the first alone.
    #[must_use]
    pub fn of<P: utoipa::Path + SchemaReferences + Tags<'static>>(
        access: Access,
        handler: fn() -> actix_web::Route,
    ) -> Self {
        let Ok([documented_method]) = <[HttpMethod; 1]>::try_from(P::methods()) else {
            panic!("the handler of {} has not exactly one method", P::path());
        };
        let method = method(&documented_method);
        Self {
            quota: usual(&method, access),
            method,
            path: P::path().leak(),
            access,
            always: false,
            documented_method,
            operation: operation::<P>,
            schemas: P::schemas,
            handler,
        }
    }

    /// The same route, whose requests count as these.
    #[must_use]
    pub fn counted_as(self, quota: Quota) -> Self {
        Self { quota, ..self }
    }

    /// The same route, that answers while the [`Gate`] is shut.
    #[must_use]
    pub fn always(self) -> Self {
        Self { always: true, ..self }
    }
}

/// What requests count as where nothing is said: no route is without a quota.
fn usual(method: &Method, access: Access) -> Quota {
    match (method, access) {
        (&Method::GET, _) => Quota::Reads,
        (_, Access::Anyone) => Quota::Attempts,
        (_, Access::Account | Access::AtLeast(_)) => Quota::Writes,
    }
}

fn operation<P: utoipa::Path + Tags<'static>>() -> Operation {
    let mut operation = P::operation();
    operation.tags.get_or_insert_default().extend(P::tags().into_iter().map(str::to_owned));
    operation
}

fn method(method: &HttpMethod) -> Method {
    match method {
        HttpMethod::Get => Method::GET,
        HttpMethod::Post => Method::POST,
        HttpMethod::Put => Method::PUT,
        HttpMethod::Delete => Method::DELETE,
        HttpMethod::Options => Method::OPTIONS,
        HttpMethod::Head => Method::HEAD,
        HttpMethod::Patch => Method::PATCH,
        HttpMethod::Trace => Method::TRACE,
    }
}

/// Lists routes by their handlers, under whom they answer, and what their requests count as if that is not the usual
/// [`Quota`]: reading, writing, or an attempt where no token is needed. Each handler has a `#[utoipa::path]`.
///
/// ```ignore
/// routes! {
///     Access::Account => follow, unfollow;
///     Access::AtLeast(Role::Admin), Quota::Exports => count;
/// }
/// ```
///
/// is
///
/// ```ignore
/// vec![
///     Route::of::<__path_follow>(Access::Account, || web::route().to(follow)),
///     Route::of::<__path_unfollow>(Access::Account, || web::route().to(unfollow)),
///     Route::of::<__path_count>(Access::AtLeast(Role::Admin), || web::route().to(count)).counted_as(Quota::Exports),
/// ]
/// ```
///
/// It stands on two names that utoipa does not promise to keep: `__path_…`, the type that `#[utoipa::path]` makes
/// beside a handler, and `utoipa::__dev`, whose traits tell its tags and schemas. Nothing public leads from a handler
/// to its description. utoipa is therefore pinned to one version in the workspace.
#[macro_export]
macro_rules! routes {
    ($($access:expr $(, $quota:expr)? => $($handler:ident),+;)+) => {
        $crate::routes::__pastey::paste! {{
            let mut routes = ::std::vec::Vec::new();
            $(
                let line = [$(
                    $crate::routes::Route::of::<[<__path_ $handler>]>(
                        $access, || ::actix_web::web::route().to($handler)
                    )
                ),+];
                $(let line = line.map(|route| route.counted_as($quota));)?
                routes.extend(line);
            )+
            routes
        }}
    };
}

#[doc(hidden)]
pub use pastey as __pastey;

/// Registers routes. The paths are tried in the order of their first routes: what is asked most comes first, and what
/// is spelled out comes before what has a placeholder in that place.
pub fn configure(routes: &[Route], config: &mut web::ServiceConfig) {
    let mut paths: Vec<&str> = Vec::new();
    for route in routes {
        if !paths.contains(&route.path) {
            paths.push(route.path);
            let here = routes.iter().filter(|other| other.path == route.path);
            config.service(here.fold(Methods::at(route.path), Methods::route).build());
        }
    }
}

#[cfg(test)]
mod tests;
