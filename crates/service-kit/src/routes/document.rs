use utoipa::openapi::path::Operation;
use utoipa::openapi::response::Response;
use utoipa::openapi::{Content, HeaderBuilder, OpenApi, Ref, RefOr, SecurityRequirement};

use super::{Access, Route};
use crate::problem::{Kind, MEDIA_TYPE};

/// A response that every route of an interface can give, mostly a problem: its status, and what it means there.
pub type CommonResponse = (&'static str, &'static str);

/// Adds routes to a document, each with the common responses of which its handler says nothing. Where the whole
/// document asks for a token, a route that answers anyone does not.
pub fn describe(document: &mut OpenApi, routes: &[Route], common: &[CommonResponse]) {
    let mut schemas = Vec::new();
    for route in routes {
        let mut operation = (route.operation)();
        add_problems(&mut operation, common);
        add_limits(&mut operation);
        if route.access == Access::Anyone && document.security.is_some() {
            operation.security.get_or_insert_with(|| vec![SecurityRequirement::default()]);
        }
        document.paths.add_path_operation(route.path, vec![route.documented_method.clone()], operation);
        (route.schemas)(&mut schemas);
    }
    document.components.get_or_insert_default().schemas.extend(schemas);
}

/// What the answer to a request too many says of when to come again.
fn add_limits(operation: &mut Operation) {
    let Some(RefOr::T(response)) = operation.responses.responses.get_mut("429") else { return };
    for (name, meaning) in [
        ("Retry-After", "Seconds until the request may be made again."),
        ("RateLimit-Policy", "The quotas that it counts against."),
        ("RateLimit", "What is left of them."),
    ] {
        let header = HeaderBuilder::new().description(Some(meaning)).build();
        response.headers.insert(name.to_owned(), header);
    }
}

/// A response of 400 and above is a problem, so a handler's attribute has its status and what it means there; without
/// that it means what the kind of problem with this status says.
fn add_problems(operation: &mut Operation, common: &[CommonResponse]) {
    let responses = &mut operation.responses.responses;
    for (status, meaning) in common {
        responses.entry((*status).to_owned()).or_insert_with(|| RefOr::T(Response::new(*meaning)));
    }
    for (status, response) in responses.iter_mut().filter(|(status, _)| status.as_str() >= "400") {
        let RefOr::T(response) = response else { continue };
        if response.content.is_empty() {
            let content = Content::new(Some(Ref::from_schema_name("ProblemDetails")));
            response.content.insert(MEDIA_TYPE.to_owned(), content);
        }
        if let Some(kind) =
            Kind::ALL.iter().find(|kind| response.description.is_empty() && kind.status.as_str() == status)
        {
            response.description = format!("{}.", kind.title);
        }
    }
}
