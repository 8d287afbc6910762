use super::{declaring, of};
use crate::grpc::messages::reflection::ExtensionRequest;
use crate::grpc::messages::reflection::server_reflection_request::MessageRequest as Question;
use crate::grpc::messages::reflection::server_reflection_response::MessageResponse as Answer;
use crate::grpc::rpcs::POOL;

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
    let numbers = of(&POOL, &Question::AllExtensionNumbersOfType(containing_type.clone()));
    let Some(Answer::AllExtensionNumbersResponse(numbers)) = numbers else { panic!("{numbers:?}") };
    assert_eq!(numbers.extension_number, [72_295_728]);
    let asked = |extension_number| {
        let containing_type = containing_type.clone();
        of(&POOL, &Question::FileContainingExtension(ExtensionRequest { containing_type, extension_number }))
    };
    assert!(matches!(asked(72_295_728), Some(Answer::FileDescriptorResponse(_))));
    assert!(asked(-1).is_none() && asked(7).is_none());
}
