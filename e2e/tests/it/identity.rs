//! People who log in: a journey, and bad days.

use std::time::Duration;

use serde_json::{Value, json};
use testkit::process::Signal;
use testkit::{Answer, Api, Component, Letter, eventually};

use crate::support::{PATIENCE, System, unique};

const PASSWORD: &str = "correct horse battery staple";

fn application(name: &str) -> Value {
    json!({"user_name": name, "email": format!("{name}@example.org"), "password": PASSWORD})
}

fn anyone(system: &System) -> Api {
    Api::new(system.door()).held_to_documents()
}

async fn log_in(api: &Api, login: &str, password: &str) -> Answer {
    api.post("/v1/sessions").json(&json!({"login": login, "password": password})).send().await
}

async fn letter(system: &System, address: &str, subject: &str) -> Letter {
    eventually(&format!("a letter: {subject}"), PATIENCE, async || {
        system.scope.letters(address).into_iter().find(|letter| letter.subject == subject)
    })
    .await
}

fn text<'a>(answer: &'a Answer, field: &str) -> &'a str {
    answer.body[field].as_str().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_registering_to_a_new_name() {
    let system = System::behind_gateway(1).await;
    let api = anyone(&system);
    let (name, renamed, slug) = (unique("ada"), unique("countess"), unique("post"));
    let email = format!("{name}@example.org");
    let registered = api.post("/v1/register").json(&application(&name)).send().await.expect(201);
    let token = letter(&system, &email, "Please confirm your address").await.token();
    let _ = api.post("/v1/email/confirm").json(&json!({"token": token})).send().await.expect(200);
    let session = log_in(&api, &email, PASSWORD).await.expect(201);
    let own = api.with_token(text(&session, "access_token"));

    let post = json!({"title": "Mine", "slug": slug});
    let drafted = own.post("/v1/posts").json(&post).send().await.expect(201);
    let _ = system.read(&slug, &drafted.position()).await.problem(404, "not-found");
    let mine = system.reader().with_token(text(&session, "access_token"));
    let read = mine.get(&format!("/v1/posts/{slug}")).header("Inklog-Position", &drafted.position()).send().await;
    assert_eq!(read.expect(200).body["author"]["user_name"], name.as_str(), "readers verify the same tokens");

    let changed = own.post("/v1/me/user-name").json(&json!({"user_name": renamed})).send().await.expect(200);
    let reader = system.reader();
    let author = |name: &str| reader.get(&format!("/v1/authors/{name}")).header("Inklog-Position", &changed.position());
    let seen = author(&renamed).send().await.expect(200);
    assert_eq!(seen.body["id"], registered.id());
    let moved = author(&name).send().await.expect(301);
    assert_eq!(moved.header("location"), format!("/v1/authors/{renamed}"));

    let _ = api.post("/v1/password/forgot").json(&json!({"email": email})).send().await.expect(202);
    let token = letter(&system, &email, "Your new password").await.token();
    let new = json!({"token": token, "new_password": "another horse entirely"});
    let _ = api.post("/v1/password/reset").json(&new).send().await.expect(204);
    let _ = own.post("/v1/posts").json(&post).send().await.problem(401, "unauthorized");
    let _ = log_in(&api, &renamed, "another horse entirely").await.expect(201);
    system.scope.log("accounts").await.assert_whole();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_postgres_no_person_logs_in_and_a_caller_with_a_token_writes() {
    let mut system = System::writing(1).await;
    let api = anyone(&system);
    let name = unique("ada");
    let _ = api.post("/v1/register").json(&application(&name)).send().await.expect(201);
    let session = log_in(&api, &name, PASSWORD).await.expect(201);
    let own = api.with_token(text(&session, "access_token"));
    let outage = Component::Postgres.stopped().await;
    let _ = log_in(&api, &name, PASSWORD).await.problem(503, "unavailable");
    let again = api.post("/v1/sessions/refresh").json(&json!({"refresh_token": text(&session, "refresh_token")}));
    assert!(!again.send().await.problem(503, "unavailable").header("retry-after").is_empty());
    let other = api.post("/v1/register").json(&application(&unique("bob"))).send().await;
    let _ = other.problem(503, "unavailable");
    let _ = own.post("/v1/posts").json(&json!({"title": "T", "slug": unique("p")})).send().await.expect(201);
    // One that starts now takes commands, too.
    system.join().await;
    let newcomer = Api::new(system.commands[1].url()).with_token(text(&session, "access_token"));
    let _ = newcomer.post("/v1/posts").json(&json!({"title": "T", "slug": unique("p")})).send().await.expect(201);
    outage.end().await;
    eventually("log-ins work again", PATIENCE, async || {
        (log_in(&api, &name, PASSWORD).await.status == 201).then_some(())
    })
    .await;
    let _ = own.delete("/v1/sessions/current").send().await.expect(204);
    eventually("the newcomer hears of what ends", PATIENCE, async || {
        let body = json!({"title": "T", "slug": unique("p")});
        (newcomer.post("/v1/posts").json(&body).send().await.status == 401).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_who_register_a_name_at_once_one_has_it_whenever_the_process_dies() {
    let mut system = System::writing(1).await;
    for after_ms in [5, 25, 45, 65, 90] {
        let name = unique("race");
        let email = |number: u8| format!("{name}.{number}@example.org");
        let ask = async |api: &Api, number: u8| {
            let mut body = application(&name);
            body["email"] = json!(email(number));
            let call = api.post("/v1/register").json(&body).key(&format!("{name}-{number}"));
            call.within(Duration::from_secs(5)).attempt().await.ok().map(|answer| answer.status)
        };
        let api = anyone(&system);
        let dying = async {
            tokio::time::sleep(Duration::from_millis(after_ms)).await;
            system.commands[0].signal(Signal::Kill);
        };
        let _ = tokio::join!(ask(&api, 1), ask(&api, 2), dying);
        system.commands.clear();
        system.join().await;
        let api = anyone(&system);
        let settled = async |number: u8| {
            eventually("an answer", PATIENCE, async || {
                ask(&api, number).await.filter(|status| [200, 201, 409].contains(status))
            })
            .await
        };
        let statuses = [settled(1).await, settled(2).await];
        let won: Vec<u8> = (1..).zip(statuses).filter(|(_, status)| *status != 409).map(|(number, _)| number).collect();
        assert_eq!(won.len(), 1, "after {after_ms} ms: {statuses:?}");
        let session = log_in(&api, &name, PASSWORD).await.expect(201);
        let id = text(&session, "account_id").to_owned();
        let log = system.scope.log("accounts").await;
        log.assert_whole();
        assert_eq!(log.story(&id), ["Registered"]);
        letter(&system, &email(won[0]), "Please confirm your address").await;
        assert_eq!(system.scope.letters(&email(won[0])).len(), 1, "one letter, whatever crashed");
        assert!(system.scope.letters(&email(3 - won[0])).is_empty());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_vault_that_is_older_than_the_log_says_so_and_the_log_loses_nothing() {
    let system = System::writing(1).await;
    let api = anyone(&system);
    let (early, late) = (unique("early"), unique("late"));
    let _ = api.post("/v1/register").json(&application(&early)).send().await.expect(201);
    let id = api.post("/v1/register").json(&application(&late)).send().await.expect(201).id();
    let session = log_in(&api, &late, PASSWORD).await.expect(201);
    let own = api.with_token(text(&session, "access_token"));
    // The backup was made between the two.
    let mut vault = system.scope.postgres().await;
    let account: uuid::Uuid = id.parse().unwrap();
    sqlx::query("DELETE FROM vault.people WHERE account_id = $1").bind(account).execute(&mut vault).await.unwrap();
    let answer = log_in(&api, &late, PASSWORD).await.problem(503, "unavailable");
    assert!(text(&answer, "detail").contains("older than the log"), "{}", answer.body);
    assert!(system.commands[0].logged().contains("vault-behind-log"));
    let _ = log_in(&api, &early, PASSWORD).await.expect(201);
    let _ = own.post("/v1/posts").json(&json!({"title": "T", "slug": unique("p")})).send().await.expect(201);
    let again = api.post("/v1/register").json(&application(&late)).send().await;
    let _ = again.problem(409, "user-name-taken");
    let log = system.scope.log("accounts").await;
    log.assert_whole();
    assert_eq!(log.story(&id), ["Registered"]);
}

/// Adds a second factor and logs in with it: all that is secret of that.
async fn secrets_of_a_second_factor(api: &Api, mine: &Api, email: &str, password: &str) -> Vec<String> {
    let shown = json!({"current_password": password});
    let factor = mine.post("/v1/me/second-factor").json(&shown).send().await.expect(201);
    let authenticator = testkit::Authenticator::of(text(&factor, "secret"));
    let first = json!({"code": authenticator.at(0)});
    let codes = mine.post("/v1/me/second-factor/confirm").json(&first).send().await.expect(200);
    let codes = codes.body["recovery_codes"].as_array().unwrap().iter().map(|code| code.as_str().unwrap().to_owned());
    let due = log_in(api, email, password).await.problem(401, "second-factor-required");
    let challenge = text(&due, "challenge").to_owned();
    let second = json!({"challenge": challenge, "code": authenticator.at(1)});
    let _ = api.post("/v1/sessions/second-factor").json(&second).send().await.expect(201);
    let factor = ["secret", "otpauth_uri"].map(|member| text(&factor, member).to_owned());
    factor.into_iter().chain(codes).chain([challenge]).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_secret_is_found_outside_the_vault() {
    let system = System::start(1).await;
    // What an operator who looks for a fault has logged is for others to read, too.
    for process in system.commands.iter().chain(&system.readers) {
        let debug = json!({"filter": "debug"});
        let _ = Api::new(process.metrics_url()).put("/log").json(&debug).send().await.expect(200);
    }
    let api = anyone(&system);
    let (name, password) = (unique("ada"), unique("Canary horse"));
    let email = format!("{}@example.org", unique("canary"));
    let body = json!({"user_name": name, "email": email, "password": password});
    let registered = api.post("/v1/register").json(&body).send().await.expect(201);
    let _ = log_in(&api, &email, "not the password").await.expect(401);
    let session = log_in(&api, &email, &password).await.expect(201);
    let refresh = json!({"refresh_token": text(&session, "refresh_token")});
    let next = api.post("/v1/sessions/refresh").json(&refresh).send().await.expect(200);
    let one_time = letter(&system, &email, "Please confirm your address").await.token();
    let confirmed = api.post("/v1/email/confirm").json(&json!({"token": one_time})).send().await.expect(200);
    let _ = system.reader().get(&format!("/v1/authors/{name}")).header("Inklog-Position", &confirmed.position());
    assert_eq!(text(&session, "account_id"), registered.id());
    let tokens =
        [&session, &next].map(|it| [text(it, "refresh_token").to_owned(), text(it, "access_token").to_owned()]);
    let mine = api.with_token(text(&next, "access_token"));
    let secrets: Vec<String> = tokens
        .into_iter()
        .flatten()
        .chain(secrets_of_a_second_factor(&api, &mine, &email, &password).await)
        .chain([password, one_time])
        .collect();
    let absent = |place: &str, text: &str, also: &[&String]| {
        for secret in secrets.iter().chain(also.iter().copied()) {
            assert!(!text.contains(secret.as_str()), "{place} holds a secret");
        }
    };
    for process in system.commands.iter().chain(&system.readers) {
        let logged = process.logged();
        assert!(logged.contains("DEBUG"), "what is logged was changed");
        absent("a log", &logged, &[&email]);
    }
    for context in system.scope.contexts().await {
        for record in system.scope.log(&context).await.records {
            let text = format!("{} {:?} {}", record.key, record.headers, String::from_utf8_lossy(&record.value));
            absent("a topic", &text, &[&email]);
        }
    }
    let mut database = system.scope.postgres().await;
    let tables: Vec<(String, String)> = sqlx::query_as(
        "SELECT schemaname::text, tablename::text FROM pg_tables \
         WHERE schemaname NOT IN ('pg_catalog', 'information_schema')",
    )
    .fetch_all(&mut database)
    .await
    .unwrap();
    assert!(tables.iter().any(|(schema, _)| schema == "vault"));
    for (schema, table) in tables {
        let sql = sqlx::AssertSqlSafe(format!("SELECT COALESCE(string_agg(t::text, ' '), '') FROM {schema}.{table} t"));
        let text: String = sqlx::query_scalar(sql).fetch_one(&mut database).await.unwrap();
        // The address is in the vault: mail has to be sent there.
        let also = [&email];
        absent(&format!("{schema}.{table}"), &text, if schema == "vault" { &[] } else { &also });
    }
    let mut redis = system.scope.redis().await;
    let keys: Vec<String> = redis::cmd("KEYS").arg("*").query_async(&mut redis).await.unwrap();
    for key in keys {
        let dump: Vec<u8> = redis::cmd("DUMP").arg(&key).query_async(&mut redis).await.unwrap_or_default();
        absent("Redis", &format!("{key} {}", String::from_utf8_lossy(&dump)), &[&email]);
    }
}
