use std::collections::BTreeSet;
use std::time::Duration;

use service_kit::auth::{Jwks, KeyPair, PrivateKey, TokenNames, mint};
use uuid::Uuid;

use crate::support::{Door, Nobody, Service, problem};

fn key() -> PrivateKey {
    PrivateKey::from_pem(&KeyPair::generate().unwrap().private_pem).unwrap()
}

fn token(key: &PrivateKey, audience: &str, seconds: u64) -> String {
    let names = TokenNames { token_issuer: "inklog".into(), token_audience: audience.into() };
    mint(key, Uuid::new_v4(), &BTreeSet::new(), Duration::from_secs(seconds), &names).unwrap()
}

fn published(keys: &[&PrivateKey]) -> String {
    serde_json::to_string(&Jwks { keys: keys.iter().map(|key| key.published()).collect() }).unwrap()
}

async fn asked(door: &Door, token: &str) -> reqwest::Response {
    door.client.get(door.url("/v1/me/posts")).header("authorization", format!("Bearer {token}")).send().await.unwrap()
}

#[tokio::test]
async fn a_token_that_is_certainly_bad_reaches_no_service() {
    let (service, key) = (Service::named("all").await, key());
    let file = std::env::temp_dir().join(format!("inklog-gateway-{}.json", Uuid::new_v4()));
    std::fs::write(&file, published(&[&key])).unwrap();
    let door = Door::start(&service.url(), &[&format!("--token-jwks={}", file.display())]).await;
    assert_eq!(asked(&door, &token(&key, "inklog", 60)).await.status(), 200);
    for bad in ["none", "a.b.c", &token(&key, "others", 60), &(token(&key, "inklog", 60) + "x")] {
        let response = asked(&door, bad).await;
        assert_eq!(response.headers()["www-authenticate"], r#"Bearer error="invalid_token""#);
        assert_eq!(problem(response).await, (401, "unauthorized".into()));
    }
    // Clocks may differ by five seconds.
    let short = token(&key, "inklog", 1);
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(asked(&door, &short).await.status(), 200);
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(asked(&door, &short).await.status(), 401);
    // Where no token is read, a stale one does no harm.
    let request = door.client.post(door.url("/v1/sessions/refresh")).header("authorization", format!("Bearer {short}"));
    let request = request.json(&serde_json::json!({"refresh_token": "a".repeat(43)}));
    assert_eq!(request.send().await.unwrap().status(), 200);
    std::fs::remove_file(file).unwrap();
}

#[tokio::test]
async fn without_keys_the_services_judge() {
    let (service, nobody) = (Service::named("all").await, Nobody::new());
    let door = Door::start(&service.url(), &[&format!("--token-jwks={}/jwks", nobody.url())]).await;
    assert_eq!(asked(&door, "none").await.status(), 200);
}

#[tokio::test]
async fn a_key_that_is_not_known_yet_is_looked_for_and_the_service_judges_meanwhile() {
    let (old, new) = (key(), key());
    let keys = std::sync::Arc::new(std::sync::Mutex::new(published(&[&old])));
    let shown = std::sync::Arc::clone(&keys);
    let issuer = Service::start(move |_| {
        let text = crate::support::text(200, &shown.lock().unwrap());
        async move { text }
    })
    .await;
    let service = Service::named("all").await;
    let door = Door::start(&service.url(), &[&format!("--token-jwks={}/jwks", issuer.url())]).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(asked(&door, "none").await.status(), 401, "keys were read");
    *keys.lock().unwrap() = published(&[&new]);
    let forged = token(&new, "others", 60);
    assert_eq!(asked(&door, &forged).await.status(), 200, "its key is not known");
    tokio::time::sleep(Duration::from_millis(5_500)).await;
    assert_eq!(asked(&door, &forged).await.status(), 401, "its key is known by now, and it is for others");
    drop(issuer);
    assert_eq!(asked(&door, &token(&new, "inklog", 60)).await.status(), 200, "what was read stays good");
    assert_eq!(asked(&door, &forged).await.status(), 401);
}

#[tokio::test]
async fn no_more_tokens_are_looked_at_of_whom_many_were_bad() {
    let (service, key) = (Service::named("all").await, key());
    let file = std::env::temp_dir().join(format!("inklog-gateway-{}.json", Uuid::new_v4()));
    std::fs::write(&file, published(&[&key])).unwrap();
    let jwks = format!("--token-jwks={}", file.display());
    let door = Door::start(&service.url(), &["--rate-factor=1", &jwks, "--trusted-proxies=127.0.0.1"]).await;
    let (known, forged) = (token(&key, "inklog", 600), token(&key, "others", 600));
    assert_eq!(asked(&door, &known).await.status(), 200);
    let mut looked_at = 0;
    let refused = loop {
        let response = asked(&door, &forged).await;
        if response.status() != 401 {
            break response;
        }
        looked_at += 1;
        assert!(looked_at < 3_000, "all are looked at");
    };
    assert!(looked_at >= 600, "{looked_at}");
    assert_eq!(refused.headers()["retry-after"], "1");
    assert_eq!(problem(refused).await, (429, "quota-exceeded".into()));
    assert_eq!(asked(&door, &known).await.status(), 200, "it was found good before");
    let good = token(&key, "inklog", 600);
    assert_eq!(door.get("/v1/posts").await.status(), 200, "who sends none is let in");
    let elsewhere = door.client.get(door.url("/v1/me/posts")).header("x-forwarded-for", "203.0.113.9");
    assert_eq!(elsewhere.header("authorization", format!("Bearer {good}")).send().await.unwrap().status(), 200);
    std::fs::remove_file(file).unwrap();
}
