//! An owner and a co-author who write a post together: a journey.

use serde_json::json;
use service_kit::times;
use testkit::Answer;

use crate::support::members::Member;
use crate::support::{System, unique};

impl Member {
    /// A list that reflects what was replied at this position.
    async fn listed(&self, path: &str, list: &str, position: &str) -> Vec<serde_json::Value> {
        let answer = self.queries.get(path).header("Inklog-Position", position).send().await.expect(200);
        answer.body[list].as_array().unwrap().clone()
    }

    async fn ask(&self, path: &str) -> Answer {
        self.commands.post(path).send().await.expect(200)
    }

    async fn ask_of(&self, path: &str, account: &str) -> Answer {
        self.commands.post(path).json(&json!({"account_id": account})).send().await.expect(200)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_an_invitation_to_a_post_of_another() {
    let system = System::behind_gateway(1).await;
    let (ada, bob) = (Member::join(&system, "ada").await, Member::join(&system, "bob").await);
    let slug = unique("together");
    let draft = json!({"title": "Together", "slug": slug});
    let id = ada.commands.post("/v1/posts").json(&draft).send().await.expect(201).id();
    let (post, page) = (format!("/v1/posts/{id}"), format!("/v1/posts/{slug}"));

    // Bob is asked: he reads the title, and no more; readers read nothing of it.
    let position = ada.ask_of(&format!("{post}/invitations"), &bob.id).await.position();
    let mine = bob.listed("/v1/me/invitations", "invitations", &position).await;
    assert_eq!((&mine[0]["title"], &mine[0]["slug"]), (&"Together".into(), &serde_json::Value::Null));
    assert_eq!(ada.listed(&format!("{page}/invitations"), "invitations", &position).await[0]["account"]["id"], bob.id);
    let _ = bob.queries.get(&page).send().await.problem(404, "not-found");

    // He agrees: he reads the draft, and edits it, but does not publish it.
    let accepted = bob.ask(&format!("/v1/me/invitations/{id}/accept")).await;
    assert!(bob.listed("/v1/me/invitations", "invitations", &accepted.position()).await.is_empty());
    let seen = bob.queries.get(&page).header("Inklog-Position", &accepted.position()).send().await.expect(200);
    assert_eq!((&seen.body["author"]["id"], &seen.body["co_authors"][0]["id"]), (&json!(ada.id), &json!(bob.id)));
    let edit = json!({"body": "Written by two."});
    let _ = bob.commands.patch(&post).json(&edit).if_match(accepted.version()).send().await.expect(200);
    let _ = bob.commands.post(&format!("{post}/publish")).send().await.problem(403, "not-the-author");

    // It is on the pages of both; then it is Bob's, and Ada leaves.
    let position = ada.ask(&format!("{post}/publish")).await.position();
    for member in [&ada, &bob] {
        let posts = member.listed(&format!("/v1/posts?author={}", member.name), "posts", &position).await;
        assert_eq!(posts[0]["slug"], slug);
    }
    // Links that they gave show it to others: Ada's until she leaves, and Bob's until he revokes it.
    let far = json!({"expires_at": times::format(times::now().plus_millis(3_600_000))});
    let give = async |member: &Member| {
        let given = member.commands.post(&format!("{post}/previews")).json(&far).send().await.expect(201);
        (format!("/v1/previews/{}", given.body["token"].as_str().unwrap()), given.position())
    };
    let ((of_ada, _), (of_bob, position)) = (give(&ada).await, give(&bob).await);
    let reader = system.reader();
    let follow = |link: &str, position: &str| reader.get(link).header("Inklog-Position", position).send();
    let _ = follow(&of_ada, &position).await.expect(200);
    let _ = ada.ask_of(&format!("{post}/hand-over"), &bob.id).await;
    let left = ada.commands.delete(&format!("{post}/co-authors/{}", ada.id)).send().await.expect(200);
    let seen = bob.queries.get(&page).header("Inklog-Position", &left.position()).send().await.expect(200);
    assert_eq!((&seen.body["author"]["id"], &seen.body["co_authors"]), (&json!(bob.id), &json!([])));
    assert!(ada.listed(&format!("/v1/posts?author={}", ada.name), "posts", &left.position()).await.is_empty());
    let _ = follow(&of_ada, &left.position()).await.problem(404, "not-found");
    let _ = follow(&of_bob, &left.position()).await.expect(200);

    let log = system.scope.log("posts").await;
    log.assert_whole();
    let story = ["Drafted", "CoAuthorInvited", "CoAuthorJoined", "Edited", "Published"];
    let shown = ["PreviewGiven", "PreviewGiven", "HandedOver", "CoAuthorLeft"];
    assert_eq!(log.story(&id), [&story[..], &shown[..]].concat());
}
