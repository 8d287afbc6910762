//! A resource that answers some methods, and tells the others so with 405 and `Allow`.

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{HttpServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::guard::{Any, Get, Head};
use actix_web::http::Method;
use actix_web::middleware::{Next, from_fn};
use actix_web::{Error, FromRequest, Handler, HttpMessage as _, Resource, Responder, ResponseError as _, web};

use crate::Problem;

/// The path pattern of the resource that a request came to, in the request's extensions. To ask the router for it means to
/// try the patterns once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoutePattern(pub &'static str);

/// Whether a request may pass to the resource of this path pattern; register it as `app_data`.
#[derive(Clone, Copy, Debug)]
pub struct Permit(pub fn(&ServiceRequest, &'static str) -> Result<(), Problem>);

/// Collects the methods of one path: `Methods::at("/v1/tags").get(list)`, registered with [`Methods::build`].
pub struct Methods {
    path: &'static str,
    resource: Resource,
    allowed: Vec<&'static str>,
}

impl Methods {
    /// The resource at a path pattern.
    #[must_use]
    pub fn at(path: &'static str) -> Self {
        Self { path, resource: Resource::new(path), allowed: Vec::new() }
    }

    /// Answers GET, and HEAD with the same but for the body.
    #[must_use]
    pub fn get<F, A>(mut self, handler: F) -> Self
    where
        F: Handler<A>,
        A: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.allowed.extend(["GET", "HEAD"]);
        self.resource = self.resource.route(web::route().guard(Any(Get()).or(Head())).to(handler));
        self
    }

    /// Answers another method.
    #[must_use]
    pub fn on<F, A>(mut self, method: Method, handler: F) -> Self
    where
        F: Handler<A>,
        A: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.allowed.push(match method {
            Method::POST => "POST",
            Method::PUT => "PUT",
            Method::PATCH => "PATCH",
            Method::DELETE => "DELETE",
            _ => "OPTIONS",
        });
        self.resource = self.resource.route(web::method(method).to(handler));
        self
    }

    /// The resource, to be given to `service`.
    #[must_use]
    pub fn build(self) -> impl HttpServiceFactory + 'static {
        let (path, allowed) = (self.path, self.allowed.join(", "));
        let others = web::to(move || {
            let problem = Problem::method_not_allowed(&allowed);
            async move { Err::<&'static str, _>(problem) }
        });
        self.resource.default_service(others).wrap(from_fn(move |request, next| enter(path, request, next)))
    }
}

async fn enter<B: MessageBody>(
    path: &'static str,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    request.extensions_mut().insert(RoutePattern(path));
    let permit = request.app_data::<Permit>().copied();
    match permit.map_or(Ok(()), |Permit(permit)| permit(&request, path)) {
        Ok(()) => next.call(request).await.map(ServiceResponse::map_into_left_body),
        Err(problem) => {
            let response = problem.error_response();
            Ok(request.into_response(response).map_into_right_body())
        }
    }
}

#[cfg(test)]
mod tests;
