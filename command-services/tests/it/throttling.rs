//! How often a caller may try.

use std::time::Duration;

use futures::future::join_all;
use serde_json::{Value, json};
use sqlx::PgConnection;
use testkit::{Answer, Api, Letter, Process, eventually};
use tokio::sync::OnceCell;
use uuid::Uuid;

use crate::careful::{Careful, careful, challenge};
use crate::members::{Member, PASSWORD, anyone, application, letter, log_in, member};
use crate::support::{Server, person, unique};

/// Bad log-ins for one account from one network.
const GUESSES: usize = 10;
/// Bad log-ins for one account from anywhere.
const GUESSES_FROM_ANYWHERE: usize = 100;

static PROXIED: OnceCell<Proxied> = OnceCell::const_new();

/// An instance behind a proxy, so that a test has networks of its own.
struct Proxied(Process);

impl Proxied {
    /// The one for all tests: what is counted here is counted by account, too.
    async fn shared() -> &'static Self {
        let start = async || {
            let mut environment = Server::shared().await.scope.environment();
            environment.push(("INKLOG_PROXIES".into(), "1".into()));
            let mut process = Process::start("command-services", &["identity"], &environment);
            process.ready().await;
            Self(process)
        };
        PROXIED.get_or_init(start).await
    }

    /// Waits until this instance has read of an account.
    async fn has_read(&self, member: &Member) {
        eventually("it has read of the account", Duration::from_secs(15), async || {
            let answer = self.log_in("203.0.113.1", &member.name, PASSWORD).await;
            let challenged = answer.body["challenge"].is_string();
            (answer.status == 201 || challenged).then_some(())
        })
        .await;
    }

    async fn ask(&self, path: &str, network: &str, body: &Value) -> Answer {
        // A client of its own each time: a test's do not outlive it.
        Api::new(self.0.url()).post(path).header("X-Forwarded-For", network).json(body).send().await
    }

    async fn log_in(&self, network: &str, login: &str, password: &str) -> Answer {
        self.ask("/v1/sessions", network, &json!({"login": login, "password": password})).await
    }

    /// Strangers use up what an account takes from anywhere.
    async fn besiege(&self, member: &Member) {
        for number in 0..GUESSES_FROM_ANYWHERE / GUESSES {
            for _ in 0..GUESSES {
                let guess = self.log_in(&format!("192.0.2.{number}"), &member.name, "a guess at it").await;
                let _ = guess.problem(401, "invalid-credentials");
            }
        }
        turned_away(self.log_in("192.0.2.200", &member.name, "a guess at it").await);
    }
}

async fn known_networks(vault: &mut PgConnection, member: &Member) -> i64 {
    let sql = "SELECT count(*) FROM vault.known_networks WHERE account_id = $1 AND known_until > now()";
    sqlx::query_scalar(sql).bind(member.id.parse::<Uuid>().unwrap()).fetch_one(vault).await.unwrap()
}

/// Letters to an address about something.
async fn letters(address: &str, subject: &str) -> Vec<Letter> {
    let mut letters = Server::shared().await.scope.letters(address);
    letters.retain(|letter| letter.subject == subject);
    letters
}

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
    environment
        .extend([("INKLOG_ATTEMPTS_PER_NETWORK", "3"), ("INKLOG_PROXIES", "1")].map(|(n, v)| (n.into(), v.into())));
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

#[tokio::test]
async fn every_spelling_of_every_name_counts_as_one() {
    let member = member().await;
    let wide = |text: &str| text.replace("mem", "\u{ff4d}\u{ff45}\u{ff4d}");
    let spellings = [
        member.name.clone(),
        member.name.to_uppercase(),
        member.email.clone(),
        member.email.to_uppercase(),
        wide(&member.email),
    ];
    for number in 0..GUESSES {
        let login = &spellings[number % spellings.len()];
        let _ = log_in(login, "a guess at it").await.problem(401, "invalid-credentials");
    }
    for login in &spellings {
        turned_away(log_in(login, PASSWORD).await);
    }
    // What a caller with a token shows again is the same password.
    let again = member.api.post("/v1/me/deactivate").json(&json!({"current_password": PASSWORD})).send().await;
    turned_away(again);
}

