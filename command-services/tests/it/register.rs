//! `/v1/register`.

use futures::future::join_all;
use serde_json::json;

use uuid::Uuid;

use crate::members::{PASSWORD, anyone, application, letter, log_in, member, register};
use crate::support::{Server, author, editor, person, unique};

#[tokio::test]
async fn a_person_who_registers_has_an_account_and_a_letter_and_logs_in() {
    let name = unique("ada");
    let answer = register(&name).await.expect(201);
    assert_eq!((answer.version(), answer.body["user_name"].as_str()), (1, Some(name.as_str())));
    let log = Server::shared().await.scope.log("accounts").await;
    assert_eq!(log.story(&answer.id()), ["Registered"]);
    assert_eq!(log.story(&format!("user-name:{name}")), ["UserNameClaimed", "UserNameConfirmed"]);
    let letter = letter(&format!("{name}@example.org"), "Please confirm your address").await;
    assert!(letter.text.contains(&name), "{}", letter.text);
    for login in [name.clone(), name.to_uppercase(), format!("{name}@Example.ORG")] {
        let session = log_in(&login, PASSWORD).await.expect(201);
        assert_eq!(session.body["account_id"], answer.id());
        assert_eq!(session.body["roles"], json!(["author"]));
        assert_eq!(session.header("cache-control"), "no-store");
    }
}

#[tokio::test]
async fn a_repeated_request_gets_the_same_account_and_one_letter() {
    let (name, key) = (unique("rep"), unique("key"));
    let ask = async || anyone().await.post("/v1/register").json(&application(&name)).key(&key).send().await;
    let first = ask().await.expect(201);
    let second = ask().await.expect(201);
    assert_eq!((first.id(), first.version()), (second.id(), second.version()));
    let email = format!("{name}@example.org");
    letter(&email, "Please confirm your address").await;
    assert_eq!(Server::shared().await.scope.letters(&email).len(), 1);
    let mut other = application(&name);
    other["password"] = json!("another horse battery staple");
    let answer = anyone().await.post("/v1/register").json(&other).key(&key).send().await;
    let _ = answer.problem(422, "idempotency-key-reused");
    let _ = log_in(&name, PASSWORD).await.expect(201);
}

/// What is refused says nothing of what another request came to: that is asked of the log, by the sweeper.
#[tokio::test]
async fn a_registration_that_is_refused_settles_nothing() {
    let (name, key, api) = (unique("ref"), unique("key"), anyone().await);
    let mut body = application(&name);
    let id: Uuid = api.post("/v1/register").json(&body).key(&key).send().await.expect(201).id().parse().unwrap();
    let mut vault = Server::shared().await.scope.postgres().await;
    let sql = "UPDATE vault.people SET registered = false WHERE account_id = $1";
    sqlx::query(sql).bind(id).execute(&mut vault).await.unwrap();
    body["bio"] = json!("Another request.");
    let refused = api.post("/v1/register").json(&body).key(&key).send().await;
    let _ = refused.problem(422, "idempotency-key-reused");
    let mut registered = async || {
        let sql = "SELECT registered FROM vault.people WHERE account_id = $1";
        sqlx::query_scalar::<_, bool>(sql).bind(id).fetch_one(&mut vault).await.unwrap()
    };
    assert!(!registered().await);
    body["bio"] = json!("");
    let _ = api.post("/v1/register").json(&body).key(&key).send().await.expect(201);
    assert!(registered().await);
}

#[tokio::test]
async fn of_many_who_register_a_name_or_an_address_at_once_one_wins() {
    for field in ["user_name", "email"] {
        let applications = (0..6).map(|_| {
            let mut other = application(&unique("race"));
            other[field] = json!("");
            other
        });
        let contested = if field == "email" { format!("{}@example.org", unique("same")) } else { unique("same") };
        let api = anyone().await;
        let answers = join_all(applications.map(async |mut application| {
            application[field] = json!(contested);
            api.post("/v1/register").json(&application).send().await
        }))
        .await;
        let (won, lost): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 201);
        assert_eq!((won.len(), lost.len()), (1, 5), "{field}");
        let problem = if field == "email" { "email-taken" } else { "user-name-taken" };
        lost.into_iter().for_each(|answer| drop(answer.problem(409, problem)));
        let _ = log_in(&contested, PASSWORD).await.expect(201);
    }
}

#[tokio::test]
async fn names_and_addresses_that_differ_in_case_only_are_the_same() {
    let name = unique("case");
    let _ = register(&name).await.expect(201);
    let mut other = application(&name.to_uppercase());
    other["email"] = json!(format!("{}@example.org", unique("other")));
    let _ = anyone().await.post("/v1/register").json(&other).send().await.problem(409, "user-name-taken");
    other["user_name"] = json!(unique("other"));
    other["email"] = json!(format!("{}@EXAMPLE.org", name.to_uppercase()));
    let _ = anyone().await.post("/v1/register").json(&other).send().await.problem(409, "email-taken");
}

