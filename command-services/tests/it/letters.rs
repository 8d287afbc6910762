//! What was sent by mail and is open while something else changes how the account logs in.

use serde_json::{Value, json};
use testkit::{Answer, Authenticator};
use uuid::Uuid;

use crate::careful::{Careful, careful};
use crate::members::{Member, PASSWORD, anyone, letter, member};
use crate::sessions_race::while_changing;
use crate::support::{Server, person, unique};

const NEW: &str = "another horse entirely";

/// What changes how an account logs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    Password,
    Reset,
    Address,
    SecondFactorAdded,
    SecondFactorRemoved,
    SecondFactorRemovedByAdmin,
}

const ALL: [Change; 6] = [
    Change::Password,
    Change::Reset,
    Change::Address,
    Change::SecondFactorAdded,
    Change::SecondFactorRemoved,
    Change::SecondFactorRemovedByAdmin,
];

/// An account with letters of each kind.
struct Lettered {
    member: Member,
    recovery_codes: Vec<String>,
    verify: String,
    change: String,
    reset: String,
}

async fn confirm(token: &str) -> Answer {
    anyone().await.post("/v1/email/confirm").json(&json!({"token": token})).send().await
}

async fn reset(token: &str) -> Answer {
    anyone().await.post("/v1/password/reset").json(&json!({"token": token, "new_password": NEW})).send().await
}

fn is_void(answer: Answer, what: &str) {
    assert_eq!(answer.status, 422, "{what}: {}", answer.text);
    assert_eq!(answer.problem(422, "invalid").pointer(), "/token");
}

impl Lettered {
    async fn new(with_second_factor: bool) -> Self {
        let (member, recovery_codes) = if with_second_factor {
            let Careful { member, recovery_codes, .. } = careful().await;
            (member, recovery_codes)
        } else {
            (member().await, Vec::new())
        };
        let mut lettered = Self { member, recovery_codes, verify: "".into(), change: "".into(), reset: "".into() };
        let (address, elsewhere) = (lettered.member.email.clone(), format!("{}@example.org", unique("moved")));
        let mut body = lettered.shows();
        body["email"] = json!(elsewhere);
        let _ = lettered.member.api.post("/v1/me/email").json(&body).send().await.expect(202);
        let _ = anyone().await.post("/v1/password/forgot").json(&json!({"email": address})).send().await.expect(202);
        lettered.verify = letter(&address, "Please confirm your address").await.token();
        lettered.change = letter(&elsewhere, "Please confirm your new address").await.token();
        lettered.reset = letter(&address, "Your new password").await.token();
        lettered
    }

    fn shows(&mut self) -> Value {
        match self.recovery_codes.pop() {
            Some(code) => json!({"current_password": PASSWORD, "code": code}),
            None => json!({"current_password": PASSWORD}),
        }
    }

    async fn go_through(&mut self, change: Change) {
        let mut body = self.shows();
        let post = |path: &str, body: &Value| self.member.api.post(path).json(body).send();
        match change {
            Change::Password => {
                body["new_password"] = json!(NEW);
                let _ = post("/v1/me/password", &body).await.expect(204);
            }
            Change::Reset => drop(reset(&self.reset).await.expect(204)),
            Change::Address => drop(confirm(&self.change).await.expect(200)),
            Change::SecondFactorAdded => {
                let begun = post("/v1/me/second-factor", &body).await.expect(201);
                let code = Authenticator::of(begun.body["secret"].as_str().unwrap()).next().await;
                let _ = post("/v1/me/second-factor/confirm", &json!({"code": code})).await.expect(200);
            }
            Change::SecondFactorRemoved => drop(post("/v1/me/second-factor/remove", &body).await.expect(204)),
            Change::SecondFactorRemovedByAdmin => {
                let admin = person(Uuid::new_v4(), &["admin"]).await.api;
                let path = format!("/v1/accounts/{}/second-factor", self.member.id);
                let _ = admin.delete(&path).send().await.expect(204);
            }
        }
    }
}

#[tokio::test]
async fn each_change_of_how_an_account_logs_in_voids_every_other_letter() {
    for change in ALL {
        let removes = matches!(change, Change::SecondFactorRemoved | Change::SecondFactorRemovedByAdmin);
        let mut lettered = Lettered::new(removes).await;
        lettered.go_through(change).await;
        is_void(reset(&lettered.reset).await, &format!("a new password after {change:?}"));
        let verified = confirm(&lettered.verify).await;
        if change == Change::Address {
            is_void(verified, "the address before the change");
            assert!(!confirm(&lettered.change).await.expect(200).changed(), "a link may be opened twice");
        } else {
            is_void(confirm(&lettered.change).await, &format!("another address after {change:?}"));
            let _ = verified.expect(200);
        }
    }
}

#[tokio::test]
async fn a_letter_is_not_used_while_it_is_being_voided() {
    let lettered = Lettered::new(false).await;
    let void = "DELETE FROM vault.one_time_tokens WHERE account_id = $1 AND purpose = 'change_email'";
    is_void(while_changing(&lettered.member, void, confirm(&lettered.change)).await, "another address");
    let log = Server::shared().await.scope.log("accounts").await;
    assert_eq!(log.story(&lettered.member.id), ["Registered"]);
}

#[tokio::test]
async fn nothing_voids_a_letter_while_its_address_becomes_the_accounts() {
    let mut lettered = Lettered::new(false).await;
    let mut vault = Server::shared().await.scope.postgres().await;
    let id: Uuid = lettered.member.id.parse().unwrap();
    let mut claimed = async |until: &str| {
        let sql = "UPDATE vault.one_time_tokens SET claimed_until = now() + $2::text::interval
            WHERE account_id = $1 AND purpose = 'change_email'";
        sqlx::query(sql).bind(id).bind(until).execute(&mut vault).await.unwrap();
    };
    claimed("1 minute").await;
    let _ = reset(&lettered.reset).await.problem(503, "unavailable");
    let mut body = lettered.shows();
    body["new_password"] = json!(NEW);
    let change = lettered.member.api.post("/v1/me/password").json(&body);
    let _ = change.send().await.problem(503, "unavailable");
    claimed("-1 second").await;
    let _ = reset(&lettered.reset).await.expect(204);
    is_void(confirm(&lettered.change).await, "another address");
}

#[tokio::test]
async fn an_address_that_is_taken_holds_nothing_up() {
    let (member, other) = (member().await, member().await);
    let body = json!({"email": other.email, "current_password": PASSWORD});
    let _ = member.api.post("/v1/me/email").json(&body).send().await.expect(202);
    let token = letter(&other.email, "Please confirm your new address").await.token();
    let _ = confirm(&token).await.problem(409, "email-taken");
    let body = json!({"current_password": PASSWORD, "new_password": NEW});
    let _ = member.api.post("/v1/me/password").json(&body).send().await.expect(204);
    is_void(confirm(&token).await, "another's address");
}
