//! People with a second factor.

use serde_json::{Value, json};
use testkit::{Answer, Api, Authenticator};

use crate::members::{Member, PASSWORD, anyone, log_in, member, with_token};

/// A person with a second factor, whose session goes on.
pub(crate) struct Careful {
    pub(crate) member: Member,
    pub(crate) authenticator: Authenticator,
    pub(crate) recovery_codes: Vec<String>,
}

/// What shows the password again, and a code.
pub(crate) fn shown(code: &str) -> Value {
    json!({"current_password": PASSWORD, "code": code})
}

/// Adds a second factor: the authenticator, the recovery codes.
pub(crate) async fn add(api: &Api) -> (Authenticator, Vec<String>) {
    let body = json!({"current_password": PASSWORD});
    let begun = api.post("/v1/me/second-factor").json(&body).send().await.expect(201);
    let mut authenticator = Authenticator::of(begun.body["secret"].as_str().unwrap());
    let first = json!({"code": authenticator.next().await});
    let confirmed = api.post("/v1/me/second-factor/confirm").json(&first).send().await.expect(200);
    let codes = confirmed.body["recovery_codes"].as_array().unwrap();
    (authenticator, codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect())
}

pub(crate) async fn careful() -> Careful {
    let member = member().await;
    let (authenticator, recovery_codes) = add(&member.api).await;
    Careful { member, authenticator, recovery_codes }
}

impl Careful {
    /// Shows the password: the challenge.
    pub(crate) async fn challenged(&self) -> String {
        challenge(&log_in(&self.member.name, PASSWORD).await)
    }

    /// Logs in, both steps, with this code.
    pub(crate) async fn log_in(&self, code: &str) -> Answer {
        meet(&self.challenged().await, code).await
    }

    /// A further session's client.
    pub(crate) async fn elsewhere(&mut self) -> Api {
        let code = self.authenticator.next().await;
        with_token(&self.log_in(&code).await.expect(201)).await
    }
}

/// The challenge that a log-in was answered with.
pub(crate) fn challenge(answer: &Answer) -> String {
    let answer = answer.clone().problem(401, "second-factor-required");
    assert_eq!((answer.header("cache-control"), &answer.body["expires_in"]), ("no-store", &json!(300)));
    answer.body["challenge"].as_str().unwrap().to_owned()
}

/// The second step of a log-in.
pub(crate) async fn meet(challenge: &str, code: &str) -> Answer {
    let body = json!({"challenge": challenge, "code": code});
    anyone().await.post("/v1/sessions/second-factor").json(&body).send().await
}
