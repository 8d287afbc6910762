//! Who writes a post together: `/v1/posts/{id}/invitations`, `/v1/posts/{id}/co-authors`, `/v1/posts/{id}/hand-over`
//! and `/v1/me/invitations`.

use std::time::Duration;

use serde_json::{Value, json};
use testkit::{Answer, Api, eventually};
use uuid::Uuid;

use crate::members::{Member, PASSWORD, member};
use crate::support::{Server, author, editor, person, unique};

const PATIENCE: Duration = Duration::from_secs(40);

/// A draft of a member's.
async fn draft(owner: &Member) -> String {
    let body = json!({"title": "Together", "slug": unique("together")});
    owner.api.post("/v1/posts").json(&body).send().await.expect(201).id()
}

async fn invite(api: &Api, post: &str, account: &str) -> Answer {
    api.post(&format!("/v1/posts/{post}/invitations")).json(&json!({"account_id": account})).send().await
}

async fn accept(api: &Api, post: &str) -> Answer {
    api.post(&format!("/v1/me/invitations/{post}/accept")).send().await
}

async fn decline(api: &Api, post: &str) -> Answer {
    api.post(&format!("/v1/me/invitations/{post}/decline")).send().await
}

async fn remove(api: &Api, post: &str, account: &str) -> Answer {
    api.delete(&format!("/v1/posts/{post}/co-authors/{account}")).send().await
}

async fn hand_over(api: &Api, post: &str, account: &str) -> Answer {
    api.post(&format!("/v1/posts/{post}/hand-over")).json(&json!({"account_id": account})).send().await
}

async fn edit(api: &Api, post: &str, version: u64) -> Answer {
    api.patch(&format!("/v1/posts/{post}")).json(&json!({"title": unique("T")})).if_match(version).send().await
}

async fn story(post: &str) -> Vec<String> {
    Server::shared().await.posts().await.story(post).iter().map(ToString::to_string).collect()
}

/// A post of the first that the second writes too.
async fn together(owner: &Member, other: &Member) -> String {
    let post = draft(owner).await;
    let _ = invite(&owner.api, &post, &other.id).await.expect(200);
    let _ = accept(&other.api, &post).await.expect(200);
    post
}

async fn deactivate(member: &Member) {
    let body = json!({"current_password": PASSWORD});
    let _ = member.api.post("/v1/me/deactivate").json(&body).send().await.expect(200);
}

/// An answer was lost on the way, and meanwhile things changed: what was accepted is answered as it was then.
#[tokio::test]
async fn a_request_that_is_repeated_by_who_left_meanwhile_gets_its_first_reply() {
    let (ada, bob, carol) = (member().await, member().await, member().await);
    let post = together(&ada, &bob).await;
    let _ = ada.api.post(&format!("/v1/posts/{post}/publish")).send().await.expect(200);
    let path = format!("/v1/posts/{post}");
    let version = story(&post).await.len() as u64;
    let edit = async || bob.api.patch(&path).json(&json!({"title": "By Bob"})).if_match(version).key("k").send().await;
    let submit = async || bob.api.post(&format!("{path}/review")).json(&json!({"what": "post"})).key("s").send().await;
    let series = bob.api.post("/v1/series").json(&json!({"title": unique("By Bob")})).send().await.expect(201).id();
    let add = async || bob.api.put(&format!("/v1/series/{series}/posts/{post}")).key("a").send().await;
    let (edited, submitted, added) = (edit().await.expect(200), submit().await.expect(200), add().await.expect(200));
    let invited = async || {
        let body = json!({"account_id": carol.id});
        ada.api.post(&format!("{path}/invitations")).json(&body).key("i").send().await
    };
    let first = invited().await.expect(200);
    let _ = remove(&bob.api, &post, &bob.id).await.expect(200);
    for (again, first) in [(edit().await, edited), (submit().await, submitted), (add().await, added)] {
        let again = again.expect(200);
        assert_eq!((again.body.clone(), again.position()), (first.body.clone(), first.position()));
    }
    let anew = bob.api.patch(&path).json(&json!({"title": "Again"})).if_match(version + 1).send().await;
    let _ = anew.problem(403, "not-the-author");
    deactivate(&carol).await;
    assert_eq!(invited().await.expect(200).position(), first.position());
}

