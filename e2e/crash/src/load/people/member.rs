//! A person with a password: what they know, and what they do with passwords and sessions. What becomes an event is in
//! `commands.rs`; what they do with a second factor is in `careful.rs`, and with letters about a new password in
//! `forgetful.rs`.

use std::sync::atomic::Ordering;
use std::time::Instant;

use checker::history::{Act, Answer, Outcome};
use checker::ids;
use rand::Rng as _;
use rand::seq::IndexedRandom as _;
use serde_json::{Value, json};
use testkit::http::Response;
use uuid::Uuid;

use super::People;
use super::asking::{Ask, Caller, Command, is_about, is_about_the_password};
use super::factor::Factor;
use crate::load::Accepted;
use crate::load::values::{contended, id, unique};

/// So many sessions a person has at a time.
const SESSIONS: usize = 4;
/// The number of a password that is never set.
const MADE_UP: u64 = 1_000_000;

/// A person with a password.
pub(super) struct Member {
    pub(super) id: Uuid,
    pub(super) name: String,
    /// The address that they registered with.
    pub(super) email: String,
    /// Addresses that they asked for since.
    pub(super) wanted: Vec<String>,
    /// All their passwords, by number.
    pub(super) passwords: Vec<String>,
    /// The numbers of those that may be good now.
    pub(super) good: Vec<u64>,
    /// A second factor that they may have.
    pub(super) factor: Option<Factor>,
    /// Whether they were shown to answer to their address.
    pub(super) confirmed: bool,
    pub(super) sessions: Vec<Tokens>,
    pub(super) inactive: bool,
    /// The slug of a post of theirs that is published.
    pub(super) slug: Option<String>,
    /// What they did last of which there is an event.
    pub(super) last: Option<Accepted>,
    /// When they had registered.
    pub(super) since: Instant,
}

/// What a session goes on with.
#[derive(Clone)]
pub(super) struct Tokens {
    pub(super) session: Uuid,
    pub(super) bearer: String,
    refresh: String,
    token: u64,
    /// Whether it is known to be over.
    pub(super) over: bool,
}

impl Member {
    /// Registers a person, under a name that several may want; `None` if it was not accepted.
    pub(super) async fn register(people: &People, caller: &mut Caller) -> Option<Self> {
        let name = if caller.rng.random_bool(0.2) {
            contended("Member", people.names.fetch_add(1, Ordering::Relaxed))
        } else {
            format!("member.{}", unique(&mut caller.rng))
        };
        let (email, key) = (format!("m{}@example.org", unique(&mut caller.rng)), id(&mut caller.rng).to_string());
        let (display_name, password) = (format!("Name {}", unique(&mut caller.rng)), password(caller));
        let email_key = people.emails.of(&email);
        let about = format!("accounts/{}/{email_key}", name.to_ascii_lowercase());
        let account_id = ids::created(&about, &Uuid::nil().to_string(), &key);
        let body = json!({"user_name": name, "email": email, "password": password, "display_name": display_name});
        let settled = caller
            .command(&Command {
                kind: "accounts.enroll",
                aggregate_id: account_id.to_string(),
                command_id: ids::command("accounts", &account_id.to_string(), &account_id.to_string(), &key),
                arguments: json!({"user_name": name, "email_key": email_key, "display_name": display_name}),
                ask: Ask { method: "POST", path: "/v1/register", bearer: None, key: Some(&key), body },
                shown: None,
            })
            .await;
        matches!(settled.outcome, Outcome::Accepted { .. }).then(|| Self {
            id: account_id,
            name,
            email,
            wanted: Vec::new(),
            passwords: vec![password],
            good: vec![0],
            factor: None,
            confirmed: false,
            sessions: Vec::new(),
            inactive: false,
            slug: None,
            last: settled.accepted,
            since: Instant::now(),
        })
    }

    /// Does the next thing, sensible or not.
    pub(super) async fn act(&mut self, people: &People, caller: &mut Caller) {
        if self.inactive && caller.rng.random_bool(0.5) {
            self.be_reactivated(people, caller).await;
            return;
        }
        match caller.rng.random_range(0..145) {
            0..20 => self.log_in(caller).await,
            20..45 => self.refresh(caller).await,
            45..55 => self.log_out(caller).await,
            55..67 => self.change_password(caller).await,
            67..73 => self.ask_for_another_address(caller).await,
            73..85 => self.confirm_an_address(people, caller).await,
            85..94 => self.write_a_post(people, caller).await,
            94..100 => self.deactivate(caller).await,
            100..105 => self.forget_the_password(people, caller).await,
            105..110 => self.open_a_letter_about_it(people, caller).await,
            110..116 => self.add_a_factor(caller).await,
            116..119 => self.remove_the_factor(caller).await,
            119..139 => self.comment(people, caller).await,
            _ => self.export(caller).await,
        }
    }

