//! Second factors: an authenticator, and recovery codes for when it has no code that was not used.

use checker::history::{Act, Answer};
use serde_json::{Value, json};
use testkit::http::Response;

use super::asking::{Ask, Caller, is_about, is_about_the_password};
use super::factor::Factor;
use super::member::{Member, Tokens, body, done, session_of};

impl Member {
    /// The second step of a log-in.
    pub(super) async fn show_a_code(&mut self, caller: &mut Caller, asked: Option<&Response>) {
        let Some(code) = self.factor.as_mut().and_then(Factor::code) else { return };
        let challenge = asked.map(body).map_or(Value::Null, |body| body["challenge"].clone());
        let body = json!({"challenge": challenge, "code": code});
        let ask = Ask { method: "POST", path: "/v1/sessions/second-factor", bearer: None, key: None, body };
        // The same digits may come again, but not while a person is one here: so late they are another code.
        let (answer, response) = caller.visit(self.id, Act::ShowCode { code }, &ask, let_in).await;
        if let Answer::Granted { .. } = answer {
            self.is_in(response.as_ref());
        }
    }

    /// An authenticator is told a secret, and shows its first code. A person who may have one tries in vain.
    pub(super) async fn add_a_factor(&mut self, caller: &mut Caller) {
        let Some(Tokens { session, bearer, .. }) = self.session(caller) else { return self.log_in(caller).await };
        let (number, current) = self.password(caller);
        let (method, path) = ("POST", "/v1/me/second-factor");
        let body = self.with_code(json!({"current_password": current}));
        let ask = Ask { method, path, bearer: Some(&bearer), key: None, body };
        let before = caller.visits.len();
        let (answer, response) = caller.visit(self.id, Act::Show { password: number }, &ask, begun).await;
        caller.note_over(self.id, session, before);
        match answer {
            Answer::Wrong => self.rule_out(number),
            Answer::Over => self.end(session),
            _ => {}
        }
        let secret = response.as_ref().filter(|response| response.status == 201).map(super::member::body);
        let Some(secret) = secret.as_ref().and_then(|body| body["secret"].as_str()) else { return };
        let mut factor = Factor::of(secret);
        let body = json!({"code": factor.code()});
        let ask = Ask { method, path: "/v1/me/second-factor/confirm", bearer: Some(&bearer), key: None, body };
        let before = caller.visits.len();
        let (answer, response) = caller.visit(self.id, Act::AddFactor { session }, &ask, confirmed).await;
        let open = caller.visits[before..].iter().any(|visit| visit.answer == Answer::Unknown);
        if let Answer::Granted { .. } = answer {
            let codes = response.as_ref().map(super::member::body).map(|body| body["recovery_codes"].clone());
            factor.recovery_codes = codes.and_then(|codes| serde_json::from_value(codes).ok()).unwrap_or_default();
            self.end_others(session);
        }
        if matches!(answer, Answer::Granted { .. }) || open {
            self.factor = Some(factor);
        }
    }

    pub(super) async fn remove_the_factor(&mut self, caller: &mut Caller) {
        let Some(Tokens { session, bearer, .. }) = self.session(caller) else { return self.log_in(caller).await };
        if self.factor.is_none() {
            return;
        }
        let (number, current) = self.password(caller);
        let body = self.with_code(json!({"current_password": current}));
        let path = "/v1/me/second-factor/remove";
        let ask = Ask { method: "POST", path, bearer: Some(&bearer), key: None, body };
        let (answer, _) = caller.visit(self.id, Act::RemoveFactor { session }, &ask, removed).await;
        match answer {
            Answer::Granted { .. } => {
                (self.good, self.factor) = (vec![number], None);
                self.end_others(session);
            }
            Answer::Over => self.end(session),
            _ => {}
        }
    }
}

fn let_in(response: &Response) -> Answer {
    match response.status {
        201 => Answer::Granted { session: session_of(response) },
        401 | 429 => Answer::NotDone,
        403 => Answer::Deactivated,
        _ => Answer::Unknown,
    }
}

/// Where there is one already the password was right, too.
fn begun(response: &Response) -> Answer {
    if response.status == 409 { Answer::Granted { session: None } } else { done(response) }
}

/// No password is shown with the first code.
fn confirmed(response: &Response) -> Answer {
    match response.status {
        200 => Answer::Granted { session: None },
        401 => Answer::Over,
        404 | 409 | 429 => Answer::NotDone,
        _ if is_about(response, "/code") => Answer::NotDone,
        _ => Answer::Unknown,
    }
}

fn removed(response: &Response) -> Answer {
    match response.status {
        204 => Answer::Granted { session: None },
        401 => Answer::Over,
        404 | 409 | 429 => Answer::NotDone,
        _ if is_about_the_password(response) || is_about(response, "/code") => Answer::NotDone,
        _ => Answer::Unknown,
    }
}
