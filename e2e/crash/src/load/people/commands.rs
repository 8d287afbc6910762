//! What people with a password do that becomes events: confirming an address, writing, being deactivated, made active
//! again and forgotten.

use checker::history::Outcome;
use checker::ids;
use rand::Rng as _;
use rand::seq::IndexedRandom as _;
use serde_json::{Value, json};
use testkit::Letter;
use uuid::Uuid;

use super::People;
use super::asking::{Ask, Caller, Command, Settled};
use super::looking::Gone;
use super::member::{Member, Tokens};
use crate::load::values::{id, unique};

/// What letters are about that ask to confirm an address.
const CONFIRM: &str = "Please confirm your";
/// The key under which people are forgotten, whether they or an admin ask: it is done once. No header has it.
const ERASURE: &str = "\u{1}erasure";

impl Member {
    /// Reads what came by mail, if something did, and opens the link in it.
    pub(super) async fn confirm_an_address(&mut self, people: &People, caller: &mut Caller) {
        let mine = [&self.email].into_iter().chain(&self.wanted).cloned().collect::<Vec<_>>();
        let folder = people.mail.clone();
        let letters = tokio::task::spawn_blocking(move || Letter::all(&folder)).await.unwrap_or_default();
        let about = |letter: &&Letter| letter.subject.starts_with(CONFIRM) && mine.contains(&letter.to);
        let letters: Vec<&Letter> = letters.iter().filter(about).collect();
        let Some(letter) = letters.choose(&mut caller.rng) else { return };
        let key = id(&mut caller.rng).to_string();
        let settled = caller
            .command(&Command {
                kind: "accounts.confirm",
                aggregate_id: self.id.to_string(),
                command_id: self.command_id(self.id, &key),
                arguments: json!({"email_key": people.emails.of(&letter.to)}),
                ask: Ask {
                    method: "POST",
                    path: "/v1/email/confirm",
                    bearer: None,
                    key: Some(&key),
                    body: json!({"token": letter.token()}),
                },
                shown: None,
            })
            .await;
        self.confirmed |= settled.accepted.is_some();
        self.learn(settled);
    }

    /// Drafts a post and publishes it, so that their name is beside something.
    pub(super) async fn write_a_post(&mut self, people: &People, caller: &mut Caller) {
        let Some(tokens) = self.session(caller) else { return };
        let (slug, key, own) =
            (format!("by-member-{}", unique(&mut caller.rng)), id(&mut caller.rng), self.id.to_string());
        let post_id = ids::created("posts", &own, &key.to_string()).to_string();
        let body = json!({"author_id": own, "title": format!("Title {}", unique(&mut caller.rng)), "slug": slug});
        let drafted = self.post(caller, &tokens, ("posts.draft", "/v1/posts"), &post_id, (key, body)).await;
        if !drafted {
            return;
        }
        let (path, key) = (format!("/v1/posts/{post_id}/publish"), id(&mut caller.rng));
        if self.post(caller, &tokens, ("posts.publish", &path), &post_id, (key, Value::Null)).await {
            self.slug = Some(slug);
            people.talk_about(post_id);
        }
    }

