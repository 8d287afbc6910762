//! What ends with an account in other contexts, where something there cannot be ended.

use std::time::Duration;

use serde_json::json;
use testkit::log::append;
use testkit::{Api, Scope};
use uuid::Uuid;

use crate::members::{PASSWORD, application};
use crate::support::unique;

/// While no instance leads: the record that a broken writer would have appended next.
async fn append_undecodable(scope: &Scope, aggregate_id: &str) {
    let log = scope.log("posts").await;
    let partition = log.events().find(|seen| seen.key == aggregate_id).unwrap().partition;
    let place = log.place(partition);
    let (term, seq) = (place.term.to_string(), (place.seq + 1).to_string());
    let stamp = [("inklog-term", term.as_str()), ("inklog-seq", seq.as_str()), ("ce_type", "inklog.posts.Edited")];
    append(&scope.stack.brokers, &scope.topic("posts"), partition, aggregate_id, b"this is no Avro", &stamp).await;
}

async fn register(api: &Api, name: &str) -> String {
    api.post("/v1/register").json(&application(name)).send().await.expect(201).id()
}

#[tokio::test]
async fn a_post_that_cannot_be_read_holds_up_nothing_else_of_an_erasure() {
    let scope = Scope::with_vault().await;
    let mut server = scope.start("command-services", &["all"]);
    server.ready().await;
    let (anyone, name) = (Api::new(server.url()), unique("mem"));
    let (bob, carol) = (register(&anyone, &name).await, register(&anyone, &unique("mem")).await);
    let login = json!({"login": name, "password": PASSWORD});
    let session = anyone.post("/v1/sessions").json(&login).send().await.expect(201);
    let token = session.body["access_token"].as_str().unwrap();
    let author = anyone.with_token(&scope.keys.token(Uuid::new_v4(), &["author"]));
    let mut posts = Vec::new();
    for slug in [unique("damaged"), unique("whole")] {
        let draft = json!({"title": "Together", "slug": slug});
        let post = author.post("/v1/posts").json(&draft).send().await.expect(201).id();
        let invite = author.post(&format!("/v1/posts/{post}/invitations")).json(&json!({"account_id": bob}));
        let _ = invite.send().await.expect(200);
        posts.push(post);
    }
    let follow = anyone.with_token(token).put(&format!("/v1/me/following/{carol}"));
    let _ = follow.send().await.expect(200);

    let _ = server.end(Duration::from_secs(30)).await;
    append_undecodable(&scope, &posts[0]).await;
    let mut server = scope.start("command-services", &["all"]);
    server.ready().await;
    let api = Api::new(server.url()).with_token(token);
    let _ = api.delete("/v1/me").json(&json!({"current_password": PASSWORD})).send().await.expect(202);
    assert_eq!(scope.log("following").await.story(&format!("{bob}:{carol}")), ["Followed", "Unfollowed"]);
    assert_eq!(scope.log("posts").await.story(&posts[1]), ["Drafted", "CoAuthorInvited", "InvitationDeclined"]);
    let sql = "SELECT finished_at IS NOT NULL, ended_elsewhere_at IS NULL, late_comers_until IS NOT NULL,
            (SELECT count(*) FROM vault.data_keys AS k WHERE k.account_id = e.account_id)
        FROM vault.erasures AS e WHERE account_id = $1";
    let query = sqlx::query_as(sql).bind(bob.parse::<Uuid>().unwrap());
    let noted: (bool, bool, bool, i64) = query.fetch_one(&mut scope.postgres().await).await.unwrap();
    assert_eq!(noted, (true, true, true, 0), "the key is gone, and the rest goes on to be tried");
}
