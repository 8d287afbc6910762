//! A resource that answers some methods, and tells the others so with 405 and `Allow`.

use std::rc::Rc;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{HttpServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::guard::{Any, Get, Head};
use actix_web::http::Method;
use actix_web::middleware::{Next, from_fn};
use actix_web::{Error, FromRequest, Handler, HttpMessage as _, Resource, Responder, ResponseError as _, web};

use super::Route;
use super::access::{Access, Gate};
use crate::Problem;
use crate::auth::Verified;
use crate::in_process::Within;
use crate::json::{ANONYMOUS_LIMIT_BYTES, JsonLimit};
use crate::quota::{Limits, Quota, Quotas};

/// The path pattern of the resource that a request came to, in the request's extensions. To ask the router for it means
/// to try the patterns once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoutePattern(pub &'static str);

/// Collects the methods of one path: `Methods::at("/v1/tags").get(list)`, registered with [`Methods::build`]. What is
/// to be documented is a [`Route`] instead.
pub struct Methods {
    path: &'static str,
    resource: Resource,
    entrances: Vec<Entrance>,
}

/// What a request of one method must pass before it reaches its handler.
struct Entrance {
    method: Method,
    access: Access,
    /// What is no [`Route`] is not counted: health, and the interface's description.
    quota: Option<Quota>,
    always: bool,
}

impl Methods {
    /// The resource at a path pattern.
    #[must_use]
    pub fn at(path: &'static str) -> Self {
        Self { path, resource: Resource::new(path), entrances: Vec::new() }
    }

    /// Answers GET, and HEAD with the same but for the body.
    #[must_use]
    pub fn get<F, A>(self, handler: F) -> Self
    where
        F: Handler<A>,
        A: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.on(Method::GET, handler)
    }

    /// Answers a method, with or without a token.
    #[must_use]
    pub fn on<F, A>(self, method: Method, handler: F) -> Self
    where
        F: Handler<A>,
        A: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.enter_by(Entrance { method, access: Access::Anyone, quota: None, always: true }, web::route().to(handler))
    }

    /// Answers a route of this path.
    #[must_use]
    pub fn route(self, route: &Route) -> Self {
        let Route { method, access, quota, always, handler, .. } = route;
        let method = method.clone();
        self.enter_by(Entrance { method, access: *access, quota: Some(*quota), always: *always }, handler())
    }

    fn enter_by(mut self, entrance: Entrance, route: actix_web::Route) -> Self {
        let route = match entrance.method {
            Method::GET => route.guard(Any(Get()).or(Head())),
            _ => route.method(entrance.method.clone()),
        };
        self.resource = self.resource.route(route);
        self.entrances.push(entrance);
        self
    }

    /// The value of `Allow`.
    fn allowed(&self) -> String {
        let names: Vec<&str> = self.entrances.iter().map(|entrance| entrance.method.as_str()).collect();
        names.join(", ").replace("GET", "GET, HEAD")
    }

    /// The resource, to be given to `service`.
    #[must_use]
    pub fn build(self) -> impl HttpServiceFactory + 'static {
        let (path, allowed, entrances) = (self.path, self.allowed(), Rc::<[Entrance]>::from(self.entrances));
        let others = web::to(move || {
            let problem = Problem::method_not_allowed(&allowed);
            async move { Err::<&'static str, _>(problem) }
        });
        let enter = from_fn(move |request, next| enter(path, Rc::clone(&entrances), request, next));
        self.resource.default_service(others).wrap(enter)
    }
}

async fn enter<B: MessageBody>(
    path: &'static str,
    entrances: Rc<[Entrance]>,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    request.extensions_mut().insert(RoutePattern(path));
    match may_enter(&entrances, &request) {
        Ok(limits) => {
            let mut response = next.call(request).await?.map_into_left_body();
            limits.show(response.headers_mut());
            Ok(response)
        }
        Err(problem) => {
            let response = problem.error_response();
            Ok(request.into_response(response).map_into_right_body())
        }
    }
}

fn may_enter(entrances: &[Entrance], request: &ServiceRequest) -> Result<Limits, Problem> {
    // HEAD is a GET without a body. A method that is not among them is told so by the resource.
    let method = if request.method() == Method::HEAD { &Method::GET } else { request.method() };
    let Some(entrance) = entrances.iter().find(|entrance| entrance.method == *method) else {
        return Ok(Limits::default());
    };
    if request.extensions().contains::<Within>() && (entrance.access == Access::Anyone || entrance.quota.is_none()) {
        // Attempts at passwords are counted one by one, and slow.
        return Err(Problem::malformed("this route is asked by itself, and not within another request"));
    }
    entrance.access.admit(request)?;
    if entrance.access == Access::Anyone {
        request.extensions_mut().insert(JsonLimit(ANONYMOUS_LIMIT_BYTES));
    }
    match request.app_data::<Gate>() {
        Some(gate) if !entrance.always => gate.pass()?,
        Some(_) | None => {}
    }
    match (request.app_data::<Quotas>(), entrance.quota) {
        (Some(quotas), Some(quota)) => quotas.count(quota, request.request(), request.extensions().get::<Verified>()),
        (Some(_) | None, _) => Ok(Limits::default()),
    }
}

#[cfg(test)]
mod tests;