#[tokio::test]
async fn so_does_every_spelling_of_a_name_that_is_no_accounts() {
    let name = unique("mem");
    for address in [format!("{name}@example.org"), name] {
        let wide = address.replace("mem", "\u{ff4d}\u{ff45}\u{ff4d}");
        let spellings = [address.clone(), address.to_uppercase(), wide.clone()];
        for number in 0..GUESSES {
            let _ = log_in(&spellings[number % 3], "a guess at it").await.problem(401, "invalid-credentials");
        }
        turned_away(log_in(&address, "a guess at it").await);
        turned_away(log_in(&address.to_uppercase(), "a guess at it").await);
    }
}

#[tokio::test]
async fn what_one_network_did_locks_an_account_out_nowhere_else() {
    let (member, proxied) = (member().await, Proxied::shared().await);
    proxied.has_read(&member).await;
    let admin = person(Uuid::new_v4(), &["admin"]).await.api;
    let _ = admin.put(&format!("/v1/accounts/{}/roles/admin", member.id)).send().await.expect(200);
    let guesses = (0..=GUESSES_FROM_ANYWHERE).map(|_| proxied.log_in("192.0.2.7", &member.name, "a guess at it"));
    let answers = join_all(guesses).await;
    assert!(answers.iter().filter(|answer| answer.status == 401).count() <= GUESSES);
    turned_away(proxied.log_in("192.0.2.7", &member.name, PASSWORD).await);
    for login in [&member.name, &member.email] {
        let _ = proxied.log_in("198.51.100.1", login, PASSWORD).await.expect(201);
    }
}

#[tokio::test]
async fn what_strangers_did_locks_no_owner_out_where_they_logged_in_before() {
    let (member, proxied) = (member().await, Proxied::shared().await);
    proxied.has_read(&member).await;
    let _ = proxied.log_in("198.51.100.1", &member.name, PASSWORD).await.expect(201);
    proxied.besiege(&member).await;
    let _ = proxied.log_in("198.51.100.1", &member.name, PASSWORD).await.expect(201);
    // There, too, guesses are counted.
    for _ in 0..GUESSES {
        let _ = proxied.log_in("198.51.100.1", &member.name, "a guess at it").await.expect(401);
    }
    turned_away(proxied.log_in("198.51.100.1", &member.name, PASSWORD).await);
    // Elsewhere it needs a letter.
    turned_away(proxied.log_in("198.51.100.2", &member.name, PASSWORD).await);
    let _ = proxied.ask("/v1/password/forgot", "198.51.100.2", &json!({"email": member.email})).await.expect(202);
    let token = letter(&member.email, "Your new password").await.token();
    let body = json!({"token": token, "new_password": "another horse entirely"});
    let _ = proxied.ask("/v1/password/reset", "198.51.100.2", &body).await.expect(204);
    let _ = proxied.log_in("198.51.100.2", &member.name, "another horse entirely").await.expect(201);
}

#[tokio::test]
async fn the_same_holds_for_codes_and_a_new_password_is_not_a_whole_log_in() {
    let (Careful { member, mut authenticator, .. }, proxied) = (careful().await, Proxied::shared().await);
    proxied.has_read(&member).await;
    let confirmation = letter(&member.email, "Please confirm your address").await.token();
    let _ = proxied.ask("/v1/email/confirm", "198.51.100.1", &json!({"token": confirmation})).await.expect(200);
    let _ = proxied.ask("/v1/password/forgot", "198.51.100.2", &json!({"email": member.email})).await.expect(202);
    let token = letter(&member.email, "Your new password").await.token();
    let body = json!({"token": token, "new_password": PASSWORD.to_uppercase()});
    let _ = proxied.ask("/v1/password/reset", "198.51.100.2", &body).await.expect(204);
    let password = body["new_password"].as_str().unwrap();
    let due = challenge(&proxied.log_in("198.51.100.1", &member.name, password).await);
    let meet = async |network: &str, code: &str| {
        proxied.ask("/v1/sessions/second-factor", network, &json!({"challenge": due, "code": code})).await
    };
    for number in 0..50 {
        let guess = meet(&format!("192.0.2.{}", number / GUESSES), "000000").await;
        let _ = guess.problem(401, "invalid-credentials");
    }
    let code = authenticator.next().await;
    for unknown in ["198.51.100.1", "198.51.100.2"] {
        let _ = meet(unknown, &code).await.problem(429, "too-many-attempts");
    }
    // The first log-in was from here.
    let _ = log_in(&member.name, password).await.problem(401, "second-factor-required");
    let body = json!({"challenge": due, "code": code});
    let _ = anyone().await.post("/v1/sessions/second-factor").json(&body).send().await.expect(201);
}