/// What has happened since would refuse them.
#[tokio::test]
async fn a_hand_over_that_comes_again_gets_its_first_reply_whatever_happened_since() {
    let (ada, bob) = (member().await, member().await);
    let (post, key) = (together(&ada, &bob).await, unique("key"));
    let body = json!({"account_id": bob.id});
    let ask = || ada.api.post(&format!("/v1/posts/{post}/hand-over")).json(&body).key(&key).send();
    let first = ask().await.expect(200);
    assert!(first.body["slug"].as_str().is_some_and(|slug| slug.starts_with("together")));
    let _ = remove(&ada.api, &post, &ada.id).await.expect(200);
    let again = ask().await.expect(200);
    assert_eq!((&again.body, again.position()), (&first.body, first.position()));
    let other = ada.api.post(&format!("/v1/posts/{post}/hand-over")).json(&json!({"account_id": ada.id})).key(&key);
    let _ = other.send().await.problem(422, "idempotency-key-reused");
    let _ = hand_over(&ada.api, &post, &bob.id).await.problem(404, "not-found");
    assert_eq!(story(&post).await, ["Drafted", "CoAuthorInvited", "CoAuthorJoined", "HandedOver", "CoAuthorLeft"]);
}

#[tokio::test]
async fn who_is_invited_and_accepts_writes_too() {
    let (ada, bob) = (member().await, member().await);
    let post = draft(&ada).await;
    let invited = invite(&ada.api, &post, &bob.id).await.expect(200);
    assert_eq!((invited.version(), invited.changed(), &invited.body["account_id"]), (2, true, &json!(bob.id)));
    assert!(!invite(&ada.api, &post, &bob.id).await.expect(200).changed());
    let _ = edit(&bob.api, &post, 2).await.problem(403, "not-the-author");
    assert_eq!(accept(&bob.api, &post).await.expect(200).version(), 3);
    assert!(!accept(&bob.api, &post).await.expect(200).changed());
    assert_eq!(edit(&bob.api, &post, 3).await.expect(200).version(), 4);
    // A PUT names the owner, or no one.
    let path = format!("/v1/posts/{post}");
    let put = json!({"title": "By Bob", "slug": unique("by-bob")});
    assert_eq!(bob.api.put(&path).json(&put).if_match(4).send().await.expect(200).version(), 5);
    for verb in ["publish", "unpublish", "restore"] {
        let _ = bob.api.post(&format!("{path}/{verb}")).send().await.problem(403, "not-the-author");
    }
    let _ = bob.api.delete(&path).send().await.problem(403, "not-the-author");
    let _ = invite(&bob.api, &post, &ada.id).await.problem(403, "not-the-author");
    assert_eq!(story(&post).await, ["Drafted", "CoAuthorInvited", "CoAuthorJoined", "Edited", "Edited"]);
}

#[tokio::test]
async fn an_account_is_invited_by_its_user_name_in_any_case() {
    let (ada, bob) = (member().await, member().await);
    let path = format!("/v1/posts/{}/invitations", draft(&ada).await);
    let ask = |name: &str| ada.api.post(&path).json(&json!({"user_name": name})).send();
    let invited = ask(&bob.name.to_ascii_uppercase()).await.expect(200);
    assert_eq!(invited.body["account_id"], json!(bob.id));
    let _ = ask(&unique("no-account")).await.problem(404, "not-found");
    let new_name = json!({"user_name": unique("bobby")});
    let _ = bob.api.post("/v1/me/user-name").json(&new_name).send().await.expect(200);
    let _ = ask(&bob.name).await.problem(404, "not-found");
    for body in [json!({}), json!({"account_id": bob.id, "user_name": bob.name}), json!({"user_name": "no name"})] {
        let _ = ada.api.post(&path).json(&body).send().await.problem(422, "invalid");
    }
}

