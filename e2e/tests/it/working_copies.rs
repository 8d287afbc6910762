//! A live post that is edited without the edit being public: a journey, with a process that dies in the middle.

use serde_json::{Value, json};
use service_kit::times;
use testkit::Api;

use crate::support::members::Member;
use crate::support::{System, unique};

impl Member {
    /// What this member writes, once what was replied at this position is seen.
    async fn writes(&self, position: &str) -> Vec<Value> {
        let answer = self.queries.get("/v1/me/posts").header("Inklog-Position", position).send().await.expect(200);
        answer.body["posts"].as_array().unwrap().clone()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_a_live_post_over_a_working_copy_and_a_preview_to_its_release() {
    let mut system = System::start(1).await;
    let (ada, bob) = (Member::join(&system, "ada").await, Member::join(&system, "bob").await);
    let slug = unique("live");
    let draft = json!({"title": "As it is", "slug": slug, "body": "Old."});
    let id = ada.commands.post("/v1/posts").json(&draft).send().await.expect(201).id();
    let (post, page) = (format!("/v1/posts/{id}"), format!("/v1/posts/{slug}"));
    let invited = json!({"account_id": bob.id});
    let _ = ada.commands.post(&format!("{post}/invitations")).json(&invited).send().await.expect(200);
    let accepted = bob.commands.post(&format!("/v1/me/invitations/{id}/accept")).send().await.expect(200);
    assert_eq!(accepted.body["slug"], slug);
    let own = bob.writes(&accepted.position()).await;
    assert_eq!((&own[0]["role"], &own[0]["state"]), (&json!("co-author"), &json!("draft")));
    assert_eq!(own[0]["post"]["slug"], slug);
    let published = ada.commands.post(&format!("{post}/publish")).send().await.expect(200);

    // Both type; readers see nothing of it, but for who has the link.
    let copy = format!("/v1/working-copies/{id}");
    let first = json!({"change": {"title": "As it will be"}, "base_version": published.version()});
    let saved = ada.commands.put(&copy).json(&first).send().await.expect(200);
    let change = json!({"title": "As it will be", "body": "*New.*"});
    let saved = bob.commands.put(&copy).json(&json!({"change": change})).if_match(saved.version()).send().await;
    let version = saved.expect(200).version();
    let lost = ada.commands.put(&copy).json(&json!({"change": {"title": "Mine"}})).if_match(version - 1).send().await;
    assert_eq!(lost.problem(412, "version-conflict").body["changed"], json!(["body", "title"]));
    let expires_at = times::format(times::now().plus_millis(3_600_000));
    let body = json!({"expires_at": expires_at});
    let given = ada.commands.post(&format!("{post}/previews")).json(&body).send().await.expect(201);
    let preview = format!("/v1/previews/{}", given.body["token"].as_str().unwrap());
    let reader = system.reader();
    let shown = reader.get(&preview).header("Inklog-Position", &given.position()).send().await.expect(200);
    assert_eq!((&shown.body["title"], &shown.body["working_copy"]), (&json!("As it will be"), &json!(true)));
    assert!(shown.body["body_html"].as_str().unwrap().contains("<em>New.</em>"));
    let seen = reader.get(&page).header("Inklog-Position", &published.position()).send().await.expect(200);
    assert_eq!((&seen.body["title"], &seen.body["body_markdown"]), (&json!("As it is"), &json!("Old.")));
    assert_eq!(ada.writes(&given.position()).await[0]["working_copy"], true);

    // The process dies: what was saved is there. Then it is released, with one event.
    system.commands[0].kill();
    system.join().await;
    let restarted = Api::new(system.commands[1].url());
    let ada_again = restarted.with_token(&log_in(&restarted, &ada.name).await);
    let there = ada_again.get(&copy).send().await.expect(200);
    assert_eq!((there.version(), &there.body["change"], &there.body["saved_by"]), (version, &change, &json!(bob.id)));
    let released = ada_again.post(&format!("{copy}/release")).if_match(version).send().await.expect(200);
    let seen = reader.get(&page).header("Inklog-Position", &released.position()).send().await.expect(200);
    assert_eq!((&seen.body["title"], &seen.body["body_markdown"]), (&json!("As it will be"), &json!("*New.*")));
    let shown = reader.get(&preview).send().await.expect(200);
    assert_eq!(shown.body["working_copy"], false);

    let link = format!("{post}/previews/{}", given.body["preview_id"].as_str().unwrap());
    let revoked = ada_again.delete(&link).send().await.expect(200);
    let _ = reader.get(&preview).header("Inklog-Position", &revoked.position()).send().await.problem(404, "not-found");
    let log = system.scope.log("posts").await;
    log.assert_whole();
    let story = log.story(&id);
    assert_eq!(story[..4], ["Drafted", "CoAuthorInvited", "CoAuthorJoined", "Published"]);
    assert_eq!(story[4..], ["PreviewGiven", "Edited", "PreviewRevoked"], "and nothing of what was typed");
}

/// A new access token.
async fn log_in(api: &Api, name: &str) -> String {
    let body = json!({"login": name, "password": crate::support::members::PASSWORD});
    let session = api.post("/v1/sessions").json(&body).send().await.expect(201);
    session.body["access_token"].as_str().unwrap().to_owned()
}
