//! A person is forgotten: what was personal is found nowhere any more, and a rebuild brings nothing back.

use serde_json::json;
use testkit::{Answer, Api, Component, eventually};
use uuid::Uuid;

use crate::support::{PATIENCE, System, unique};

const PASSWORD: &str = "correct horse battery staple";

/// A person with a profile, a post, and texts that no other has.
struct Canary {
    id: String,
    name: String,
    former: String,
    slug: String,
    api: Api,
    /// What must not be found.
    texts: Vec<String>,
}

impl Canary {
    async fn sing(system: &System) -> Self {
        let anyone = Api::new(system.door());
        let (name, former) = (unique("canary"), unique("fledgling"));
        let [display, bio, image, new_bio] = ["Display", "Bio", "image", "Newbio"].map(unique);
        let [said, said_before] = ["Said", "Saidbefore"].map(unique);
        let email = format!("{}@example.org", unique("mailbox"));
        let image_url = format!("https://{image}.example/a.png");
        let body = json!({"user_name": former, "email": email, "password": PASSWORD, "display_name": display,
            "bio": bio, "image_url": image_url});
        let id = anyone.post("/v1/register").json(&body).send().await.expect(201).id();
        let body = json!({"login": former, "password": PASSWORD});
        let session = anyone.post("/v1/sessions").json(&body).send().await.expect(201);
        let api = anyone.with_token(session.body["access_token"].as_str().unwrap());
        let path = format!("/v1/accounts/{id}");
        let _ = api.patch(&path).json(&json!({"bio": new_bio})).if_match(1).send().await.expect(200);
        let _ = api.post("/v1/me/user-name").json(&json!({"user_name": name})).send().await.expect(200);
        let slug = unique("song");
        let draft = json!({"title": "A song", "slug": slug, "body": "La."});
        let post = api.post("/v1/posts").json(&draft).send().await.expect(201).id();
        let _ = api.post(&format!("/v1/posts/{post}/publish")).send().await.expect(200);
        let comments = format!("/v1/comments/{post}");
        let _ = api.post(&comments).json(&json!({"text": said_before})).send().await.expect(201);
        let _ = api.patch(&format!("{comments}/1")).json(&json!({"text": said})).send().await.expect(200);
        let texts = vec![display, bio, image, new_bio, email, said, said_before];
        Self { id, name, former, slug, api, texts }
    }

    async fn erase(&self) -> Answer {
        self.api.delete("/v1/me").json(&json!({"current_password": PASSWORD})).send().await
    }

    /// Everything that can be read anywhere, under the name of the place.
    async fn everything(system: &System) -> Vec<(String, String)> {
        let mut places = Vec::new();
        for process in system.commands.iter().chain(&system.readers) {
            places.push(("a log".to_owned(), process.logged()));
        }
        for context in system.scope.contexts().await {
            let log = system.scope.log(&context).await;
            let text = |record: &testkit::log::Seen| {
                format!("{} {:?} {}", record.key, record.headers, String::from_utf8_lossy(&record.value))
            };
            places.push((format!("topic {context}"), log.records.iter().map(text).collect()));
        }
        let mut database = system.scope.postgres().await;
        let tables: Vec<(String, String)> = sqlx::query_as(
            "SELECT table_schema::text, table_name::text FROM information_schema.tables
             WHERE table_schema NOT IN ('pg_catalog', 'information_schema')",
        )
        .fetch_all(&mut database)
        .await
        .unwrap();
        for (schema, table) in tables {
            let sql = format!("SELECT COALESCE(string_agg(t::text, ' '), '') FROM {schema}.{table} t");
            let text = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(&mut database).await.unwrap();
            places.push((format!("table {schema}.{table}"), text));
        }
        let mut redis = system.scope.redis().await;
        let keys: Vec<String> = redis::cmd("KEYS").arg("*").query_async(&mut redis).await.unwrap();
        for key in keys {
            let dump: Vec<u8> = redis::cmd("DUMP").arg(&key).query_async(&mut redis).await.unwrap_or_default();
            places.push((format!("Redis key {key}"), String::from_utf8_lossy(&dump).into_owned()));
        }
        places
    }

    async fn is_found_nowhere(&self, system: &System) {
        for (place, text) in Self::everything(system).await {
            for canary in &self.texts {
                assert!(!text.contains(canary.as_str()), "{place} holds {canary}");
            }
        }
    }