    /// A command on a post of theirs; whether it was accepted.
    async fn post(
        &mut self,
        caller: &mut Caller,
        tokens: &Tokens,
        (kind, path): (&'static str, &str),
        post_id: &str,
        (key, body): (Uuid, Value),
    ) -> bool {
        let key = key.to_string();
        let settled = caller
            .command(&Command {
                kind,
                aggregate_id: post_id.to_owned(),
                command_id: ids::command("posts", post_id, &self.id.to_string(), &key),
                arguments: body.clone(),
                ask: Ask { method: "POST", path, bearer: Some(&tokens.bearer), key: Some(&key), body },
                shown: Some((self.id, tokens.session, None)),
            })
            .await;
        settled.accepted.is_some()
    }

    pub(super) async fn deactivate(&mut self, caller: &mut Caller) {
        let Some(tokens) = self.session(caller) else { return };
        let ((number, current), key) = (self.password(caller), id(&mut caller.rng).to_string());
        let body = self.with_code(json!({"current_password": current}));
        let settled = caller
            .command(&Command {
                kind: "accounts.deactivate",
                aggregate_id: self.id.to_string(),
                command_id: self.command_id(self.id, &key),
                arguments: json!({}),
                ask: Ask {
                    method: "POST",
                    path: "/v1/me/deactivate",
                    bearer: Some(&tokens.bearer),
                    key: Some(&key),
                    body,
                },
                shown: Some((self.id, tokens.session, Some(number))),
            })
            .await;
        self.inactive |= matches!(settled.outcome, Outcome::Accepted { .. } | Outcome::Unknown);
        if settled.accepted.is_some() {
            self.sessions.iter_mut().for_each(|tokens| tokens.over = true);
        } else {
            self.end(tokens.session);
        }
        self.learn(settled);
    }

    pub(super) async fn be_reactivated(&mut self, people: &People, caller: &mut Caller) {
        let (key, path) = (id(&mut caller.rng).to_string(), format!("/v1/accounts/{}/reactivate", self.id));
        let settled = caller
            .command(&Command {
                kind: "accounts.reactivate",
                aggregate_id: self.id.to_string(),
                command_id: self.command_id(people.admin.id, &key),
                arguments: json!({}),
                ask: Ask {
                    method: "POST",
                    path: &path,
                    bearer: Some(&people.admin.bearer),
                    key: Some(&key),
                    body: Value::Null,
                },
                shown: None,
            })
            .await;
        self.inactive = settled.accepted.is_none();
        self.learn(settled);
    }

    /// Forgets them: they themselves ask for it, or an admin, who asks until it is done. `None` if it was not done in
    /// time.
    pub(super) async fn be_forgotten(mut self, people: &People, caller: &mut Caller) -> Option<Gone> {
        if !self.forgets_themselves(caller).await {
            let (path, admin) = (format!("/v1/accounts/{}", self.id), &people.admin);
            let ask = Ask { method: "DELETE", path: &path, bearer: Some(&admin.bearer), key: None, body: Value::Null };
            if !self.erase(caller, admin.id, ask, None).await {
                return None;
            }
        }
        // The password lets the person in no more.
        self.refresh(caller).await;
        self.log_in(caller).await;
        let Self { id, name, slug, last, .. } = self;
        last.map(|last| Gone { id, name, slug, last })
    }

    /// Whether they asked for it, and it is done.
    async fn forgets_themselves(&mut self, caller: &mut Caller) -> bool {
        let tokens = self.session(caller).filter(|_| caller.rng.random_bool(0.7));
        let Some(Tokens { session, bearer, .. }) = tokens else { return false };
        let (number, current) = self.password(caller);
        let body = self.with_code(json!({"current_password": current}));
        let ask = Ask { method: "DELETE", path: "/v1/me", bearer: Some(&bearer), key: None, body };
        self.erase(caller, self.id, ask, Some((self.id, session, Some(number)))).await
    }

    async fn erase(
        &mut self,
        caller: &mut Caller,
        actor: Uuid,
        ask: Ask<'_>,
        shown: Option<(Uuid, Uuid, Option<u64>)>,
    ) -> bool {
        let settled = caller
            .command(&Command {
                kind: "accounts.erase",
                aggregate_id: self.id.to_string(),
                command_id: self.command_id(actor, ERASURE),
                arguments: json!({}),
                ask,
                shown,
            })
            .await;
        let done = matches!(settled.outcome, Outcome::Promised { done: true, .. });
        self.learn(settled);
        done
    }

    /// The id of a command on their account.
    fn command_id(&self, actor: Uuid, key: &str) -> Uuid {
        ids::command("accounts", &self.id.to_string(), &actor.to_string(), key)
    }

    fn learn(&mut self, settled: Settled) {
        if let Some(accepted) = settled.accepted {
            self.last = Some(accepted);
        }
    }
}
