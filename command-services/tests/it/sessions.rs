//! `/v1/sessions`: log in, refresh, list, end.

use futures::future::join_all;
use serde_json::{Value, json};
use testkit::Answer;

use crate::members::{PASSWORD, anyone, log_in, member, refresh, with_token, writes};
use crate::support::{Server, author, unique};

fn token(answer: &Answer, field: &str) -> String {
    answer.body[field].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_account_are_not_told_apart() {
    let member = member().await;
    let wrong = log_in(&member.name, "another horse battery").await.problem(401, "invalid-credentials");
    for login in
        [unique("stranger"), format!("{}@example.org", unique("stranger")), "no name at all".into(), String::new()]
    {
        let unknown = log_in(&login, PASSWORD).await.problem(401, "invalid-credentials");
        assert_eq!(unknown.body, wrong.body);
    }
}

#[tokio::test]
async fn an_unknown_account_takes_as_long_as_a_wrong_password() {
    let member = member().await;
    let took = async |login: &str| {
        let mut took = Vec::new();
        for _ in 0..7 {
            let began = std::time::Instant::now();
            let _ = log_in(login, "another horse battery").await.expect(401);
            took.push(began.elapsed());
        }
        took.sort();
        took[3].as_secs_f64()
    };
    let (known, unknown) = (took(&member.name).await, took(&unique("stranger")).await);
    let ratio = known / unknown;
    // Both hash a password; without that the one would take a tenth.
    assert!((0.4..2.5).contains(&ratio), "{known} s and {unknown} s");
}

#[tokio::test]
async fn a_token_says_whose_it_is_and_is_signed_with_a_published_key() {
    use base64::Engine as _;
    let member = member().await;
    let session = log_in(&member.name, PASSWORD).await.expect(201);
    let parts: Vec<Value> = token(&session, "access_token")
        .split('.')
        .take(2)
        .map(|part| base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(part).unwrap())
        .map(|json| serde_json::from_slice(&json).unwrap())
        .collect();
    let (header, claims) = (&parts[0], &parts[1]);
    assert_eq!((&header["typ"], &header["alg"]), (&json!("at+jwt"), &json!("EdDSA")));
    assert_eq!((&claims["sub"], &claims["sid"]), (&json!(member.id), &session.body["session_id"]));
    assert_eq!(
        (&claims["iss"], &claims["aud"], &claims["roles"]),
        (&json!("inklog"), &json!("inklog"), &json!(["author"]))
    );
    assert_eq!(claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap(), 600);
    let jwks = anyone().await.get("/.well-known/jwks.json").send().await.expect(200);
    let keys = jwks.body["keys"].as_array().unwrap();
    assert!(keys.iter().any(|key| key["kid"] == header["kid"]), "{}", jwks.body);
    assert!(keys.iter().all(|key| key.get("d").is_none()), "a private half is published");
}

#[tokio::test]
async fn a_session_goes_on_with_its_refresh_token() {
    let member = member().await;
    let mut current = member.refresh_token.clone();
    for _ in 0..3 {
        let next = refresh(&current).await.expect(200);
        assert_eq!(next.body["session_id"], member.session);
        assert!(writes(&with_token(&next).await).await);
        assert_ne!(token(&next, "refresh_token"), current);
        current = token(&next, "refresh_token");
    }
}

#[tokio::test]
async fn a_lost_reply_can_be_had_again() {
    let member = member().await;
    let lost = token(&refresh(&member.refresh_token).await.expect(200), "refresh_token");
    let again = token(&refresh(&member.refresh_token).await.expect(200), "refresh_token");
    assert_eq!(lost, again);
    let _ = refresh(&again).await.expect(200);
}

#[tokio::test]
async fn fifty_parallel_refreshes_of_one_token_give_one_successor() {
    let member = member().await;
    // One client: to make fifty takes longer than a connection is waited for.
    let (api, body) = (anyone().await, json!({"refresh_token": member.refresh_token}));
    let answers = join_all((0..50).map(|_| api.post("/v1/sessions/refresh").json(&body).send())).await;
    let successors: std::collections::BTreeSet<String> =
        answers.into_iter().map(|answer| token(&answer.expect(200), "refresh_token")).collect();
    assert_eq!(successors.len(), 1);
    let _ = refresh(successors.first().unwrap()).await.expect(200);
}

#[tokio::test]
async fn a_refresh_token_that_two_have_ends_its_session_and_no_other() {
    let member = member().await;
    let (other, _) = member.elsewhere().await;
    let first = refresh(&member.refresh_token).await.expect(200);
    let second = refresh(&token(&first, "refresh_token")).await.expect(200);
    let api = with_token(&second).await;
    assert!(writes(&api).await);
    let _ = refresh(&member.refresh_token).await.problem(401, "invalid-credentials");
    assert!(!writes(&api).await, "its tokens are void at once");
    let _ = refresh(&token(&second, "refresh_token")).await.problem(401, "invalid-credentials");
    assert!(writes(&other).await);
}

#[tokio::test]
async fn a_made_up_refresh_token_is_refused() {
    for made_up in ["", "x", &"x".repeat(43), &"x".repeat(10_000)] {
        let _ = refresh(made_up).await.problem(401, "invalid-credentials");
    }
}

#[tokio::test]
async fn a_caller_who_logs_out_is_out_at_once() {
    let member = member().await;
    let _ = member.api.delete("/v1/sessions/current").send().await.expect(204);
    let answer = member.api.post("/v1/posts").json(&json!({"title": "T"})).send().await.problem(401, "unauthorized");
    assert!(answer.body["detail"].as_str().unwrap().contains("session has ended"), "{}", answer.body);
    let _ = refresh(&member.refresh_token).await.problem(401, "invalid-credentials");
    let _ = log_in(&member.name, PASSWORD).await.expect(201);
}

#[tokio::test]
async fn sessions_are_listed_and_ended_one_by_one_or_all_others() {
    let member = member().await;
    let agent = format!("reader/{}", unique("1"));
    let body = json!({"login": member.name, "password": PASSWORD});
    let call = anyone().await.post("/v1/sessions").header("User-Agent", &agent).json(&body);
    let phone = with_token(&call.send().await.expect(201)).await;
    let (tablet, _) = member.elsewhere().await;
    let list = async || member.api.get("/v1/sessions").send().await.expect(200).body["sessions"].clone();
    let sessions = list().await;
    assert_eq!(sessions.as_array().unwrap().len(), 3);
    let current: Vec<_> = sessions.as_array().unwrap().iter().filter(|session| session["current"] == true).collect();
    assert_eq!((current.len(), &current[0]["id"]), (1, &json!(member.session)));
    let of_phone = sessions.as_array().unwrap().iter().find(|session| session["client"] == agent.as_str()).unwrap();
    let path = format!("/v1/sessions/{}", of_phone["id"].as_str().unwrap());
    let _ = author().await.api.delete(&path).send().await.expect(204);
    assert!(writes(&phone).await, "it is not theirs to end");
    let _ = member.api.delete(&path).send().await.expect(204);
    assert!(!writes(&phone).await);
    let _ = member.api.delete("/v1/sessions").send().await.expect(204);
    assert!(!writes(&tablet).await && writes(&member.api).await);
    assert_eq!(list().await.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_a_log_in_cannot_be_is_refused_before_it_is_looked_at() {
    let api = anyone().await;
    for (body, pointer) in [
        (json!({}), "/login"),
        (json!({"login": "a"}), "/password"),
        (json!({"login": "a", "password": 7}), "/password"),
        (json!({"login": "a", "password": "x".repeat(12_000)}), "/password"),
        (json!({"login": "a", "password": "x", "role": "admin"}), "/role"),
    ] {
        let answer = api.post("/v1/sessions").json(&body).send().await.problem(422, "invalid");
        assert_eq!(answer.pointer(), pointer);
    }
    let _ = log_in(&"x".repeat(12_000), "x").await.problem(401, "invalid-credentials");
}

#[tokio::test]
async fn another_instance_hears_of_an_ended_session() {
    let server = Server::shared().await;
    let mut other = server.scope.start("command-services", &["publishing"]);
    other.ready().await;
    let member = member().await;
    let elsewhere = testkit::Api::new(other.url());
    let token = log_in(&member.name, PASSWORD).await.expect(201);
    let elsewhere = elsewhere.with_token(token.body["access_token"].as_str().unwrap());
    assert!(writes(&elsewhere).await);
    let _ = with_token(&token).await.delete("/v1/sessions/current").send().await.expect(204);
    testkit::eventually("the other instance hears of it", std::time::Duration::from_secs(2), async || {
        (!writes(&elsewhere).await).then_some(())
    })
    .await;
}
