//! What readers are shown of people: those who are there, and those who were forgotten.

use checker::history::Seen;
use rand::Rng as _;
use rand::seq::IndexedRandom as _;
use serde_json::{Map, Value};
use testkit::http::Response;
use uuid::Uuid;

use super::People;
use super::asking::Caller;
use super::member::Member;
use crate::load::contexts::accounts;
use crate::load::session::Session;
use crate::load::{Accepted, Question};

/// A person who was forgotten.
#[derive(Clone)]
pub(super) struct Gone {
    pub(super) id: Uuid,
    pub(super) name: String,
    /// The slug of a post of theirs.
    pub(super) slug: Option<String>,
    /// The reply that said so.
    pub(super) last: Accepted,
}

impl People {
    /// Looks for a person under their name, or beside their post, with and without the position of what they did last.
    pub(super) async fn look(&self, member: &Member, caller: &mut Caller, reader: &mut Session) {
        let after = member.last.clone().filter(|_| caller.rng.random_bool(0.6));
        let beside = member.slug.as_deref().filter(|_| caller.rng.random_bool(0.5));
        let question = match beside {
            Some(slug) => beside_a_post(member.id, slug, after),
            None => by_name(member.id, &member.name, after),
        };
        reader.put(&question).await;
    }

    /// The same of a person who was forgotten. A reader who has seen them gone must not see them again, with a position
    /// or without.
    pub(super) async fn look_at_the_gone(&self, caller: &mut Caller, reader: &mut Session) {
        let gone = self.gone.lock().expect("no holder of the lock panics").choose(&mut caller.rng).cloned();
        let Some(Gone { id, name, slug, last }) = gone else { return };
        reader.put(&by_name(id, &name, Some(last.clone()))).await;
        if let Some(slug) = slug {
            let after = Some(last).filter(|_| caller.rng.random_bool(0.5));
            reader.put(&beside_a_post(id, &slug, after)).await;
        }
    }
}

fn by_name(id: Uuid, name: &str, after: Option<Accepted>) -> Question {
    question(id, format!("/v1/authors/{name}"), after, accounts::seen)
}

fn beside_a_post(id: Uuid, slug: &str, after: Option<Accepted>) -> Question {
    question(id, format!("/v1/posts/{slug}"), after, seen_beside_a_post)
}

fn question(
    id: Uuid,
    path: String,
    after: Option<Accepted>,
    seen: fn(&Question, &Response) -> Option<Vec<Seen>>,
) -> Question {
    Question { path, after, as_editor: false, own: None, seen, aggregate_id: id.to_string() }
}

/// The author, as a post names them.
fn seen_beside_a_post(_: &Question, response: &Response) -> Option<Vec<Seen>> {
    let post: Value = serde_json::from_slice(&response.body).ok().filter(|_| response.status == 200)?;
    let author = &post["author"];
    let fields = Map::from_iter([("user_name".to_owned(), Value::from(author["user_name"].as_str()?))]);
    let (context, aggregate_id) = ("accounts".to_owned(), author["id"].as_str()?.to_owned());
    Some(vec![Seen { context, aggregate_id, version: None, fields }])
}
