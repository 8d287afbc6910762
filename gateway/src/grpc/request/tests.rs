use http::HeaderMap;
use prost_reflect::{DynamicMessage, Value};
use serde_json::{Value as Json, json};

use super::{LONGEST_URI, request};
use crate::grpc::json::read;
use crate::grpc::rpcs::{RPCS, Rpc};
use crate::grpc::status::Code;
use crate::head;

fn rpc(path: &str) -> &'static Rpc {
    RPCS.get(path).unwrap()
}

#[test]
fn every_rpc_makes_a_request_of_a_message_whose_path_is_filled() {
    for rpc in RPCS.values() {
        let mut message = DynamicMessage::new(rpc.input.clone());
        for field in rpc.input.fields().filter(|field| rpc.pattern.contains(&format!("{{{}}}", field.name()))) {
            let value = match field.kind() {
                prost_reflect::Kind::String => Value::String("a/b".to_owned()),
                prost_reflect::Kind::Int32 => Value::I32(7),
                _ => Value::I64(7),
            };
            message.set_field(&field, value);
        }
        let request = request(rpc, &message, &HeaderMap::new()).unwrap_or_else(|status| panic!("{rpc:?}: {status:?}"));
        assert_eq!(request.method(), rpc.method);
        assert_eq!(request.uri().path().split('/').count(), rpc.pattern.split('/').count(), "{}", request.uri());
        assert_eq!(request.body().is_empty(), !rpc.has_body());
    }
}

#[test]
fn what_a_body_must_have_is_there_however_empty() {
    let rpc = rpc("/inklog.v1.SeriesService/OrderSeries");
    let message = read(&rpc.input, json!({"id": "1"})).unwrap();
    let request = request(rpc, &message, &HeaderMap::new()).unwrap();
    let body: Json = serde_json::from_slice(request.body()).unwrap();
    assert!(body.as_object().unwrap().values().any(|value| *value == json!([])), "{body}");
}

#[test]
fn an_address_is_as_long_as_one_of_rest_may_be() {
    let rpc = rpc("/inklog.v1.PostsService/ListPosts");
    let asked = |tag: usize| {
        let message = read(&rpc.input, json!({"tag": "a".repeat(tag)})).unwrap();
        request(rpc, &message, &HeaderMap::new())
    };
    let room = LONGEST_URI - asked(0).unwrap().uri().to_string().len();
    let longest = asked(room).unwrap();
    assert_eq!(longest.uri().to_string().len(), LONGEST_URI);
    assert_eq!(asked(room + 1).unwrap_err().code, Code::InvalidArgument);
    let as_rest = |uri: String| {
        let request = http::Request::get(uri).version(http::Version::HTTP_2).body(()).unwrap();
        head::check(&request.into_parts().0)
    };
    assert!(as_rest(longest.uri().to_string()).is_ok());
    assert!(as_rest(format!("{}a", longest.uri())).is_err());
}