#[tokio::test]
async fn networks_are_known_as_hashes_for_a_while_and_few_of_them() {
    let (member, proxied) = (member().await, Proxied::shared().await);
    proxied.has_read(&member).await;
    let mut vault = Server::shared().await.scope.postgres().await;
    for number in 0..22 {
        let _ = proxied.log_in(&format!("198.51.100.{number}"), &member.name, PASSWORD).await.expect(201);
    }
    assert_eq!(known_networks(&mut vault, &member).await, 20);
    let sql = "SELECT count(DISTINCT network) FROM vault.known_networks WHERE length(network) = 32 AND account_id = $1
        AND known_until < now() + interval '91 days'";
    let id: Uuid = member.id.parse().unwrap();
    let hashes: i64 = sqlx::query_scalar(sql).bind(id).fetch_one(&mut vault).await.unwrap();
    assert_eq!(hashes, 20);
    let body = json!({"current_password": PASSWORD});
    let _ = member.api.delete("/v1/me").json(&body).send().await.expect(204);
    assert_eq!(known_networks(&mut vault, &member).await, 0);
}

#[tokio::test]
async fn letters_that_strangers_ask_for_leave_the_owner_theirs() {
    let (victim, attacker, proxied) = (member().await, member().await, Proxied::shared().await);
    proxied.has_read(&victim).await;
    let change = json!({"email": victim.email, "current_password": PASSWORD});
    let forgot = json!({"email": victim.email});
    for _ in 0..7 {
        let _ = attacker.api.post("/v1/me/email").json(&change).send().await.expect(202);
        let _ = proxied.ask("/v1/password/forgot", "192.0.2.1", &forgot).await.expect(202);
    }
    let count = async |subject: &'static str, many: usize| {
        eventually(&format!("{many} letters: {subject}"), Duration::from_secs(15), async || {
            (letters(&victim.email, subject).await.len() == many).then_some(())
        })
        .await;
    };
    count("Please confirm your new address", 5).await;
    count("Your new password", 5).await;
    let _ = proxied.ask("/v1/password/forgot", "198.51.100.1", &forgot).await.expect(202);
    count("Your new password", 6).await;
    // Many strangers together use up what is sent to one address; not what is sent to the owner's own network.
    let _ = proxied.log_in("198.51.100.9", &victim.name, PASSWORD).await.expect(201);
    for network in 2..6 {
        for _ in 0..5 {
            let _ = proxied.ask("/v1/password/forgot", &format!("192.0.2.{network}"), &forgot).await.expect(202);
        }
    }
    count("Your new password", 20).await;
    let _ = proxied.ask("/v1/password/forgot", "198.51.100.9", &forgot).await.expect(202);
    count("Your new password", 21).await;
    // An account has so many letters sent and no more, whichever the addresses.
    let addresses: Vec<String> = (0..18).map(|_| format!("{}@example.org", unique("moved"))).collect();
    for email in &addresses {
        let body = json!({"email": email, "current_password": PASSWORD});
        let _ = attacker.api.post("/v1/me/email").json(&body).send().await.expect(202);
    }
    letter(&addresses[14], "Please confirm your new address").await;
    assert!(letters(&addresses[17], "Please confirm your new address").await.is_empty());
}

#[tokio::test]
async fn a_registration_that_is_repeated_tells_no_more_about_the_password_than_a_log_in() {
    let (name, key) = (unique("mem"), unique("key"));
    let apply = async |password: &str| {
        let mut body = application(&name);
        body["password"] = json!(password);
        anyone().await.post("/v1/register").key(&key).json(&body).send().await
    };
    let _ = apply(PASSWORD).await.expect(201);
    let _ = apply(PASSWORD).await.expect(201);
    for number in 0..GUESSES {
        let _ = apply(&format!("a guess at it, the {number}th")).await.problem(422, "idempotency-key-reused");
    }
    turned_away(apply(PASSWORD).await);
    turned_away(log_in(&name, PASSWORD).await);
}
