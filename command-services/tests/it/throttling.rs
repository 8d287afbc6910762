//! How often a caller may try.

use futures::future::join_all;
use serde_json::json;
use testkit::{Answer, Api, Process};

use crate::members::{PASSWORD, anyone, application, log_in, member};
use crate::support::{Server, unique};

/// Bad log-ins for one account from one network.
const GUESSES: usize = 10;

fn turned_away(answer: Answer) {
    let answer = answer.problem(429, "too-many-attempts");
    let wait: u32 = answer.header("retry-after").parse().unwrap();
    assert!((1..=900).contains(&wait), "{wait}");
}

#[tokio::test]
async fn a_caller_who_guesses_is_turned_away_even_with_the_right_password() {
    let (victim, other) = (member().await, member().await);
    for _ in 0..GUESSES {
        let _ = log_in(&victim.name, "a guess at it").await.problem(401, "invalid-credentials");
    }
    turned_away(log_in(&victim.name, "a guess at it").await);
    turned_away(log_in(&victim.name.to_uppercase(), PASSWORD).await);
    let _ = log_in(&other.name, PASSWORD).await.expect(201);
    // A caller who is logged in already stays so.
    assert!(crate::members::writes(&victim.api).await);
}

#[tokio::test]
async fn who_does_not_exist_is_no_easier_to_guess_at() {
    let name = unique("stranger");
    for _ in 0..GUESSES {
        let _ = log_in(&name, "a guess at it").await.problem(401, "invalid-credentials");
    }
    turned_away(log_in(&name, "a guess at it").await);
}

#[tokio::test]
async fn guesses_at_once_count_like_others() {
    let victim = member().await;
    let (api, body) = (anyone().await, json!({"login": victim.name, "password": "a guess at it"}));
    let answers = join_all((0..40).map(|_| api.post("/v1/sessions").json(&body).send())).await;
    let looked_at = answers.iter().filter(|answer| answer.status == 401).count();
    assert!(looked_at <= GUESSES, "{looked_at} guesses were looked at");
}

#[tokio::test]
async fn good_log_ins_do_not_count() {
    let member = member().await;
    for _ in 0..GUESSES + 5 {
        let _ = log_in(&member.name, PASSWORD).await.expect(201);
    }
    for _ in 0..GUESSES - 1 {
        let _ = log_in(&member.name, "a guess at it").await.expect(401);
    }
    let _ = log_in(&member.name, PASSWORD).await.expect(201);
    let _ = log_in(&member.name, "a guess at it").await.expect(401);
}

#[tokio::test]
async fn one_network_has_a_limit_over_all_accounts() {
    let scope = &Server::shared().await.scope;
    let mut environment = scope.environment();
    // Behind a proxy, so that this test has networks of its own.
    let settings = [("INKLOG_ATTEMPTS_PER_NETWORK", "3"), ("INKLOG_TRUSTED_PROXIES", "127.0.0.1")];
    environment.extend(settings.map(|(name, value)| (name.into(), value.into())));
    let mut process = Process::start("command-services", &["all"], &environment);
    process.ready().await;
    let api = Api::new(process.url());
    let ask = |path: &str, network: &str, body: serde_json::Value| {
        api.post(path).header("X-Forwarded-For", network).json(&body).send()
    };
    let guess =
        |network: &str| ask("/v1/sessions", network, json!({"login": unique("stranger"), "password": "a guess at it"}));
    for _ in 0..3 {
        let _ = guess("198.51.100.1").await.expect(401);
    }
    turned_away(guess("198.51.100.1").await);
    turned_away(guess("203.0.113.7, 198.51.100.1").await);
    let _ = guess("198.51.100.2").await.expect(401);
    for _ in 0..3 {
        let _ = ask("/v1/register", "198.51.100.3", application(&unique("many"))).await.expect(201);
    }
    turned_away(ask("/v1/register", "198.51.100.3", application(&unique("many"))).await);
    for _ in 0..3 {
        let _ = ask("/v1/email/confirm", "198.51.100.4", json!({"token": "x"})).await.expect(422);
    }
    turned_away(ask("/v1/email/confirm", "198.51.100.4", json!({"token": "x"})).await);
}