    /// What readers see of them.
    async fn is_shown_as_deleted(&self, system: &System, position: &str) {
        let reader = system.reader();
        let post = reader.get(&format!("/v1/posts/{}", self.slug)).header("Inklog-Position", position).send().await;
        let post = post.expect(200);
        let author = &post.body["author"];
        let deleted = author["user_name"].as_str().unwrap();
        assert!(deleted.starts_with("~deleted-") && author["display_name"] == "", "{author}");
        // Their comment keeps its place in the thread.
        let thread = reader.get(&format!("/v1/posts/{}/comments", self.slug)).send().await.expect(200);
        let comment = &thread.body["comments"][0];
        assert_eq!((&comment["deleted"], &comment["author"]), (&json!(true), &serde_json::Value::Null), "{comment}");
        for gone in [&self.name, &self.former] {
            let _ = reader.get(&format!("/v1/authors/{gone}")).send().await.problem(404, "not-found");
        }
        let _ = reader.get(&format!("/v1/authors/{deleted}")).send().await.problem(410, "account-erased");
    }
}

/// The number of the vault's rows about a person.
async fn held(system: &System, id: &str) -> i64 {
    let sql = "SELECT (SELECT count(*) FROM vault.data_keys WHERE account_id = $1)
        + (SELECT count(*) FROM vault.people WHERE account_id = $1)";
    let id: Uuid = id.parse().unwrap();
    sqlx::query_scalar(sql).bind(id).fetch_one(&mut system.scope.postgres().await).await.unwrap()
}

#[tokio::test]
async fn of_a_person_who_is_forgotten_nothing_personal_is_found_anywhere() {
    let system = System::behind_gateway(1).await;
    let (canary, other) = (Canary::sing(&system).await, Canary::sing(&system).await);
    eventually("the profile is shown", PATIENCE, async || {
        let answer = system.reader().get(&format!("/v1/authors/{}", canary.name)).send().await;
        (answer.status == 200 && answer.body["bio"] == canary.texts[3].as_str()).then_some(())
    })
    .await;
    // That the search finds what is there: in the read model, and in the vault.
    let before = Canary::everything(&system).await;
    let found = |text: &str| before.iter().filter(|(_, held)| held.contains(text)).count();
    assert!(found(&canary.texts[3]) > 0 && found(&canary.texts[4]) > 0);
    let topics = before.iter().filter(|(place, _)| place.starts_with("topic"));
    assert!(topics.clone().all(|(_, text)| canary.texts.iter().all(|canary| !text.contains(canary.as_str()))));

    let position = canary.erase().await.expect(204).position();
    canary.is_shown_as_deleted(&system, &position).await;
    canary.is_found_nowhere(&system).await;
    let _ = system.scope.succeed("projection-services", &["rebuild", "all", "--verify"]);
    canary.is_found_nowhere(&system).await;
    canary.is_shown_as_deleted(&system, &position).await;
    let export = other.api.get("/v1/me/export").send().await.expect(200).text;
    assert!(export.contains(&other.texts[3]) && canary.texts.iter().all(|text| !export.contains(text.as_str())));
    let answer = system.reader().get(&format!("/v1/authors/{}", other.name)).send().await.expect(200);
    assert_eq!(answer.body["bio"], other.texts[3].as_str(), "the others are as they were");
}

#[tokio::test]
async fn an_erasure_is_finished_when_kafka_was_away_in_the_middle() {
    let system = System::behind_gateway(1).await;
    let canary = Canary::sing(&system).await;
    let kafka = Component::Kafka.stopped().await;
    let _ = canary.erase().await.expect(202);
    let _ = canary.erase().await.problem(401, "unauthorized");
    assert!(held(&system, &canary.id).await > 0, "the key goes when the log says so");
    kafka.end().await;
    let gone = async || (held(&system, &canary.id).await == 0).then_some(());
    eventually("it is finished", PATIENCE, gone).await;
    canary.is_found_nowhere_soon(&system).await;
}

#[tokio::test]
async fn an_erasure_is_finished_by_another_instance_when_the_first_is_killed() {
    let mut system = System::start(1).await;
    let canary = Canary::sing(&system).await;
    let kafka = Component::Kafka.stopped().await;
    let _ = canary.erase().await.expect(202);
    drop(system.commands.remove(0));
    kafka.end().await;
    system.join().await;
    let gone = async || (held(&system, &canary.id).await == 0).then_some(());
    eventually("it is finished", PATIENCE, gone).await;
    canary.is_found_nowhere_soon(&system).await;
}

impl Canary {
    /// As soon as the projectors have read of it.
    async fn is_found_nowhere_soon(&self, system: &System) {
        let until = std::time::Instant::now() + PATIENCE;
        loop {
            let places = Self::everything(system).await;
            let held = |text: &str| self.texts.iter().any(|canary| text.contains(canary.as_str()));
            let found: Vec<&str> =
                places.iter().filter(|(_, text)| held(text)).map(|(place, _)| place.as_str()).collect();
            if found.is_empty() {
                return;
            }
            assert!(std::time::Instant::now() < until, "it is still found: {found:?}");
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        }
    }
}
