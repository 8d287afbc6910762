//! `grpc.reflection.v1.ServerReflection`: tools such as `grpcurl` read there which services and messages there are.

use std::collections::BTreeMap;

use bytes::Bytes;
use futures::stream;
use prost_reflect::prost::Message as _;
use prost_reflect::{DescriptorPool, FileDescriptor};
use service_kit::Shutdown;

use super::answer;
use super::frames::Messages;
use super::messages::reflection::server_reflection_request::MessageRequest as Question;
use super::messages::reflection::server_reflection_response::MessageResponse as Answer;
use super::messages::reflection::{
    ErrorResponse, ExtensionNumberResponse, FileDescriptorResponse, ListServiceResponse, ServerReflectionRequest,
    ServerReflectionResponse, ServiceResponse,
};
use super::rpcs::POOL;
use super::status::{Code, Status};
use crate::answer::Response;

pub(super) const PATH: &str = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";

/// An answer to each question, until the client or the gateway has enough.
pub(super) fn answer(messages: Messages, shutdown: Shutdown) -> Response {
    answer::messages(stream::unfold(Some((messages, shutdown)), |state| async move {
        let (mut messages, shutdown) = state?;
        let next = tokio::select! {
            biased;
            next = messages.next() => next,
            () = shutdown.requested() => Ok(None),
        };
        match next.and_then(|question| question.map(answered).transpose()) {
            Ok(Some(answer)) => Some((Ok(answer), Some((messages, shutdown)))),
            Ok(None) => Some((Err(Status::ok()), None)),
            Err(status) => Some((Err(status), None)),
        }
    }))
}

fn answered(question: Bytes) -> Result<Bytes, Status> {
    let request = ServerReflectionRequest::decode(question).map_err(|_| Status::malformed("this is no question"))?;
    let message_response =
        Some(request.message_request.as_ref().and_then(|question| of(&POOL, question)).unwrap_or_else(|| {
            Answer::ErrorResponse(ErrorResponse {
                error_code: Code::NotFound as i32,
                error_message: "not found".to_owned(),
            })
        }));
    let valid_host = request.host.clone();
    let response = ServerReflectionResponse { valid_host, original_request: Some(request), message_response };
    Ok(response.encode_to_vec().into())
}

/// `None` where there is no such thing.
fn of(pool: &DescriptorPool, question: &Question) -> Option<Answer> {
    Some(match question {
        Question::FileByFilename(name) => files(&pool.get_file_by_name(name)?),
        Question::FileContainingSymbol(name) => files(&declaring(pool, name)?),
        Question::FileContainingExtension(asked) => {
            let message = pool.get_message_by_name(&asked.containing_type)?;
            let extension = message.get_extension(u32::try_from(asked.extension_number).ok()?)?;
            files(&extension.parent_file())
        }
        Question::AllExtensionNumbersOfType(name) => {
            let message = pool.get_message_by_name(name)?;
            let extension_number = message.extensions().filter_map(|one| one.number().try_into().ok()).collect();
            let base_type_name = name.clone();
            Answer::AllExtensionNumbersResponse(ExtensionNumberResponse { base_type_name, extension_number })
        }
        Question::ListServices(_) => {
            let service = pool.services().map(|one| ServiceResponse { name: one.full_name().to_owned() }).collect();
            Answer::ListServicesResponse(ListServiceResponse { service })
        }
    })
}

/// The file that declares a service, an rpc, a message, one of its fields, an enumeration or an extension.
fn declaring(pool: &DescriptorPool, name: &str) -> Option<FileDescriptor> {
    let named = |name: &str| {
        let service = || pool.get_service_by_name(name).map(|one| one.parent_file());
        let message = || pool.get_message_by_name(name).map(|one| one.parent_file());
        let words = || pool.get_enum_by_name(name).map(|one| one.parent_file());
        let extension = || pool.get_extension_by_name(name).map(|one| one.parent_file());
        service().or_else(message).or_else(words).or_else(extension)
    };
    named(name).or_else(|| {
        let (parent, part) = name.rsplit_once('.')?;
        let has_rpc =
            || pool.get_service_by_name(parent).is_some_and(|one| one.methods().any(|rpc| rpc.name() == part));
        let has_field = || pool.get_message_by_name(parent).is_some_and(|one| one.get_field_by_name(part).is_some());
        (has_rpc() || has_field()).then(|| named(parent)).flatten()
    })
}

/// A file, and all that it imports.
fn files(file: &FileDescriptor) -> Answer {
    let (mut all, mut open) = (BTreeMap::new(), vec![file.clone()]);
    while let Some(file) = open.pop() {
        if all.insert(file.name().to_owned(), file.encode_to_vec()).is_none() {
            open.extend(file.dependencies());
        }
    }
    let file_descriptor_proto = all.into_values().collect();
    Answer::FileDescriptorResponse(FileDescriptorResponse { file_descriptor_proto })
}

#[cfg(test)]
mod tests;
