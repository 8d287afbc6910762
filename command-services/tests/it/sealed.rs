//! What is personal: sealed before it is anywhere, under keys that can be rotated.

use std::time::Duration;

use serde_json::{Value, json};
use testkit::{Api, Process, Scope};
use uuid::Uuid;

use crate::members::{application, member};
use crate::support::{Server, author, unique};

/// All that is in the topics about accounts, as bytes.
async fn raw(scope: &Scope) -> String {
    let log = scope.log("accounts").await;
    let record = |record: &testkit::log::Seen| {
        format!("{} {:?} {}\n", record.key, record.headers, String::from_utf8_lossy(&record.value))
    };
    log.records.iter().map(record).collect()
}

#[tokio::test]
async fn what_is_personal_is_in_the_log_sealed_only() {
    let (member, texts) = (member().await, [unique("Name"), unique("Bio"), unique("image")]);
    let body = json!({"display_name": texts[0], "bio": texts[1], "image_url": format!("https://{}.example", texts[2])});
    let path = format!("/v1/accounts/{}", member.id);
    let changed = member.api.patch(&path).json(&body).if_match(1).send().await.expect(200);
    // The same again is sealed the same, so nothing changes.
    let again = member.api.patch(&path).json(&body).if_match(changed.version()).send().await.expect(200);
    assert_eq!((again.changed(), again.version()), (false, changed.version()));
    let raw = raw(&Server::shared().await.scope).await;
    assert!(texts.iter().all(|text| !raw.contains(text.as_str())));
    assert!(raw.lines().any(|line| line.contains(&member.id) && line.matches("sealed.v1.").count() == 3));
}

#[tokio::test]
async fn an_application_repeated_with_its_key_is_sealed_the_same() {
    let (name, key) = (unique("mem"), unique("key"));
    let mut body = application(&name);
    body["display_name"] = "Ann".into();
    let apply =
        async |body: &Value| Server::shared().await.api().post("/v1/register").json(body).key(&key).send().await;
    let first = apply(&body).await.expect(201);
    assert_eq!(apply(&body).await.expect(201).version(), first.version());
    body["display_name"] = "Other".into();
    let _ = apply(&body).await.problem(422, "idempotency-key-reused");
}

#[tokio::test]
async fn no_caller_types_what_is_taken_for_sealed() {
    let (person, name) = (author().await, unique("ann"));
    let body = json!({"user_name": name, "bio": "sealed.v1.AbC"});
    let answer = person.api.post("/v1/accounts").json(&body).send().await.problem(422, "invalid");
    assert_eq!(answer.pointer(), "/bio");
}

#[tokio::test]
async fn a_key_is_drawn_only_by_who_may_write() {
    let (stranger, id) = (author().await, Uuid::new_v4());
    let path = format!("/v1/accounts/{id}");
    let bio = json!({"bio": "x"});
    let _ = stranger.api.patch(&path).json(&bio).if_match(1).send().await.problem(403, "not-the-author");
    let mut vault = Server::shared().await.scope.postgres().await;
    let drawn = "SELECT EXISTS (SELECT FROM vault.data_keys WHERE account_id = $1)";
    let drawn: bool = sqlx::query_scalar(drawn).bind(id).fetch_one(&mut vault).await.unwrap();
    assert!(!drawn);
}

/// The ids and counts that `keys list` prints.
fn listed(scope: &Scope) -> Vec<(String, u64)> {
    let text = scope.succeed("command-services", &["keys", "list"]);
    let line = |line: &str| {
        let (id, rest) = line.split_once(": wraps ").unwrap();
        (id.to_owned(), rest.split(' ').next().unwrap().parse().unwrap())
    };
    text.lines().map(line).collect()
}

/// Changes profiles, of people who have a key and of people who get one, until told to stop; how many.
async fn busy(url: String, token: String, stop: tokio::sync::oneshot::Receiver<()>) -> usize {
    let api = Api::new(&url).with_token(&token);
    let (mut done, mut stop) = (0, stop);
    while stop.try_recv().is_err() {
        let (id, name) = (Uuid::new_v4(), unique("busy"));
        let put = |bio: &str| api.put(&format!("/v1/accounts/{id}")).json(&json!({"user_name": name, "bio": bio}));
        let overwrite = async || put("Two.").header("If-Match", "*").send().await.expect(200);
        let _ = put("One.").send().await.expect(201);
        assert!(overwrite().await.changed());
        assert!(!overwrite().await.changed());
        done += 1;
    }
    done
}

#[tokio::test(flavor = "multi_thread")]
async fn wrapping_keys_are_rotated_under_load_and_no_event_is_touched() {
    let scope = Scope::with_vault().await;
    let mut process: Process = scope.start("command-services", &["identity"]);
    process.ready().await;
    let (stop, stopped) = tokio::sync::oneshot::channel();
    let token = scope.keys.token(Uuid::new_v4(), &["editor"]);
    let load = tokio::spawn(busy(process.url().to_owned(), token, stopped));
    testkit::eventually("some are there", Duration::from_secs(20), async || (listed(&scope)[0].1 > 2).then_some(()))
        .await;
    let _ = scope.succeed("command-services", &["keys", "add"]);
    let _ = scope.succeed("command-services", &["keys", "rewrap"]);
    let _ = stop.send(());
    assert!(load.await.unwrap() > 2);
    let _ = scope.succeed("command-services", &["keys", "rewrap"]);
    let keys = listed(&scope);
    assert!(keys.len() == 2 && keys[0].1 > 2 && keys[1].1 == 0 && keys[1].0 == "first", "{keys:?}");
    // Now the former one is not needed any more.
    let ring = std::fs::read_to_string(scope.keys.key_ring_file()).unwrap();
    std::fs::write(scope.keys.key_ring_file(), ring.lines().next().unwrap()).unwrap();
    let mut process = scope.start("command-services", &["identity"]);
    process.ready().await;
    let (stop, stopped) = tokio::sync::oneshot::channel();
    let token = scope.keys.token(Uuid::new_v4(), &["editor"]);
    let load = tokio::spawn(busy(process.url().to_owned(), token, stopped));
    tokio::time::sleep(Duration::from_secs(1)).await;
    let _ = stop.send(());
    assert!(load.await.unwrap() > 0);
}
