use utoipa::openapi::response::Response;
use utoipa::openapi::{Content, OpenApi, Ref, RefOr, SecurityRequirement};

use super::{Access, Route};
use crate::problem::MEDIA_TYPE;

/// A problem that every route of an interface can answer: its status, and what it means there.
pub type CommonProblem = (&'static str, &'static str);

/// Adds routes to a document. Every response of 400 and above that says nothing else of its content is a problem, so
/// that a handler's attribute has its status and its meaning only; the common ones are added where the handler says
/// nothing of that status. Where the whole document asks for a token, a route that answers anyone does not.
pub fn describe(document: &mut OpenApi, routes: &[Route], common: &[CommonProblem]) {
    let mut schemas = Vec::new();
    for route in routes {
        let mut operation = (route.operation)();
        let responses = &mut operation.responses.responses;
        for (status, meaning) in common {
            let response = || RefOr::T(Response::new(*meaning));
            responses.entry((*status).to_owned()).or_insert_with(response);
        }
        for (status, response) in responses {
            if let RefOr::T(response) = response
                && status.as_str() >= "400"
                && response.content.is_empty()
            {
                let content = Content::new(Some(Ref::from_schema_name("ProblemDetails")));
                response.content.insert(MEDIA_TYPE.to_owned(), content);
            }
        }
        if route.access == Access::Anyone && document.security.is_some() {
            operation.security.get_or_insert_with(|| vec![SecurityRequirement::default()]);
        }
        document.paths.add_path_operation(route.path, vec![route.documented_method.clone()], operation);
        (route.schemas)(&mut schemas);
    }
    document.components.get_or_insert_default().schemas.extend(schemas);
}
