//! The program as it is started: configuration and the steps by hand.

use std::process::{Command, Stdio};

use testkit::Scope;
use uuid::Uuid;

use crate::support::{Server, unique};

#[test]
fn a_bad_setting_ends_the_program_with_64_and_is_named() {
    let scope = Scope::bare();
    let settings = [
        ("INKLOG_LISTEN", "here"),
        ("INKLOG_PARTITIONS", "0"),
        ("INKLOG_TOKEN_PUBLIC_KEY_FILE", "/nowhere"),
        ("INKLOG_KEY_RING_FILE", "/nowhere"),
        ("INKLOG_SECOND_FACTOR_REQUIRED", "reader"),
        ("INKLOG_SECOND_FACTOR_ISSUER", "a:b"),
    ];
    for (name, value) in settings {
        let mut command = Command::new(testkit::stack::binary("command-services"));
        let output = command.arg("all").envs(scope.environment()).env(name, value).output().unwrap();
        assert_eq!(output.status.code(), Some(64), "{name}");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains(name), "{said}");
    }
}

#[tokio::test]
async fn a_minted_token_is_good() {
    let server = Server::shared().await;
    let subject = Uuid::new_v4().to_string();
    let token = server.scope.succeed("command-services", &["token", "mint", "--subject", &subject, "--role", "author"]);
    let api = server.api().with_token(token.trim());
    let body = serde_json::json!({"title": "T", "slug": unique("minted")});
    let _ = api.post("/v1/posts").json(&body).send().await.expect(201);
}

#[tokio::test]
async fn making_topics_and_registering_schemas_again_changes_nothing() {
    let scope = &Server::shared().await.scope;
    let before = scope.succeed("command-services", &["schemas", "register"]);
    assert_eq!(scope.succeed("command-services", &["schemas", "register"]), before);
    let said = scope.succeed("command-services", &["topics", "create"]);
    assert!(said.contains(&scope.topic("posts")), "{said}");
}

/// As the hooks of two installs do.
#[tokio::test]
async fn those_who_set_up_a_new_installation_at_once_are_not_in_each_others_way() {
    let steps = [
        ("command-services", &["topics", "create"][..]),
        ("command-services", &["schemas", "register"]),
        ("command-services", &["vault", "migrate"]),
        ("projection-services", &["migrate"]),
    ];
    for _ in 0..3 {
        let scope = Scope::empty().await;
        for (program, arguments) in steps {
            let all = [(); 3].map(|()| {
                let mut command = Command::new(testkit::stack::binary(program));
                command.args(arguments).envs(scope.environment()).stdout(Stdio::piped()).stderr(Stdio::piped());
                command.spawn().unwrap()
            });
            for child in all {
                let output = tokio::task::spawn_blocking(move || child.wait_with_output().unwrap()).await.unwrap();
                assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
            }
        }
    }
}

#[tokio::test]
async fn another_number_of_partitions_is_refused() {
    let scope = &Server::shared().await.scope;
    let mut command = Command::new(testkit::stack::binary("command-services"));
    command.args(["topics", "create"]).envs(scope.environment()).env("INKLOG_PARTITIONS", "8");
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("2 partitions"), "{said}");
}