    /// A password that may be good now, with its number.
    pub(super) fn password(&self, caller: &mut Caller) -> (u64, String) {
        let number = *self.good.choose(&mut caller.rng).expect("some password is good");
        (number, self.text_of(number))
    }

    pub(super) fn text_of(&self, number: u64) -> String {
        let place = usize::try_from(number).ok();
        place.and_then(|place| self.passwords.get(place)).cloned().unwrap_or_else(|| "no person's password".to_owned())
    }

    /// What is asked, with a code if the person may have a second factor.
    pub(super) fn with_code(&mut self, mut body: Value) -> Value {
        if let Some(code) = self.factor.as_mut().and_then(Factor::code) {
            body["code"] = code.into();
        }
        body
    }

    /// A session that is not known to be over.
    pub(super) fn session(&self, caller: &mut Caller) -> Option<Tokens> {
        let live: Vec<&Tokens> = self.sessions.iter().filter(|tokens| !tokens.over).collect();
        live.choose(&mut caller.rng).map(|tokens| (*tokens).clone())
    }

    fn tokens(&mut self, session: Uuid) -> Option<&mut Tokens> {
        self.sessions.iter_mut().find(|tokens| tokens.session == session)
    }

    /// A session is over.
    pub(super) fn end(&mut self, session: Uuid) {
        self.tokens(session).into_iter().for_each(|tokens| tokens.over = true);
    }

    /// With a good password mostly; with a former one, or one that never was, now and then.
    pub(super) async fn log_in(&mut self, caller: &mut Caller) {
        let (mut number, _) = self.password(caller);
        if caller.rng.random_bool(0.15) {
            number = caller.rng.random_range(0..=self.passwords.len() as u64);
            number = if number == self.passwords.len() as u64 { MADE_UP } else { number };
        }
        // The address may be another by now, once another was asked for.
        let by_name = !self.wanted.is_empty() || caller.rng.random_bool(0.7);
        let login = if by_name { &self.name } else { &self.email };
        let body = json!({"login": login, "password": self.text_of(number)});
        let ask = Ask { method: "POST", path: "/v1/sessions", bearer: None, key: None, body };
        let act = Act::LogIn { password: number, by_name };
        let (answer, response) = caller.visit(self.id, act, &ask, logged_in).await;
        match answer {
            Answer::Granted { .. } => {
                (self.good, self.factor) = (vec![number], None);
                self.is_in(response.as_ref());
            }
            Answer::CodeNeeded => {
                self.good = vec![number];
                self.show_a_code(caller, response.as_ref()).await;
            }
            Answer::Deactivated => self.good = vec![number],
            Answer::Wrong if number != MADE_UP => self.rule_out(number),
            Answer::Wrong | Answer::Over | Answer::NotDone | Answer::Unknown => {}
        }
    }

    /// A session has begun.
    pub(super) fn is_in(&mut self, response: Option<&Response>) {
        self.sessions.extend(response.and_then(tokens));
        if self.sessions.len() > SESSIONS {
            self.sessions.remove(0);
        }
    }

    /// All sessions but this one are over.
    pub(super) fn end_others(&mut self, session: Uuid) {
        self.sessions.iter_mut().for_each(|tokens| tokens.over |= tokens.session != session);
    }

    /// This password is not good. If none is left, an instance that knew nothing of the account may have said so: it
    /// may be any.
    pub(super) fn rule_out(&mut self, number: u64) {
        self.good.retain(|good| *good != number);
        if self.good.is_empty() {
            self.good = (0..self.passwords.len() as u64).collect();
        }
    }

    /// Of a session that may be over, too.
    pub(super) async fn refresh(&mut self, caller: &mut Caller) {
        let over = self.sessions.choose(&mut caller.rng).filter(|_| caller.rng.random_bool(0.2)).cloned();
        let Some(Tokens { session, refresh, token, .. }) = over.or_else(|| self.session(caller)) else {
            return self.log_in(caller).await;
        };
        let body = json!({"refresh_token": refresh});
        let ask = Ask { method: "POST", path: "/v1/sessions/refresh", bearer: None, key: None, body };
        let (answer, response) = caller.visit(self.id, Act::Refresh { session, token }, &ask, refreshed).await;
        let next = response.as_ref().and_then(tokens).filter(|_| matches!(answer, Answer::Granted { .. }));
        match (next, self.tokens(session)) {
            (Some(next), Some(tokens)) => *tokens = Tokens { token: token + 1, ..next },
            (None, Some(tokens)) => tokens.over |= answer == Answer::Over,
            (_, None) => {}
        }
    }

