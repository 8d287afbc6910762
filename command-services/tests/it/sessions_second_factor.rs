//! `/v1/sessions/second-factor`: the second step of a log-in.

use futures::future::join_all;
use serde_json::json;
use uuid::Uuid;

use crate::careful::{Careful, careful, meet};
use crate::members::{anyone, letter, with_token, writes};
use crate::support::{Server, unique};

/// As if no code had been taken yet.
async fn forget_codes(careful: &Careful) {
    let sql = "UPDATE vault.second_factors SET last_step = 0 WHERE account_id = $1";
    let (id, mut vault) = (careful.member.id.parse::<Uuid>().unwrap(), Server::shared().await.scope.postgres().await);
    sqlx::query(sql).bind(id).execute(&mut vault).await.unwrap();
}

#[tokio::test]
async fn a_code_is_taken_once_even_in_time() {
    let mut careful = careful().await;
    let code = careful.authenticator.next().await;
    let session = careful.log_in(&code).await.expect(201);
    assert_eq!((session.header("cache-control"), &session.body["second_factor_required"]), ("no-store", &json!(false)));
    assert!(writes(&with_token(&session).await).await);
    let _ = careful.log_in(&code).await.problem(401, "invalid-credentials");
    let next = careful.authenticator.next().await;
    let _ = careful.log_in(&next).await.expect(201);
    // One that was made before the last that was taken is as good as used.
    let _ = careful.log_in(&code).await.problem(401, "invalid-credentials");
}

#[tokio::test]
async fn of_many_who_show_one_code_at_once_one_gets_in() {
    let mut careful = careful().await;
    let code = careful.authenticator.next().await;
    let challenges = join_all((0..6).map(|_| careful.challenged())).await;
    let answers = join_all(challenges.iter().map(|challenge| meet(challenge, &code))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
}

#[tokio::test]
async fn a_clock_may_be_off_by_one_step() {
    let careful = careful().await;
    forget_codes(&careful).await;
    let _ = careful.log_in(&careful.authenticator.at(-3)).await.problem(401, "invalid-credentials");
    let _ = careful.log_in(&careful.authenticator.at(3)).await.problem(401, "invalid-credentials");
    let _ = careful.log_in(&careful.authenticator.at(0)).await.expect(201);
    let _ = careful.log_in(&careful.authenticator.at(1)).await.expect(201);
}

#[tokio::test]
async fn a_challenge_is_good_once_for_its_account_and_for_five_minutes() {
    let (mut careful, mut other) = tokio::join!(careful(), careful());
    let challenge = careful.challenged().await;
    let code = other.authenticator.next().await;
    let _ = meet(&challenge, &code).await.problem(401, "invalid-credentials");
    let code = careful.authenticator.next().await;
    let _ = meet(&challenge, &code).await.expect(201);
    let _ = meet(&challenge, &careful.recovery_codes[0]).await.problem(401, "invalid-credentials");
    let late = careful.challenged().await;
    let sql = "UPDATE vault.challenges SET expires_at = now() WHERE account_id = $1";
    let id: Uuid = careful.member.id.parse().unwrap();
    sqlx::query(sql).bind(id).execute(&mut Server::shared().await.scope.postgres().await).await.unwrap();
    let _ = meet(&late, &careful.recovery_codes[1]).await.problem(401, "invalid-credentials");
    for made_up in ["", "x", &"x".repeat(43), &"x".repeat(9_999)] {
        let _ = meet(made_up, "123456").await.problem(401, "invalid-credentials");
    }
}

#[tokio::test]
async fn what_is_no_code_is_refused_before_it_is_looked_at() {
    let api = anyone().await;
    for (body, pointer) in [
        (json!({"code": "123456"}), "/challenge"),
        (json!({"challenge": "x"}), "/code"),
        (json!({"challenge": "x", "code": "12345"}), "/code"),
        (json!({"challenge": "x", "code": 123_456}), "/code"),
        (json!({"challenge": "x", "code": "1".repeat(12_000)}), "/code"),
    ] {
        let answer = api.post("/v1/sessions/second-factor").json(&body).send().await.problem(422, "invalid");
        assert_eq!(answer.pointer(), pointer);
    }
}

#[tokio::test]
async fn a_caller_who_guesses_codes_is_turned_away_and_a_recovery_code_is_good_meanwhile() {
    let mut careful = careful().await;
    let challenge = careful.challenged().await;
    let guesses = join_all((0..15).map(|_| meet(&challenge, "000000"))).await;
    let looked_at = guesses.iter().filter(|answer| answer.status == 401).count();
    assert!((1..=10).contains(&looked_at), "{looked_at} guesses were looked at");
    let code = careful.authenticator.next().await;
    let _ = meet(&challenge, &code).await.problem(429, "too-many-attempts");
    let _ = meet(&challenge, &careful.recovery_codes[0]).await.expect(201);
}

#[tokio::test]
async fn codes_are_counted_over_all_networks_for_a_day() {
    let mut careful = careful().await;
    let mut environment = Server::shared().await.scope.environment();
    environment.push(("INKLOG_TRUSTED_PROXIES".into(), "127.0.0.1".into()));
    let mut process = testkit::Process::start("command-services", &["identity"], &environment);
    process.ready().await;
    let api = testkit::Api::new(process.url());
    let challenge = careful.challenged().await;
    let guess = |network: usize, code: &str| {
        let body = json!({"challenge": challenge, "code": code});
        api.post("/v1/sessions/second-factor")
            .header("X-Forwarded-For", &format!("198.51.100.{network}"))
            .json(&body)
            .send()
    };
    for number in 0..50 {
        let _ = guess(number, "000000").await.problem(401, "invalid-credentials");
    }
    let answer = guess(200, &careful.authenticator.next().await).await.problem(429, "too-many-attempts");
    assert!(answer.header("retry-after").parse::<u32>().unwrap() > 3_600);
}

#[tokio::test]
async fn of_two_who_use_a_recovery_code_at_once_one_gets_in_and_its_owner_is_told() {
    let careful = careful().await;
    let (first, second) = (careful.challenged().await, careful.challenged().await);
    let code = careful.recovery_codes[3].to_uppercase().replace('-', " ");
    let (one, two) = tokio::join!(meet(&first, &code), meet(&second, &code));
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 401]);
    letter(&careful.member.email, "A recovery code was used").await;
    let seen = careful.member.api.get("/v1/me/second-factor").send().await.expect(200);
    assert_eq!(seen.body["recovery_codes"], 9);
}

#[tokio::test]
async fn an_account_that_was_deactivated_meanwhile_stays_out() {
    let mut careful = careful().await;
    let challenge = careful.challenged().await;
    let body = crate::careful::shown(&careful.recovery_codes[0]);
    let _ = careful.member.api.post("/v1/me/deactivate").json(&body).send().await.expect(200);
    let code = careful.authenticator.next().await;
    let _ = meet(&challenge, &code).await.problem(403, "account-deactivated");
}

#[tokio::test]
async fn whether_an_account_has_one_is_told_to_no_caller_without_the_password() {
    let (careful, stranger) = (careful().await, unique("stranger"));
    let wrong = crate::members::log_in(&careful.member.name, "another horse battery").await;
    let unknown = crate::members::log_in(&stranger, "another horse battery").await;
    assert_eq!(wrong.problem(401, "invalid-credentials").body, unknown.problem(401, "invalid-credentials").body);
}
