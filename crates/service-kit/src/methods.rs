//! A resource that answers some methods, and tells the others so with 405 and `Allow`.

use actix_web::guard::{Any, Get, Head};
use actix_web::http::Method;
use actix_web::{FromRequest, Handler, Resource, Responder, web};

use crate::Problem;

/// Collects the methods of one path: `Methods::at("/v1/tags").get(list)`, registered with [`Methods::build`].
pub struct Methods {
    resource: Resource,
    allowed: Vec<&'static str>,
}

impl Methods {
    /// The resource at a path pattern.
    #[must_use]
    pub fn at(path: &str) -> Self {
        Self { resource: Resource::new(path), allowed: Vec::new() }
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
    pub fn build(self) -> Resource {
        let allowed = self.allowed.join(", ");
        self.resource.default_service(web::to(move || {
            let problem = Problem::method_not_allowed(&allowed);
            async move { Err::<&'static str, _>(problem) }
        }))
    }
}

#[cfg(test)]
mod tests;