#[tokio::test]
async fn the_same_key_gets_the_first_reply_again_and_a_version_can_be_demanded() {
    let (ada, bob) = (member().await, member().await);
    let path = format!("/v1/posts/{}/invitations", draft(&ada).await);
    let ask = |account: &str| ada.api.post(&path).json(&json!({"account_id": account}));
    let _ = ask(&bob.id).if_match(7).send().await.problem(412, "version-conflict");
    let first = ask(&bob.id).if_match(1).key("k").send().await.expect(200);
    let withdrawn = ada.api.delete(&format!("{path}/{}", bob.id)).send().await.expect(200);
    assert_eq!((first.version(), withdrawn.version(), withdrawn.changed()), (2, 3, true));
    let again = ask(&bob.id).if_match(1).key("k").send().await.expect(200);
    assert_eq!((again.version(), again.position()), (2, first.position()));
    let _ = ask(&ada.id).key("k").send().await.problem(422, "idempotency-key-reused");
}

#[tokio::test]
async fn inviting_tells_nothing_of_accounts_that_hide() {
    let (ada, bob, eve) = (member().await, member().await, member().await);
    let post = draft(&ada).await;
    deactivate(&bob).await;
    let _ = eve.api.delete("/v1/me").json(&json!({"current_password": PASSWORD})).send().await.expect(204);
    let mut answers = Vec::new();
    for account in [bob.id.clone(), eve.id.clone(), Uuid::new_v4().to_string()] {
        answers.push(invite(&ada.api, &post, &account).await.problem(404, "not-found").body);
    }
    for name in [&bob.name, &eve.name, &unique("no-account")] {
        let by_name = ada.api.post(&format!("/v1/posts/{post}/invitations")).json(&json!({"user_name": name}));
        answers.push(by_name.send().await.problem(404, "not-found").body);
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:?}");
    // Who may not invite is told nothing of accounts at all.
    let others = draft(&member().await).await;
    let _ = invite(&ada.api, &others, &bob.id).await.problem(404, "not-found");
}

#[tokio::test]
async fn who_declines_is_not_asked_again_by_the_owner() {
    let (ada, bob) = (member().await, member().await);
    let post = draft(&ada).await;
    let _ = invite(&ada.api, &post, &bob.id).await.expect(200);
    assert!(decline(&bob.api, &post).await.expect(200).changed());
    assert!(!decline(&bob.api, &post).await.expect(200).changed());
    assert_eq!(invite(&ada.api, &post, &bob.id).await.problem(409, "declined").body["version"], 3);
    let _ = accept(&bob.api, &post).await.problem(404, "not-found");
    let _ = invite(&editor().await.api, &post, &bob.id).await.expect(200);
    let _ = accept(&bob.api, &post).await.expect(200);
}

#[tokio::test]
async fn who_is_not_invited_is_not_told_whether_there_is_a_post() {
    let (ada, eve) = (member().await, member().await);
    let (post, nothing) = (draft(&ada).await, Uuid::new_v4().to_string());
    for (there, not_there) in [
        (accept(&eve.api, &post).await, accept(&eve.api, &nothing).await),
        (decline(&eve.api, &post).await, decline(&eve.api, &nothing).await),
    ] {
        assert_eq!(there.problem(404, "not-found").body, not_there.problem(404, "not-found").body);
    }
    let demanding = |id: &str| eve.api.post(&format!("/v1/me/invitations/{id}/accept")).if_match(1).send();
    let (there, not_there) = (demanding(&post).await, demanding(&nothing).await);
    assert_eq!(there.problem(412, "version-conflict").body, not_there.problem(412, "version-conflict").body);
    let _ = remove(&eve.api, &post, &eve.id).await.problem(404, "not-found");
}

#[tokio::test]
async fn an_invitation_that_was_withdrawn_cannot_be_accepted() {
    let (ada, bob) = (member().await, member().await);
    let post = draft(&ada).await;
    let _ = invite(&ada.api, &post, &bob.id).await.expect(200);
    let _ = ada.api.delete(&format!("/v1/posts/{post}/invitations/{}", bob.id)).send().await.expect(200);
    let _ = accept(&bob.api, &post).await.problem(404, "not-found");
}

