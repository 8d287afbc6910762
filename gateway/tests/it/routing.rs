use crate::support::{Door, Service, problem};

#[tokio::test]
async fn each_request_goes_to_the_service_of_its_route() {
    let [queries, publishing, identity] =
        [Service::named("queries").await, Service::named("publishing").await, Service::named("identity").await];
    let more = [
        format!("--upstream-queries={}", queries.url()),
        format!("--upstream-publishing={}", publishing.url()),
        format!("--upstream-identity={}", identity.url()),
    ];
    let community = Service::named("commands").await;
    let door = Door::start(&community.url(), &more.each_ref().map(String::as_str)).await;
    let asked = async |method: &str, path: &str| {
        let request = door.client.request(method.parse().unwrap(), door.url(path));
        request.send().await.unwrap().text().await.unwrap()
    };
    assert_eq!(asked("GET", "/v1/posts?tag=a%2Db").await, "queries GET /v1/posts?tag=a%2Db");
    assert_eq!(asked("POST", "/v1/posts").await, "publishing POST /v1/posts");
    assert_eq!(asked("DELETE", "/v1/me").await, "identity DELETE /v1/me");
    assert_eq!(asked("POST", "/v1/comments/1").await, "commands POST /v1/comments/1");
    assert_eq!(asked("HEAD", "/v1/posts").await, "");
}

#[tokio::test]
async fn what_is_not_there_is_the_gateways_to_say() {
    let service = Service::named("all").await;
    let door = Door::start(&service.url(), &[]).await;
    assert_eq!(problem(door.get("/v1/nothing").await).await, (404, "no-such-address".into()));
    let response = door.client.put(door.url("/v1/archive")).send().await.unwrap();
    assert_eq!(response.headers()["allow"], "GET, HEAD, OPTIONS");
    assert_eq!(problem(response).await, (405, "method-not-allowed".into()));
    let options = door.client.request(http::Method::OPTIONS, door.url("/v1/posts")).send().await.unwrap();
    assert_eq!(
        (options.status().as_u16(), options.headers()["allow"].as_bytes()),
        (204, &b"GET, HEAD, OPTIONS, POST"[..])
    );
    assert_eq!(door.get("/healthz").await.status(), 200);
    assert_eq!(door.get("/readyz").await.status(), 200);
}

#[tokio::test]
async fn answers_carry_ids_and_what_browsers_are_told() {
    let service = Service::start(|request| async move {
        let header = |name: &str| request.headers().get(name).map_or("", |value| value.to_str().unwrap()).to_owned();
        let text = format!("{} {}", header("x-request-id"), header("traceparent"));
        crate::support::text(200, &text)
    })
    .await;
    let door = Door::start(&service.url(), &[]).await;
    let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let request = door.client.get(door.url("/v1/posts")).header("x-request-id", "mine").header("traceparent", trace);
    let response = request.send().await.unwrap();
    assert_eq!(response.headers()["x-request-id"], "mine");
    assert_eq!(response.headers()["x-content-type-options"], "nosniff");
    assert_eq!(response.headers()["x-frame-options"], "DENY");
    let told = response.text().await.unwrap();
    assert!(told.starts_with("mine 00-0af7651916cd43dd8448eb211c80319c-"), "{told}");
    assert!(!told.contains("b7ad6b7169203331"), "the gateway's part has an id of its own: {told}");
    let bad = door.client.get(door.url("/v1/posts")).header("x-request-id", "no good").send().await.unwrap();
    assert_eq!(bad.headers()["x-request-id"].len(), 32);
}

#[tokio::test]
async fn pages_of_other_origins_may_ask_where_the_configuration_says_so() {
    let service = Service::named("all").await;
    let door = Door::start(&service.url(), &["--cors-origins=https://blog.example"]).await;
    let preflight = async |origin: &str| {
        let request = door.client.request(http::Method::OPTIONS, door.url("/v1/posts")).header("origin", origin);
        request.header("access-control-request-method", "POST").send().await.unwrap()
    };
    let good = preflight("https://blog.example").await;
    assert_eq!(good.headers()["access-control-allow-origin"], "https://blog.example");
    assert_eq!(good.headers()["access-control-allow-methods"], "GET, HEAD, OPTIONS, POST");
    assert_eq!(good.headers()["vary"], "Origin");
    let bad = preflight("https://evil.example").await;
    assert!(!bad.headers().contains_key("access-control-allow-origin"));
    assert!(!bad.headers().contains_key("access-control-allow-methods"));
    let read = door.client.get(door.url("/v1/nothing")).header("origin", "https://blog.example").send().await.unwrap();
    assert_eq!(read.headers()["access-control-allow-origin"], "https://blog.example", "refusals can be read, too");
}
