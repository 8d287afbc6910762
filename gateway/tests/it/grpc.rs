//! Calls by gRPC, before a service that each test makes up.

use std::sync::{Arc, LazyLock, Mutex};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use bytes::Bytes;
use http::{HeaderMap, Request};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use prost_reflect::prost::Message as _;
use prost_reflect::{DescriptorPool, DynamicMessage, MapKey, MethodDescriptor, Value};

use crate::support::{Door, Nobody, Service, text};

/// The contract, as it was compiled for the gateway.
static POOL: LazyLock<DescriptorPool> =
    LazyLock::new(|| DescriptorPool::decode(&include_bytes!(concat!(env!("OUT_DIR"), "/contract.binpb"))[..]).unwrap());

const OK: u8 = 0;
const INVALID_ARGUMENT: u8 = 3;
const DEADLINE_EXCEEDED: u8 = 4;
const RESOURCE_EXHAUSTED: u8 = 8;
const UNIMPLEMENTED: u8 = 12;
const INTERNAL: u8 = 13;
const UNAVAILABLE: u8 = 14;
const UNAUTHENTICATED: u8 = 16;
/// A token that the gateway cannot judge.
const TOKEN: (&str, &str) = ("authorization", "Bearer of.nobody.known");

/// How a call went.
struct Outcome {
    /// The messages.
    messages: Vec<DynamicMessage>,
    metadata: HeaderMap,
    code: u8,
    message: String,
    /// What programs read of it, by the names of the messages.
    details: Vec<DynamicMessage>,
}

impl Outcome {
    fn detail(&self, name: &str) -> &DynamicMessage {
        let is_it = |detail: &&DynamicMessage| prost_reflect::ReflectMessage::descriptor(*detail).name() == name;
        self.details.iter().find(is_it).unwrap_or_else(|| panic!("there is no {name}: {:?}", self.details))
    }
}

fn rpc(path: &str) -> MethodDescriptor {
    let (service, method) = path.split_once('/').unwrap();
    let service = POOL.get_service_by_name(service).unwrap();
    service.methods().find(|found| found.name() == method).unwrap()
}

/// A message with these fields; a dot leads into another message.
fn message(name: &str, fields: &[(&str, Value)]) -> DynamicMessage {
    let mut message = DynamicMessage::new(POOL.get_message_by_name(name).unwrap());
    for (path, value) in fields {
        let mut at = &mut message;
        let mut names = path.split('.').peekable();
        while let Some(name) = names.next() {
            if names.peek().is_none() {
                at.set_field_by_name(name, value.clone());
                break;
            }
            at = at.get_field_by_name_mut(name).unwrap().as_message_mut().unwrap();
        }
    }
    message
}

fn string(text: &str) -> Value {
    Value::String(text.to_owned())
}

fn strings(texts: &[&str]) -> Value {
    Value::List(texts.iter().map(|text| string(text)).collect())
}

fn framed(message: &[u8]) -> Vec<u8> {
    [&[0][..], &u32::try_from(message.len()).unwrap().to_be_bytes(), message].concat()
}

/// Calls an rpc with these bytes, and reads what comes.
async fn raw(door: &Door, path: &str, metadata: &[(&str, &str)], bytes: Vec<u8>) -> (HeaderMap, Vec<Bytes>, HeaderMap) {
    let client: Client<HttpConnector, Full<Bytes>> =
        Client::builder(TokioExecutor::new()).http2_only(true).build_http();
    let mut request = Request::post(door.url(&format!("/{path}"))).header("te", "trailers");
    if !metadata.iter().any(|(name, _)| *name == "content-type") {
        request = request.header("content-type", "application/grpc");
    }
    let request = metadata.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    let answer = client.request(request.body(Full::new(bytes.into())).unwrap()).await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["content-type"]),
        (200, &"application/grpc".parse().unwrap())
    );
    let (head, body) = answer.into_parts();
    let body = body.collect().await.unwrap();
    let trailers = body.trailers().cloned().unwrap_or_else(|| head.headers.clone());
    let (mut messages, mut rest) = (Vec::new(), body.to_bytes());
    while !rest.is_empty() {
        let length = u32::from_be_bytes(rest[1..5].try_into().unwrap()) as usize;
        assert_eq!(rest[0], 0, "it is not compressed");
        messages.push(rest.slice(5..5 + length));
        rest = rest.slice(5 + length..);
    }
    (head.headers, messages, trailers)
}

