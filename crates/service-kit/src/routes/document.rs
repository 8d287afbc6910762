use std::collections::BTreeMap;

use actix_web::http::Method;
use utoipa::openapi::path::Operation;
use utoipa::openapi::response::Response;
use utoipa::openapi::schema::Type;
use utoipa::openapi::{Content, HeaderBuilder, ObjectBuilder, OpenApi, Ref, RefOr, SecurityRequirement};

use super::{Access, Route};
use crate::json;
use crate::problem::{Kind, MEDIA_TYPE};

/// A response that every route of an interface can give, mostly a problem: its status, and what it means there.
pub type CommonResponse = (&'static str, &'static str);

/// Says of an operation which role it needs: for programs, such as the gateway.
const LEAST_ROLE: &str = "x-least-role";

/// Adds routes to a document, each with the common responses of which its handler says nothing. Where the whole
/// document asks for a token, a route that answers anyone does not.
pub fn describe(document: &mut OpenApi, routes: &[Route], common: &[CommonResponse]) {
    let (mut schemas, shared) = (Vec::new(), shared(common));
    for route in routes {
        let mut operation = (route.operation)();
        add_problems(&mut operation, common);
        add_limits(&mut operation);
        share(&mut operation, &shared);
        if route.method == Method::PATCH {
            add_merge_patch(&mut operation);
        }
        if let Access::AtLeast(role) = route.access {
            operation.extensions.get_or_insert_default().insert(LEAST_ROLE.to_owned(), role.name().into());
        }
        if route.access == Access::Anyone && document.security.is_some() {
            operation.security.get_or_insert_with(|| vec![SecurityRequirement::default()]);
        }
        document.paths.add_path_operation(route.path, vec![route.documented_method.clone()], operation);
        (route.schemas)(&mut schemas);
    }
    let components = document.components.get_or_insert_default();
    components.schemas.extend(schemas);
    components.responses.extend(shared.into_iter().map(|(status, response)| (status, RefOr::T(response))));
}

/// The common responses where they are told once, as components, by their statuses: where requests are counted, and so
/// much is to be said of each that it would be most of the document.
fn shared(common: &[CommonResponse]) -> BTreeMap<String, Response> {
    let mut operation = Operation::new();
    add_problems(&mut operation, common);
    add_limits(&mut operation);
    let responses = operation.responses.responses.into_iter().filter(|_| is_counted(common));
    responses.filter_map(|(status, response)| Some((status, inline(response)?))).collect()
}

fn is_counted(common: &[CommonResponse]) -> bool {
    common.iter().any(|(status, _)| *status == "429")
}

fn inline(response: RefOr<Response>) -> Option<Response> {
    match response {
        RefOr::T(response) => Some(response),
        RefOr::Ref(_) => None,
    }
}

/// Refers to a component where a response is just like it.
fn share(operation: &mut Operation, shared: &BTreeMap<String, Response>) {
    for (status, response) in &mut operation.responses.responses {
        if let RefOr::T(own) = response
            && shared.get(status) == Some(own)
        {
            *response = RefOr::Ref(Ref::from_response_name(status));
        }
    }
}

/// What answers of a route that is counted say of its quotas, and when to come again. 405 is of no route, and counts
/// against none; of the other answers each may come after the request was counted.
fn add_limits(operation: &mut Operation) {
    let is_counted = operation.responses.responses.contains_key("429");
    for (status, response) in &mut operation.responses.responses {
        let RefOr::T(response) = response else { continue };
        if is_counted && status != "405" {
            add_header(
                response,
                "RateLimit-Policy",
                Type::String,
                "The quotas that the request counts against; none if it did not.",
            );
            add_header(response, "RateLimit", Type::String, "What is left of them.");
        }
        if status == "429" || status == "503" {
            add_header(response, "Retry-After", Type::Integer, "Seconds until the request may be made again.");
        }
    }
}

/// Adds a header to a response, unless its handler says something of it.
pub fn add_header(response: &mut Response, name: &str, of: Type, meaning: &str) {
    let schema = ObjectBuilder::new().schema_type(of);
    let header = HeaderBuilder::new().schema(schema).description(Some(meaning)).build();
    response.headers.entry(name.to_owned()).or_insert(header);
}

/// The body of a PATCH is a JSON merge patch, under its own media type as under JSON's.
fn add_merge_patch(operation: &mut Operation) {
    let Some(body) = &mut operation.request_body else { return };
    if let Some(patch) = body.content.get(json::MEDIA_TYPE).cloned() {
        body.content.insert(json::MERGE_PATCH.to_owned(), patch);
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
