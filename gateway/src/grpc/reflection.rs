//! `grpc.reflection.v1.ServerReflection`: tools such as `grpcurl` read there which services and messages there are.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use bytes::{BufMut as _, Bytes};
use futures::stream;
use http::StatusCode;
use http_body::Body;
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

/// The most questions of a stream, which is counted as one read.
const MOST_QUESTIONS: u32 = 200;

/// What is answered to questions for files, by their names: made once, for a file comes with all that it imports.
static FILES: LazyLock<HashMap<String, Bytes>> =
    LazyLock::new(|| POOL.files().map(|file| (file.name().to_owned(), encoded(files(&file)))).collect());

/// An answer to each question, until the client or the gateway has enough.
pub(super) fn answer<B>(messages: Messages<B>, shutdown: Shutdown) -> Response
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
{
    answer::messages(stream::unfold(Some((messages, shutdown, 0)), |state| async move {
        let (mut messages, shutdown, asked) = state?;
        let next = tokio::select! {
            biased;
            next = messages.next() => next,
            () = shutdown.requested() => Ok(None),
        };
        let answer = match next {
            Ok(Some(_)) if asked == MOST_QUESTIONS => Err(too_many()),
            next => next.and_then(|question| question.map(answered).transpose()),
        };
        match answer {
            Ok(Some(answer)) => Some((Ok(answer), Some((messages, shutdown, asked + 1)))),
            Ok(None) => Some((Err(Status::ok()), None)),
            Err(status) => Some((Err(status), None)),
        }
    }))
}

fn answered(question: Bytes) -> Result<Bytes, Status> {
    let request = ServerReflectionRequest::decode(question).map_err(|_| Status::malformed("this is no question"))?;
    let answer = request.message_request.as_ref().and_then(of).unwrap_or_else(|| {
        encoded(Answer::ErrorResponse(ErrorResponse {
            error_code: Code::NotFound as i32,
            error_message: "not found".to_owned(),
        }))
    });
    let valid_host = request.host.clone();
    let response = ServerReflectionResponse { valid_host, original_request: Some(request), message_response: None };
    // The bytes of two messages in a row are those of one that has the fields of both.
    let mut bytes = response.encode_to_vec();
    bytes.put_slice(&answer);
    Ok(bytes.into())
}

fn too_many() -> Status {
    let message = format!("at most {MOST_QUESTIONS} questions are answered in a stream: begin another");
    Status::new(Code::ResourceExhausted, StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED", &message)
}

/// A response that has only this.
fn encoded(answer: Answer) -> Bytes {
    ServerReflectionResponse { message_response: Some(answer), ..Default::default() }.encode_to_vec().into()
}

/// The response, but for what it echoes. `None` where there is no such thing.
fn of(question: &Question) -> Option<Bytes> {
    let file = |file: FileDescriptor| FILES.get(file.name()).cloned();
    match question {
        Question::FileByFilename(name) => FILES.get(name).cloned(),
        Question::FileContainingSymbol(name) => file(declaring(&POOL, name)?),
        Question::FileContainingExtension(asked) => {
            let message = POOL.get_message_by_name(&asked.containing_type)?;
            let extension = message.get_extension(u32::try_from(asked.extension_number).ok()?)?;
            file(extension.parent_file())
        }
        Question::AllExtensionNumbersOfType(name) => {
            let message = POOL.get_message_by_name(name)?;
            let extension_number = message.extensions().filter_map(|one| one.number().try_into().ok()).collect();
            let base_type_name = name.clone();
            let numbers = ExtensionNumberResponse { base_type_name, extension_number };
            Some(encoded(Answer::AllExtensionNumbersResponse(numbers)))
        }
        Question::ListServices(_) => {
            let service = POOL.services().map(|one| ServiceResponse { name: one.full_name().to_owned() }).collect();
            Some(encoded(Answer::ListServicesResponse(ListServiceResponse { service })))
        }
    }
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