fn outcome(path: &str, (metadata, messages, trailers): (HeaderMap, Vec<Bytes>, HeaderMap)) -> Outcome {
    let output = || rpc(path).output();
    let messages = messages.into_iter().map(|bytes| DynamicMessage::decode(output(), bytes).unwrap()).collect();
    let code = trailers["grpc-status"].to_str().unwrap().parse().unwrap();
    let message = trailers.get("grpc-message").map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
    let mut details = Vec::new();
    if let Some(bytes) = trailers.get("grpc-status-details-bin") {
        let bytes = STANDARD_NO_PAD.decode(bytes).unwrap();
        let status =
            DynamicMessage::decode(POOL.get_message_by_name("google.rpc.Status").unwrap(), &bytes[..]).unwrap();
        for any in status.get_field_by_name("details").unwrap().as_list().unwrap() {
            let field = |name: &str| any.as_message().unwrap().get_field_by_name(name).unwrap().into_owned();
            let (Value::String(url), Value::Bytes(value)) = (field("type_url"), field("value")) else {
                panic!("{any:?}")
            };
            let name = url.strip_prefix("type.googleapis.com/").unwrap();
            details.push(DynamicMessage::decode(POOL.get_message_by_name(name).unwrap(), value).unwrap());
        }
    }
    Outcome { messages, metadata, code, message, details }
}

async fn call(door: &Door, path: &str, metadata: &[(&str, &str)], fields: &[(&str, Value)]) -> Outcome {
    let request = message(rpc(path).input().full_name(), fields);
    outcome(path, raw(door, path, metadata, framed(&request.encode_to_vec())).await)
}

/// What a service was asked: method and address, headers, body.
type Asked = Arc<Mutex<Vec<(String, HeaderMap, String)>>>;

/// A service that notes what it is asked, and answers all of it like this.
async fn service(
    status: u16,
    headers: &'static [(&'static str, &'static str)],
    body: &'static str,
) -> (Service, Asked) {
    let asked = Asked::default();
    let noted = Arc::clone(&asked);
    let service = Service::start(move |request: Request<hyper::body::Incoming>| {
        let noted = Arc::clone(&noted);
        async move {
            let (head, incoming) = request.into_parts();
            let sent = incoming.collect().await.unwrap().to_bytes();
            let what = format!("{} {}", head.method, head.uri);
            noted.lock().unwrap().push((what, head.headers, String::from_utf8(sent.to_vec()).unwrap()));
            let mut answer = text(status, body);
            for (name, value) in headers {
                answer.headers_mut().insert(*name, value.parse().unwrap());
            }
            answer
        }
    });
    (service.await, asked)
}

const REPLY: &str = r#"{"id": "0197a8c5-0000-7000-8000-000000000001", "version": 3, "slug": "a-post"}"#;

