//! Passwords that are forgotten: a letter comes, and with what is in it another password is set.

use checker::history::{Act, Answer};
use rand::seq::IndexedRandom as _;
use serde_json::json;
use testkit::Letter;
use testkit::http::Response;

use super::People;
use super::asking::{Ask, Caller, is_about};
use super::member::{Member, password};

/// What letters are about that a password is set with.
const ABOUT: &str = "Your new password";

impl Member {
    /// Asks for a letter. Before the address was confirmed its reader might be another: that is tried elsewhere.
    pub(super) async fn forget_the_password(&mut self, people: &People, caller: &mut Caller) {
        if !self.confirmed {
            return self.confirm_an_address(people, caller).await;
        }
        let addresses: Vec<&String> = [&self.email].into_iter().chain(&self.wanted).collect();
        let Some(email) = addresses.choose(&mut caller.rng) else { return };
        let body = json!({"email": email});
        caller.send(&Ask { method: "POST", path: "/v1/password/forgot", bearer: None, key: None, body }).await;
    }

    /// Sets a password with what is in a letter, be it used or void by now.
    pub(super) async fn open_a_letter_about_it(&mut self, people: &People, caller: &mut Caller) {
        let mine: Vec<String> = [&self.email].into_iter().chain(&self.wanted).cloned().collect();
        let folder = people.mail.clone();
        let letters = tokio::task::spawn_blocking(move || Letter::all(&folder)).await.unwrap_or_default();
        let about = |letter: &&Letter| letter.subject == ABOUT && mine.contains(&letter.to);
        let letters: Vec<&Letter> = letters.iter().filter(about).collect();
        let Some(letter) = letters.choose(&mut caller.rng) else { return };
        let to = self.passwords.len() as u64;
        self.passwords.push(password(caller));
        let body = json!({"token": letter.token(), "new_password": self.text_of(to)});
        let ask = Ask { method: "POST", path: "/v1/password/reset", bearer: None, key: None, body };
        let before = caller.visits.len();
        let (answer, _) = caller.visit(self.id, Act::Reset { to }, &ask, set).await;
        let open = caller.visits[before..].iter().any(|visit| visit.answer == Answer::Unknown);
        match answer {
            Answer::Granted { .. } => {
                self.good = vec![to];
                self.sessions.iter_mut().for_each(|tokens| tokens.over = true);
            }
            _ if open => self.good.push(to),
            _ => {}
        }
    }
}

fn set(response: &Response) -> Answer {
    match response.status {
        204 => Answer::Granted { session: None },
        429 => Answer::NotDone,
        _ if is_about(response, "/token") => Answer::Over,
        _ => Answer::Unknown,
    }
}