#[tokio::test]
async fn a_co_author_leaves_or_is_removed() {
    let (ada, bob) = (member().await, member().await);
    let post = together(&ada, &bob).await;
    assert!(remove(&bob.api, &post, &bob.id).await.expect(200).changed());
    assert!(!remove(&bob.api, &post, &bob.id).await.expect(200).changed());
    let _ = edit(&bob.api, &post, 4).await.problem(412, "version-conflict");
    let _ = invite(&ada.api, &post, &bob.id).await.expect(200);
    let _ = accept(&bob.api, &post).await.expect(200);
    assert!(remove(&ada.api, &post, &bob.id).await.expect(200).changed());
    let again = ["CoAuthorJoined", "CoAuthorLeft", "CoAuthorInvited", "CoAuthorJoined", "CoAuthorLeft"];
    assert_eq!(story(&post).await[2..], again);
}

#[tokio::test]
async fn a_post_is_handed_over_to_who_agreed() {
    let (ada, bob, eve) = (member().await, member().await, member().await);
    let post = together(&ada, &bob).await;
    let refused = hand_over(&ada.api, &post, &eve.id).await.problem(422, "invalid");
    assert_eq!(refused.pointer(), "/account_id");
    let _ = hand_over(&bob.api, &post, &bob.id).await.problem(403, "not-the-author");
    assert_eq!(hand_over(&ada.api, &post, &bob.id).await.expect(200).version(), 4);
    assert!(!hand_over(&ada.api, &post, &bob.id).await.expect(200).changed());
    let path = format!("/v1/posts/{post}");
    let _ = bob.api.post(&format!("{path}/publish")).send().await.expect(200);
    let _ = ada.api.post(&format!("{path}/unpublish")).send().await.problem(403, "not-the-author");
    assert_eq!(edit(&ada.api, &post, 5).await.expect(200).version(), 6);
    let _ = remove(&ada.api, &post, &ada.id).await.expect(200);
    let _ = edit(&ada.api, &post, 7).await.problem(403, "not-the-author");
}

#[tokio::test]
async fn who_is_deactivated_accepts_nothing_and_gets_no_post() {
    let (ada, bob) = (member().await, member().await);
    let post = draft(&ada).await;
    let _ = invite(&ada.api, &post, &bob.id).await.expect(200);
    deactivate(&bob).await;
    let _ = accept(&bob.api, &post).await.problem(401, "unauthorized");
    // A token of an ended session is not believed; one that is minted beside all sessions is.
    let minted = person(bob.id.parse().unwrap(), &["author"]).await.api;
    let _ = accept(&minted, &post).await.problem(403, "account-deactivated");
    let eve = member().await;
    let hers = together(&ada, &eve).await;
    deactivate(&eve).await;
    let _ = hand_over(&ada.api, &hers, &eve.id).await.problem(404, "not-found");
}

#[tokio::test]
async fn no_author_names_co_authors_in_a_post() {
    let (ada, bob) = (member().await, member().await);
    let (stranger, named) = (author().await, json!([bob.id]));
    let body = json!({"title": "T", "slug": unique("mine"), "co_author_ids": named});
    let answer = stranger.api.post("/v1/posts").json(&body).send().await.problem(422, "invalid");
    assert_eq!(answer.pointer(), "/co_author_ids");
    assert!(answer.body["errors"][0]["detail"].as_str().unwrap().contains("invite"), "{:#}", answer.body);
    let path = format!("/v1/posts/{}", draft(&ada).await);
    let edit = json!({"co_author_ids": named});
    let put = json!({"title": "T", "slug": unique("put"), "co_author_ids": named});
    for asked in [ada.api.patch(&path).json(&edit), ada.api.put(&path).json(&put)] {
        let refused = asked.if_match(1).send().await.problem(422, "invalid");
        assert_eq!(refused.pointer(), "/co_author_ids");
    }
    // An import does: an editor writes in anyone's name.
    let _ = editor().await.api.post("/v1/posts").json(&body).send().await.expect(201);
}