#[tokio::test]
async fn a_call_is_the_native_request_and_the_answer_is_its_message() {
    let headers = &[("etag", "\"3\""), ("inklog-position", "abc"), ("x-secret", "of the service")];
    let (service, asked) = service(201, headers, REPLY).await;
    let door = Door::start(&service.url(), &[]).await;
    let metadata = [
        TOKEN,
        ("idempotency-key", "k-1"),
        ("if-match", "\"2\""),
        ("inklog-position", "xyz"),
        ("x-request-id", "r-1"),
        ("range", "bytes=0-1"),
        ("grpc-timeout", "5S"),
    ];
    let fields =
        [("body.title", string("Ink & log")), ("body.body", string("*Text*")), ("body.tags", strings(&["a", "b"]))];
    let outcome = call(&door, "inklog.v1.PostsService/Draft", &metadata, &fields).await;
    assert_eq!((outcome.code, outcome.message.as_str()), (OK, ""));
    let id = outcome.messages[0].get_field_by_name("id").unwrap().into_owned();
    assert_eq!(id, string("0197a8c5-0000-7000-8000-000000000001"));
    let told = |name: &str| outcome.metadata.get(name).map(|value| value.to_str().unwrap());
    assert_eq!(
        (told("etag"), told("inklog-position"), told("x-request-id")),
        (Some("\"3\""), Some("abc"), Some("r-1"))
    );
    assert_eq!((told("inklog-http-status"), told("x-secret")), (Some("201"), None));

    let asked = asked.lock().unwrap();
    let (what, headers, body) = &asked[0];
    assert_eq!(what, "POST /v1/posts");
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    assert_eq!(body, serde_json::json!({"title": "Ink & log", "body": "*Text*", "tags": ["a", "b"]}));
    for (name, value) in &metadata[..5] {
        assert_eq!(headers[*name], *value, "{name}");
    }
    assert_eq!(headers["content-type"], "application/json");
    assert!(!headers.contains_key("range") && headers.contains_key("traceparent") && !headers.contains_key("te"));
    let left: u64 = headers["inklog-timeout-ms"].to_str().unwrap().parse().unwrap();
    assert!((1..=5_000).contains(&left), "{left}");
}