    async fn log_out(&mut self, caller: &mut Caller) {
        let Some(Tokens { session, bearer, .. }) = self.session(caller) else { return };
        let path = "/v1/sessions/current";
        let ask = Ask { method: "DELETE", path, bearer: Some(&bearer), key: None, body: Value::Null };
        let (answer, _) = caller.visit(self.id, Act::LogOut { session }, &ask, done).await;
        if answer != Answer::Unknown {
            self.end(session);
        }
    }

    async fn change_password(&mut self, caller: &mut Caller) {
        let Some(Tokens { session, bearer, .. }) = self.session(caller) else { return self.log_in(caller).await };
        let ((from, current), to) = (self.password(caller), self.passwords.len() as u64);
        self.passwords.push(password(caller));
        let body = self.with_code(json!({"current_password": current, "new_password": self.text_of(to)}));
        let ask = Ask { method: "POST", path: "/v1/me/password", bearer: Some(&bearer), key: None, body };
        let before = caller.visits.len();
        let (answer, _) = caller.visit(self.id, Act::ChangePassword { from, to, session }, &ask, done).await;
        let open = caller.visits[before..].iter().any(|visit| visit.answer == Answer::Unknown);
        match answer {
            Answer::Granted { .. } => {
                self.good = vec![to];
                self.end_others(session);
            }
            // An attempt before may have been the one.
            _ if open => self.good.push(to),
            Answer::Wrong => self.rule_out(from),
            Answer::Over => self.end(session),
            Answer::CodeNeeded | Answer::NotDone | Answer::Deactivated | Answer::Unknown => {}
        }
    }

    /// A letter goes there; who reads it is in `commands.rs`.
    async fn ask_for_another_address(&mut self, caller: &mut Caller) {
        let Some(Tokens { session, bearer, .. }) = self.session(caller) else { return self.log_in(caller).await };
        let (number, current) = self.password(caller);
        let email = format!("n{}@example.org", unique(&mut caller.rng));
        let body = self.with_code(json!({"email": email, "current_password": current}));
        self.wanted.push(email);
        let ask = Ask { method: "POST", path: "/v1/me/email", bearer: Some(&bearer), key: None, body };
        let before = caller.visits.len();
        let (answer, _) = caller.visit(self.id, Act::Show { password: number }, &ask, done).await;
        caller.note_over(self.id, session, before);
        match answer {
            Answer::Granted { .. } => self.good = vec![number],
            Answer::Wrong => self.rule_out(number),
            Answer::Over => self.end(session),
            Answer::CodeNeeded | Answer::NotDone | Answer::Deactivated | Answer::Unknown => {}
        }
    }
}

/// A password that no other person has.
pub(super) fn password(caller: &mut Caller) -> String {
    format!("{} or {}", unique(&mut caller.rng), unique(&mut caller.rng))
}

pub(super) fn body(response: &Response) -> Value {
    serde_json::from_slice(&response.body).unwrap_or_default()
}

pub(super) fn session_of(response: &Response) -> Option<Uuid> {
    body(response)["session_id"].as_str()?.parse().ok()
}

/// The tokens in an answer; the refresh token is the session's first.
fn tokens(response: &Response) -> Option<Tokens> {
    let (body, session) = (body(response), session_of(response)?);
    let bearer = format!("Bearer {}", body["access_token"].as_str()?);
    Some(Tokens { session, bearer, refresh: body["refresh_token"].as_str()?.to_owned(), token: 0, over: false })
}

fn logged_in(response: &Response) -> Answer {
    match response.status {
        201 => Answer::Granted { session: session_of(response) },
        401 if body(response)["type"] == "urn:inklog:problem:second-factor-required" => Answer::CodeNeeded,
        401 => Answer::Wrong,
        403 => Answer::Deactivated,
        _ => Answer::Unknown,
    }
}

fn refreshed(response: &Response) -> Answer {
    match response.status {
        200 => Answer::Granted { session: None },
        401 => Answer::Over,
        _ => Answer::Unknown,
    }
}

/// What is asked with a token, the password and perhaps a code.
pub(super) fn done(response: &Response) -> Answer {
    match response.status {
        200 | 201 | 202 | 204 => Answer::Granted { session: None },
        401 => Answer::Over,
        _ if is_about_the_password(response) => Answer::Wrong,
        _ if is_about(response, "/code") => Answer::NotDone,
        _ => Answer::Unknown,
    }
}
