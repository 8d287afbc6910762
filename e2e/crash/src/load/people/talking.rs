//! What people with a password say below each other's posts: it names them, and is gone with them.

use std::time::Duration;

use checker::ids;
use rand::seq::IndexedRandom as _;
use serde_json::{Value, json};

use super::People;
use super::asking::{Ask, Caller, Command};
use super::member::Member;
use crate::load::values::{id, unique};

/// Once an account is older than this, every instance that answers has read who bears its name.
const KNOWN_AFTER: Duration = Duration::from_secs(10);
/// So many of the posts of people are talked about: the last.
const POSTS: usize = 8;

impl People {
    /// Others may talk about this post from now on.
    pub(super) fn talk_about(&self, post: String) {
        let mut posts = self.posts.lock().expect("no holder of the lock panics");
        posts.push(post);
        if posts.len() > POSTS {
            posts.remove(0);
        }
    }

    fn a_post(&self, caller: &mut Caller) -> Option<String> {
        self.posts.lock().expect("no holder of the lock panics").choose(&mut caller.rng).cloned()
    }
}

impl Member {
    /// Comments on a post of one of them, and mentions themselves. What is kept names the account by its id, and in
    /// code the name as it was typed.
    pub(super) async fn comment(&mut self, people: &People, caller: &mut Caller) {
        let (Some(tokens), Some(post)) = (self.session(caller), people.a_post(caller)) else { return };
        let words = unique(&mut caller.rng);
        let said = |whom: &str| format!("*{words}*, says @{whom}: `@{}`", self.name);
        let is_known = self.since.elapsed() > KNOWN_AFTER;
        let (typed, kept) =
            if is_known { (said(&self.name), said(&self.id.to_string())) } else { (words.clone(), words.clone()) };
        let (key, path) = (id(&mut caller.rng).to_string(), format!("/v1/comments/{post}"));
        let command = Command {
            kind: "comments.write",
            command_id: ids::command("comments", &post, &self.id.to_string(), &key),
            aggregate_id: post,
            arguments: json!({"text": kept, "reply_to": Value::Null}),
            ask: Ask {
                method: "POST",
                path: &path,
                bearer: Some(&tokens.bearer),
                key: Some(&key),
                body: json!({"text": typed}),
            },
            shown: Some((self.id, tokens.session, None)),
        };
        caller.command(&command).await;
    }
}