#[tokio::test]
async fn fields_of_the_path_and_the_query_are_where_they_belong() {
    let (service, asked) = service(200, &[], r#"{"posts": [], "next": null}"#).await;
    let door = Door::start(&service.url(), &[]).await;
    let list = [("tag", string("a&b")), ("limit", Value::I32(5)), ("descendants", Value::Bool(true))];
    assert_eq!(call(&door, "inklog.v1.PostsService/ListPosts", &[("if-none-match", "*")], &list).await.code, OK);
    let read = [("id", string("../é/x"))];
    assert_eq!(call(&door, "inklog.v1.SeriesService/ReadSeries", &[], &read).await.code, OK);
    for text in ["", "..", "a\nb"] {
        let refused = call(&door, "inklog.v1.SeriesService/ReadSeries", &[], &[("id", string(text))]).await;
        assert_eq!(refused.code, INVALID_ARGUMENT, "{text:?}");
        let violations = refused.detail("BadRequest").get_field_by_name("field_violations").unwrap().into_owned();
        let field =
            violations.as_list().unwrap()[0].as_message().unwrap().get_field_by_name("field").unwrap().into_owned();
        assert_eq!(field, string("id"));
    }
    let asked = asked.lock().unwrap();
    let whats: Vec<&str> = asked.iter().map(|(what, _, _)| what.as_str()).collect();
    assert_eq!(whats, ["GET /v1/posts?tag=a%26b&descendants=true&limit=5", "GET /v1/series/..%2F%C3%A9%2Fx"]);
    assert!(asked.iter().all(|(_, headers, _)| !headers.contains_key("if-none-match")));
}

#[tokio::test]
async fn what_is_in_the_mask_and_not_set_is_taken_away() {
    let (service, asked) = service(200, &[], REPLY).await;
    let door = Door::start(&service.url(), &[]).await;
    let id = ("id", string("0197a8c5-0000-7000-8000-000000000001"));
    let fields = [id.clone(), ("body.title", string("New")), ("body.summary", string("Of it"))];
    assert_eq!(call(&door, "inklog.v1.PostsService/Edit", &[TOKEN], &fields).await.code, OK);
    let mask = ("update_mask.paths", strings(&["title", "summary", "tags"]));
    let fields = [id.clone(), ("body.title", string("New")), ("body.language", string("de")), mask];
    assert_eq!(call(&door, "inklog.v1.PostsService/Edit", &[TOKEN], &fields).await.code, OK);
    let unknown = [id, ("update_mask.paths", strings(&["titel"]))];
    assert_eq!(call(&door, "inklog.v1.PostsService/Edit", &[TOKEN], &unknown).await.code, INVALID_ARGUMENT);
    let asked = asked.lock().unwrap();
    assert_eq!(asked[0].2, r#"{"summary":"Of it","title":"New"}"#);
    assert_eq!(asked[1].2, r#"{"summary":null,"tags":[],"title":"New"}"#);
    assert_eq!((asked.len(), &asked[1].1["content-type"]), (2, &"application/merge-patch+json".parse().unwrap()));
}

#[tokio::test]
async fn a_problem_is_a_status_with_its_details() {
    let problem = r#"{"type": "urn:inklog:problem:invalid", "title": "The request breaks a rule", "status": 422,
        "detail": "100 % wrong: 日本", "version": 7,
        "errors": [{"pointer": "/title", "detail": "too long", "code": "unknown"}]}"#;
    let (service, _) = service(422, &[("retry-after", "3"), ("inklog-stale", "true")], problem).await;
    let door = Door::start(&service.url(), &[]).await;
    let outcome = call(&door, "inklog.v1.PostsService/Draft", &[TOKEN, ("x-request-id", "r-2")], &[]).await;
    assert_eq!((outcome.code, outcome.message.as_str()), (INVALID_ARGUMENT, "100 %25 wrong: %E6%97%A5%E6%9C%AC"));
    assert!(outcome.messages.is_empty());
    assert_eq!(outcome.metadata["inklog-stale"], "true");
    let info = outcome.detail("ErrorInfo");
    assert_eq!(*info.get_field_by_name("reason").unwrap(), string("INVALID"));
    assert_eq!(*info.get_field_by_name("domain").unwrap(), string("inklog"));
    let metadata = info.get_field_by_name("metadata").unwrap().into_owned();
    let version = metadata.as_map().unwrap().get(&MapKey::String("version".to_owned()));
    assert_eq!(version, Some(&string("7")));
    let violations = outcome.detail("BadRequest").get_field_by_name("field_violations").unwrap().into_owned();
    let violation = violations.as_list().unwrap()[0].as_message().unwrap().clone();
    let said = ["field", "description", "reason"].map(|name| violation.get_field_by_name(name).unwrap().into_owned());
    assert_eq!(said, [string("body.title"), string("too long"), string("UNKNOWN")]);
    let delay = outcome.detail("RetryInfo").get_field_by_name("retry_delay").unwrap().into_owned();
    assert_eq!(*delay.as_message().unwrap().get_field_by_name("seconds").unwrap(), Value::I64(3));
    assert_eq!(*outcome.detail("RequestInfo").get_field_by_name("request_id").unwrap(), string("r-2"));
}

#[tokio::test]
async fn a_call_ends_with_its_deadline() {
    let service = Service::start(|_| async {
        tokio::time::sleep(Duration::from_secs(20)).await;
        text(200, "{}")
    });
    let service = service.await;
    let door = Door::start(&service.url(), &[]).await;
    let began = Instant::now();
    let outcome = call(&door, "inklog.v1.PostsService/ListPosts", &[("grpc-timeout", "300m")], &[]).await;
    assert_eq!(outcome.code, DEADLINE_EXCEEDED, "{}", outcome.message);
    assert!((250..3_000).contains(&began.elapsed().as_millis()), "{:?}", began.elapsed());
}

#[tokio::test]
async fn what_services_and_the_gateway_cannot_do_is_said_in_codes() {
    let nobody = Nobody::new();
    let door = Door::start(&nobody.url(), &[]).await;
    let away = call(&door, "inklog.v1.PostsService/ListPosts", &[], &[]).await;
    assert_eq!(away.code, UNAVAILABLE);
    away.detail("RetryInfo");
    let (service, _) = service(200, &[], r#"{"posts": 7}"#).await;
    let door = Door::start(&service.url(), &[]).await;
    assert_eq!(call(&door, "inklog.v1.PostsService/ListPosts", &[], &[]).await.code, INTERNAL);

    let path = "inklog.v1.PostsService/ListPosts";
    let large = outcome(path, raw(&door, path, &[], framed(&vec![0; 70_000])).await);
    assert_eq!(large.code, RESOURCE_EXHAUSTED);
    let compressed = outcome(path, raw(&door, path, &[], vec![1, 0, 0, 0, 0]).await);
    assert_eq!(compressed.code, UNIMPLEMENTED);
    let json = outcome(path, raw(&door, path, &[("content-type", "application/grpc+json")], framed(b"{}")).await);
    assert_eq!(json.code, UNIMPLEMENTED);
    for bytes in [framed(&[0xff]), vec![0, 0], Vec::new(), [framed(&[]), framed(&[])].concat(), vec![0, 0, 0, 0, 9, 1]]
    {
        assert_eq!(outcome(path, raw(&door, path, &[], bytes.clone()).await).code, INVALID_ARGUMENT, "{bytes:?}");
    }
    let (_, _, trailers) = raw(&door, "inklog.v1.PostsService/Nothing", &[], framed(&[])).await;
    assert_eq!(trailers["grpc-status"], "12");
}

#[tokio::test]
async fn messages_are_bounded_before_they_are_read() {
    let (service, asked) = service(201, &[], REPLY).await;
    let door = Door::start(&service.url(), &[]).await;
    let draft = "inklog.v1.PostsService/Draft";
    let code = async |metadata: &[(&str, &str)], message: &[u8]| {
        outcome(draft, raw(&door, draft, metadata, framed(message)).await).code
    };
    assert_eq!(code(&[], &[0xff]).await, UNAUTHENTICATED, "nobody reads it");
    assert_eq!(code(&[TOKEN], &[0x78, 0].repeat(10_001)).await, RESOURCE_EXHAUSTED);
    let announced = [&[0][..], &1_048_577_u32.to_be_bytes()].concat();
    assert_eq!(outcome(draft, raw(&door, draft, &[TOKEN], announced).await).code, RESOURCE_EXHAUSTED);
    let far = "a".repeat(8_192);
    let far = call(&door, "inklog.v1.PostsService/ListPosts", &[], &[("tag", string(&far))]).await;
    assert_eq!(far.code, INVALID_ARGUMENT);
    assert!(asked.lock().unwrap().is_empty());
    let fields = [("body.title", string("Ink")), ("body.body", string(&"é".repeat(250_000)))];
    assert_eq!(call(&door, draft, &[TOKEN], &fields).await.code, OK);
}

#[tokio::test]
async fn what_has_moved_is_read_where_it_is_now() {
    let service = Service::start(|request: Request<hyper::body::Incoming>| async move {
        match request.uri().path() {
            "/v1/tags/old" => {
                let mut answer = text(301, "");
                answer.headers_mut().insert("location", "/v1/tags/new".parse().unwrap());
                answer
            }
            "/v1/tags/new" => text(200, r#"{"tag": "new", "posts_count": 2, "followers_count": 1}"#),
            _ => {
                let mut answer = text(301, "");
                answer.headers_mut().insert("location", "/v1/tags/round".parse().unwrap());
                answer
            }
        }
    });
    let service = service.await;
    let door = Door::start(&service.url(), &[]).await;
    let found = call(&door, "inklog.v1.TagsService/ReadTag", &[], &[("tag", string("old"))]).await;
    assert_eq!((found.code, &found.metadata["content-location"]), (OK, &"/v1/tags/new".parse().unwrap()));
    assert_eq!(call(&door, "inklog.v1.TagsService/ReadTag", &[], &[("tag", string("round"))]).await.code, INTERNAL);
}

#[tokio::test]
async fn calls_are_counted_as_requests_are() {
    let (service, _) = service(200, &[], r#"{"posts": []}"#).await;
    let door = Door::start(&service.url(), &["--rate-factor=1"]).await;
    let outcome = call(&door, "inklog.v1.PostsService/ListPosts", &[], &[]).await;
    assert_eq!(outcome.code, OK);
    assert!(outcome.metadata["ratelimit"].to_str().unwrap().contains("reads"), "{:?}", outcome.metadata);
}

#[tokio::test]
async fn health_is_told_for_the_gateway_and_for_each_service() {
    let nobody = Nobody::new();
    let (service, _) = service(200, &[], "{}").await;
    let door = Door::start(&service.url(), &[&format!("--upstream-identity={}", nobody.url())]).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let check = async |service: &str| {
        let outcome = call(&door, "grpc.health.v1.Health/Check", &[], &[("service", string(service))]).await;
        let status = outcome.messages.first().map(|message| message.get_field_by_name("status").unwrap().into_owned());
        (outcome.code, status)
    };
    let (serving, not_serving) = (Some(Value::EnumNumber(1)), Some(Value::EnumNumber(2)));
    assert_eq!(check("").await, (OK, serving.clone()));
    assert_eq!(check("inklog.v1.PostsService").await, (OK, serving));
    assert_eq!(check("inklog.v1.SessionsService").await, (OK, not_serving));
    assert_eq!(check("inklog.v1.Nothing").await, (5, None));
    let list = call(&door, "grpc.health.v1.Health/List", &[], &[]).await;
    assert!(list.messages[0].get_field_by_name("statuses").unwrap().as_map().unwrap().len() > 15);
    // What is watched is told at once, and until the deadline; then the client watches again.
    let watched =
        call(&door, "grpc.health.v1.Health/Watch", &[("grpc-timeout", "1S")], &[("service", string("?"))]).await;
    assert_eq!((watched.messages.len(), watched.code), (1, UNAVAILABLE));
    assert_eq!(*watched.messages[0].get_field_by_name("status").unwrap(), Value::EnumNumber(3));
}

#[tokio::test]
async fn tools_read_by_reflection_what_there_is() {
    let (service, _) = service(200, &[], "{}").await;
    let door = Door::start(&service.url(), &[]).await;
    let path = "grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
    let question = |field: &str, text: &str| {
        framed(&message("grpc.reflection.v1.ServerReflectionRequest", &[(field, string(text))]).encode_to_vec())
    };
    let questions = [
        question("list_services", ""),
        question("file_containing_symbol", "inklog.v1.PostsService"),
        question("file_containing_symbol", "inklog.v1.Nothing"),
        question("file_by_filename", "google/api/http.proto"),
    ];
    let outcome = outcome(path, raw(&door, path, &[], questions.concat()).await);
    assert_eq!((outcome.code, outcome.messages.len()), (OK, 4));
    let answer = |at: usize, name: &str| outcome.messages[at].get_field_by_name(name).unwrap().into_owned();
    let services =
        answer(0, "list_services_response").as_message().unwrap().get_field_by_name("service").unwrap().into_owned();
    assert_eq!(services.as_list().unwrap().len(), POOL.services().len());
    let files = answer(1, "file_descriptor_response");
    let files = files.as_message().unwrap().get_field_by_name("file_descriptor_proto").unwrap().into_owned();
    let mut set = DescriptorPool::new();
    let bytes = files.as_list().unwrap().iter().map(|file| file.as_bytes().unwrap().clone());
    let protos = bytes.map(|bytes| prost_types::FileDescriptorProto::decode(bytes).unwrap());
    set.add_file_descriptor_protos(protos).expect("what a file imports comes with it");
    assert!(set.get_service_by_name("inklog.v1.PostsService").is_some());
    assert!(outcome.messages[2].has_field_by_name("error_response"));
    assert!(outcome.messages[3].has_field_by_name("file_descriptor_response"));
}
