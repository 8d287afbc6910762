//! People who registered and logged in.

use serde_json::json;
use testkit::Api;

use super::{System, unique};

/// The password of every member.
pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// A person who registered and logged in.
pub(crate) struct Member {
    pub(crate) id: String,
    pub(crate) name: String,
    /// Asks the command API with their token.
    pub(crate) commands: Api,
    /// Asks the query API with their token.
    pub(crate) queries: Api,
}

impl Member {
    pub(crate) async fn join(system: &System, stem: &str) -> Self {
        let (api, name) = (Api::new(system.door()), unique(stem));
        let body = json!({"user_name": name, "email": format!("{name}@example.org"), "password": PASSWORD});
        let id = api.post("/v1/register").json(&body).send().await.expect(201).id();
        let session =
            api.post("/v1/sessions").json(&json!({"login": name, "password": PASSWORD})).send().await.expect(201);
        let token = session.body["access_token"].as_str().unwrap();
        Self { id, name, commands: api.with_token(token), queries: system.reader().with_token(token) }
    }
}