#[tokio::test]
async fn an_import_does_not_bring_back_who_left_and_removes_no_one_who_agreed() {
    let (importer, bob, carol) = (editor().await.api, member().await, member().await);
    let (path, slug) = (format!("/v1/posts/{}", Uuid::new_v4()), unique("corpus"));
    let post = path.rsplit('/').next().unwrap().to_owned();
    let put = json!({"title": "T", "slug": slug, "co_author_ids": [bob.id]});
    let import = async || importer.put(&path).json(&put).header("If-Match", "*").send().await;
    let _ = importer.put(&path).json(&put).send().await.expect(201);
    assert!(!import().await.expect(200).changed());
    let _ = invite(&importer, &post, &carol.id).await.expect(200);
    let _ = accept(&carol.api, &post).await.expect(200);
    let _ = remove(&bob.api, &post, &bob.id).await.expect(200);
    assert!(!import().await.expect(200).changed());
    assert_eq!(story(&post).await, ["Drafted", "CoAuthorInvited", "CoAuthorJoined", "CoAuthorLeft"]);
}

#[tokio::test]
async fn with_an_account_end_its_invitations_and_what_it_writes_with_others() {
    let (ada, bob) = (member().await, member().await);
    let (written, invited) = (together(&ada, &bob).await, draft(&ada).await);
    let _ = invite(&ada.api, &invited, &bob.id).await.expect(200);
    let own = draft(&bob).await;
    let _ = bob.api.delete("/v1/me").json(&json!({"current_password": PASSWORD})).send().await;
    let ended = async || {
        let last = [story(&written).await.pop()?, story(&invited).await.pop()?];
        (last == ["CoAuthorLeft", "InvitationDeclined"]).then_some(())
    };
    eventually("both have ended", PATIENCE, ended).await;
    assert_eq!(story(&own).await, ["Drafted"], "what is its own stays");
}

#[tokio::test]
async fn an_invitation_ends_with_the_account_of_the_owner() {
    let (ada, bob) = (member().await, member().await);
    let post = draft(&ada).await;
    let _ = invite(&ada.api, &post, &bob.id).await.expect(200);
    let _ = ada.api.delete("/v1/me").json(&json!({"current_password": PASSWORD})).send().await.expect(204);
    let _ = accept(&bob.api, &post).await.problem(404, "not-found");
}

#[tokio::test]
async fn handing_over_the_post_of_an_erased_account_does_not_name_it_again() {
    let (ada, bob) = (member().await, member().await);
    let post = together(&ada, &bob).await;
    let _ = ada.api.delete("/v1/me").json(&json!({"current_password": PASSWORD})).send().await.expect(204);
    let editor = editor().await.api;
    assert!(hand_over(&editor, &post, &bob.id).await.expect(200).changed());
    let told = ["Drafted", "CoAuthorInvited", "CoAuthorJoined", "HandedOver", "CoAuthorLeft"];
    assert_eq!(story(&post).await, told);
    assert!(!hand_over(&editor, &post, &bob.id).await.expect(200).changed());
    assert_eq!(story(&post).await, told);
}

#[tokio::test]
async fn an_export_has_the_invitations_of_its_owner() {
    let (ada, bob) = (member().await, member().await);
    let post = together(&ada, &bob).await;
    let _ = hand_over(&ada.api, &post, &bob.id).await.expect(200);
    let _ = edit(&bob.api, &post, 4).await.expect(200);
    let events = async |member: &Member| -> Vec<String> {
        let ask = async || {
            let answer = member.api.get("/v1/me/export").send().await;
            (answer.status == 200).then_some(answer)
        };
        let text = eventually("there is room", PATIENCE, ask).await.text;
        let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let of_post = lines.filter(|line| line["aggregate_id"] == post);
        of_post.map(|line| line["event_type"].as_str().unwrap().rsplit('.').next().unwrap().to_owned()).collect()
    };
    assert_eq!(events(&ada).await, ["Drafted", "CoAuthorInvited", "CoAuthorJoined", "HandedOver"]);
    assert_eq!(events(&bob).await, ["CoAuthorInvited", "CoAuthorJoined", "HandedOver", "Edited"]);
}
