use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use prost_reflect::prost::Message as _;
use service_kit::Shutdown;
use service_kit::network::Network;

use super::{MOST_QUESTIONS, answer, declaring, encoded, files};
use crate::grpc::frames::{Messages, framed};
use crate::grpc::messages::reflection::ExtensionRequest;
use crate::grpc::messages::reflection::server_reflection_request::MessageRequest as Question;
use crate::grpc::messages::reflection::server_reflection_response::MessageResponse as Answer;
use crate::grpc::messages::reflection::{ServerReflectionRequest, ServerReflectionResponse};
use crate::grpc::rpcs::POOL;

fn of(question: &Question) -> Option<Answer> {
    super::of(question).and_then(|bytes| ServerReflectionResponse::decode(bytes).unwrap().message_response)
}

#[test]
fn whatever_is_declared_is_found_by_its_name() {
    let names = [
        ("inklog.v1.PostsService", "inklog/v1/posts.proto"),
        ("inklog.v1.PostsService.Draft", "inklog/v1/posts.proto"),
        ("inklog.v1.DraftRequest", "inklog/v1/posts.proto"),
        ("inklog.v1.NewPost.title", "inklog/v1/types.proto"),
        ("google.api.http", "google/api/annotations.proto"),
        ("google.api.FieldBehavior", "google/api/field_behavior.proto"),
        ("grpc.health.v1.Health", "grpc/health/v1/health.proto"),
    ];
    for (name, file) in names {
        assert_eq!(declaring(&POOL, name).unwrap().name(), file, "{name}");
    }
    assert!(declaring(&POOL, "inklog.v1").is_none() && declaring(&POOL, "").is_none());
}

#[test]
fn extensions_are_found_by_what_they_extend() {
    let containing_type = "google.protobuf.MethodOptions".to_owned();
    let numbers = of(&Question::AllExtensionNumbersOfType(containing_type.clone()));
    let Some(Answer::AllExtensionNumbersResponse(numbers)) = numbers else { panic!("{numbers:?}") };
    assert_eq!(numbers.extension_number, [72_295_728]);
    let asked = |extension_number| {
        let containing_type = containing_type.clone();
        of(&Question::FileContainingExtension(ExtensionRequest { containing_type, extension_number }))
    };
    assert!(matches!(asked(72_295_728), Some(Answer::FileDescriptorResponse(_))));
    assert!(asked(-1).is_none() && asked(7).is_none());
}

#[test]
fn a_file_is_answered_as_it_was_made_and_with_what_was_asked() {
    let name = "inklog/v1/posts.proto".to_owned();
    let made = super::of(&Question::FileByFilename(name.clone())).unwrap();
    assert_eq!(made, encoded(files(&POOL.get_file_by_name(&name).unwrap())));
    let again = super::of(&Question::FileContainingSymbol("inklog.v1.PostsService".to_owned())).unwrap();
    assert_eq!(again.as_ptr(), made.as_ptr(), "it is made once");
    let message_request = Some(Question::FileByFilename(name));
    let request = ServerReflectionRequest { host: "here".to_owned(), message_request };
    let response = super::answered(request.encode_to_vec().into()).unwrap();
    let response = ServerReflectionResponse::decode(response).unwrap();
    assert_eq!((response.valid_host.as_str(), &response.original_request), ("here", &Some(request)));
    assert!(matches!(response.message_response, Some(Answer::FileDescriptorResponse(_))));
}

#[tokio::test]
async fn a_stream_has_so_many_questions() {
    let request = ServerReflectionRequest {
        message_request: Some(Question::FileByFilename("inklog/v1/none.proto".to_owned())),
        ..Default::default()
    };
    let question = framed(&request.encode_to_vec());
    for (asked, code) in [(MOST_QUESTIONS, "0"), (MOST_QUESTIONS + 1, "8")] {
        let body = Full::new(Bytes::from(question.repeat(asked as usize)));
        let messages = Messages::new(body, 1_024, Duration::from_secs(5), &Network("reflection".into()));
        let mut answers = answer(messages, Shutdown::new()).into_body();
        let (mut come, mut ended) = (0, None);
        while let Some(frame) = answers.frame().await {
            match frame.unwrap().into_trailers() {
                Ok(trailers) => ended = Some(trailers["grpc-status"].to_str().unwrap().to_owned()),
                Err(_) => come += 1,
            }
        }
        assert_eq!((come, ended.as_deref()), (MOST_QUESTIONS, Some(code)));
    }
}
