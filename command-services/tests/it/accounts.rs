//! `/v1/accounts`: registering.

use futures::future::join_all;
use serde_json::json;

use crate::support::{Server, author, unique};

#[tokio::test]
async fn an_account_is_that_of_the_token() {
    let (person, name) = (author().await, unique("ann"));
    let body =
        json!({"user_name": name, "display_name": "Ann", "bio": "Writes.", "image_url": "https://example.org/a.png"});
    let answer = person.api.post("/v1/accounts").json(&body).send().await.expect(201);
    assert_eq!((answer.id(), answer.version()), (person.id.to_string(), 1));
    assert_eq!(answer.body["user_name"], name);
    assert_eq!(answer.header("location"), format!("/v1/authors/{name}"));
    let again = person.api.post("/v1/accounts").json(&body).send().await.expect(200);
    assert_eq!((again.version(), again.changed()), (1, false));
    let log = Server::shared().await.scope.log("accounts").await;
    assert_eq!(log.story(&person.id.to_string()), ["Registered"]);
    assert_eq!(log.story(&format!("user-name:{name}")), ["UserNameClaimed", "UserNameConfirmed"]);
}

#[tokio::test]
async fn a_user_name_is_unique_whatever_its_case() {
    let name = unique("Bob");
    let register = |name: String| async move {
        author().await.api.post("/v1/accounts").json(&json!({"user_name": name})).send().await
    };
    let answer = register(name.clone()).await.expect(201);
    assert_eq!(answer.body["user_name"], name, "it is shown as typed");
    for other in [name.clone(), name.to_lowercase(), name.to_uppercase()] {
        let _ = register(other).await.problem(409, "user-name-taken");
    }
}

#[tokio::test]
async fn of_simultaneous_claimants_one_wins() {
    for _ in 0..10 {
        let name = unique("race");
        let people = [author().await, author().await, author().await];
        let body = json!({"user_name": name});
        let answers = join_all(people.iter().map(|it| it.api.post("/v1/accounts").json(&body).send())).await;
        let (won, lost): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 201);
        assert_eq!((won.len(), lost.len()), (1, 2));
        lost.into_iter().for_each(|answer| drop(answer.problem(409, "user-name-taken")));
    }
}

#[tokio::test]
async fn a_bad_profile_is_refused_where_it_is_bad() {
    let api = author().await.api;
    let name = unique("carl");
    let wrongs = [
        (json!({}), "/user_name"),
        (json!({"user_name": "-carl"}), "/user_name"),
        (json!({"user_name": "carl carlson"}), "/user_name"),
        (json!({"user_name": "x".repeat(65)}), "/user_name"),
        (json!({"user_name": name, "display_name": "two\nlines"}), "/display_name"),
        (json!({"user_name": name, "bio": 7}), "/bio"),
        (json!({"user_name": name, "bio": "x".repeat(5_001)}), "/bio"),
        (json!({"user_name": name, "image_url": "javascript:alert(1)"}), "/image_url"),
        (json!({"user_name": name, "roles": ["admin"]}), "/roles"),
    ];
    for (body, pointer) in wrongs {
        let answer = api.post("/v1/accounts").json(&body).send().await.problem(422, "invalid");
        assert_eq!(answer.pointer(), pointer, "{body}");
    }
}