#[tokio::test]
async fn an_address_is_the_same_in_either_spelling_of_its_domain() {
    let (name, other) = (unique("idn"), unique("idn"));
    let mut first = application(&name);
    first["email"] = json!(format!("{name}@bücher.example"));
    let _ = anyone().await.post("/v1/register").json(&first).send().await.expect(201);
    let mut second = application(&other);
    second["email"] = json!(format!("{name}@xn--bcher-kva.example"));
    let _ = anyone().await.post("/v1/register").json(&second).send().await.problem(409, "email-taken");
    let _ = log_in(&format!("{name}@xn--bcher-kva.example"), PASSWORD).await.expect(201);
}

#[tokio::test]
async fn a_reserved_name_is_given_by_editors_only() {
    for name in ["admin", "Root", "sup.port", "No-Reply"] {
        let mut body = application(&unique("reserved"));
        body["user_name"] = json!(name);
        let answer = anyone().await.post("/v1/register").json(&body).send().await.problem(422, "invalid");
        assert_eq!(answer.pointer(), "/user_name", "{name}");
    }
    let member = member().await;
    let rename = member.api.post("/v1/me/user-name").json(&json!({"user_name": "Moderator"}));
    assert_eq!(rename.send().await.problem(422, "invalid").pointer(), "/user_name");
    let (author, editor, id) = (author().await, editor().await, Uuid::new_v4());
    let body = json!({"user_name": "web-master"});
    let registered = author.api.post("/v1/accounts").json(&body).send().await;
    assert_eq!(registered.problem(422, "invalid").pointer(), "/user_name");
    let path = format!("/v1/accounts/{id}");
    let _ = editor.api.put(&path).json(&body).send().await.expect(201);
    // Who bears it goes on doing so.
    let (owner, changed) = (person(id, &["author"]).await, json!({"user_name": "web-master", "bio": "Of this place."}));
    let _ = owner.api.put(&path).json(&changed).if_match(1).send().await.expect(200);
}

#[tokio::test]
async fn names_that_look_alike_are_refused() {
    // Cyrillic а, full-width ａ, zero-width joiner, combining accent: a name is of ASCII letters only.
    for name in ["аda", "ａda", "a\u{200d}da", "a\u{301}da", "ada ", "ada\u{0}"] {
        let answer = anyone().await.post("/v1/register").json(&application(name)).send().await;
        let answer = answer.problem(422, "invalid");
        assert!(["/user_name", "/email"].contains(&answer.pointer()), "{name}");
    }
}

#[tokio::test]
async fn a_bad_application_is_refused_where_it_is_bad() {
    let name = unique("bad");
    let wrongs = [
        ("/password", "password", json!("short")),
        ("/password", "password", json!("x".repeat(129))),
        ("/password", "password", json!("x".repeat(12_000))),
        ("/password", "password", json!("password123")),
        ("/password", "password", json!(name)),
        ("/email", "email", json!("stranger")),
        ("/email", "email", json!("a@b.org\r\nBcc: c@d.org")),
        ("/user_name", "user_name", json!("-bad")),
        ("/roles", "roles", json!(["admin"])),
    ];
    for (pointer, field, value) in wrongs {
        let mut body = application(&name);
        body[field] = value;
        let answer = anyone().await.post("/v1/register").json(&body).send().await.problem(422, "invalid");
        assert_eq!(answer.pointer(), pointer, "{body}");
    }
    let _ = register(&name).await.expect(201);
}

/// Half of the characters of a text that JSON escapes were more than a stranger may send.
#[tokio::test]
async fn a_few_words_about_oneself_fit_however_json_writes_them() {
    let name = unique("words");
    let mut body = application(&name);
    body["bio"] = json!("\u{1f58a}".repeat(5000));
    let escaped = body.to_string().replace('\u{1f58a}', "\\ud83d\\udd8a");
    assert!(escaped.len() > 60_000);
    let call = anyone().await.post("/v1/register").header("Content-Type", "application/json").body(escaped);
    let _ = call.send().await.expect(201);
}

#[tokio::test]
async fn a_password_of_any_script_is_taken_and_is_the_same_however_it_is_typed() {
    let name = unique("uni");
    let mut body = application(&name);
    body["password"] = json!("Zwölf Boxkämpfer 🦀 пароль");
    let _ = anyone().await.post("/v1/register").json(&body).send().await.expect(201);
    let _ = log_in(&name, "Zwo\u{308}lf Boxka\u{308}mpfer 🦀 пароль").await.expect(201);
    let _ = log_in(&name, "Zwolf Boxkampfer 🦀 пароль").await.problem(401, "invalid-credentials");
}

#[tokio::test]
async fn neither_address_nor_password_is_in_the_log() {
    let name = unique("canary");
    let mut body = application(&name);
    let (email, password) = (format!("{}@example.org", unique("address")), unique("Canary-password"));
    (body["email"], body["password"]) = (json!(email), json!(password));
    let _ = anyone().await.post("/v1/register").json(&body).send().await.expect(201);
    let log = Server::shared().await.scope.log("accounts").await;
    for record in &log.records {
        let whole = format!("{} {:?} {}", record.key, record.headers, String::from_utf8_lossy(&record.value));
        assert!(!whole.contains(&email) && !whole.contains(&password), "{whole}");
    }
}
