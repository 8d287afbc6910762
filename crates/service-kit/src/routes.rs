//! A route, told once: the attribute on its handler gives its method, its path and its description, and the list that
//! names the handler says whom it answers. Of such lists are made: the router, the OpenAPI document ([`describe`]) and
//! the table of who may ask what ([`Access`]).

mod access;
mod document;
mod methods;

pub use access::{Access, Gate, table};
pub use document::{CommonResponse, describe};
pub use methods::{Methods, RoutePattern};

use actix_web::http::Method;
use actix_web::web;
use utoipa::__dev::{SchemaReferences, Tags};
use utoipa::openapi::path::{HttpMethod, Operation};
use utoipa::openapi::{RefOr, Schema};

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
        Self {
            method: method(&documented_method),
            path: P::path().leak(),
            access,
            always: false,
            documented_method,
            operation: operation::<P>,
            schemas: P::schemas,
            handler,
        }
    }

    /// The same route, that answers while the [`Gate`] is shut.
    #[must_use]
    pub fn always(self) -> Self {
        Self { always: true, ..self }
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

/// Lists routes by their handlers, under whom they answer. Each handler has a `#[utoipa::path]`.
///
/// ```ignore
/// routes! {
///     Access::Account => follow, unfollow;
///     Access::AtLeast(Role::Admin) => count;
/// }
/// ```
///
/// is
///
/// ```ignore
/// vec![
///     Route::of::<__path_follow>(Access::Account, || web::route().to(follow)),
///     Route::of::<__path_unfollow>(Access::Account, || web::route().to(unfollow)),
///     Route::of::<__path_count>(Access::AtLeast(Role::Admin), || web::route().to(count)),
/// ]
/// ```
///
/// It stands on two names that utoipa does not promise to keep: `__path_…`, the type that `#[utoipa::path]` makes
/// beside a handler, and `utoipa::__dev`, whose traits tell its tags and schemas. Nothing public leads from a handler
/// to its description. utoipa is therefore pinned to one version in the workspace.
#[macro_export]
macro_rules! routes {
    ($($access:expr => $($handler:ident),+;)+) => {
        $crate::routes::__pastey::paste! {
            ::std::vec![$($(
                $crate::routes::Route::of::<[<__path_ $handler>]>($access, || ::actix_web::web::route().to($handler))
            ),+),+]
        }
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
