use domain::values::ReactionKind;
use domain::{Actor, views};
use serde::Serialize;
use sqlx::{FromRow, Postgres, QueryBuilder};
use utoipa::ToSchema;
use uuid::Uuid;

use super::people::Person;
use crate::database::Time;
use crate::reply::{Keep, Reply};

/// The kind of reaction that is counted where none is named.
const LIKE: &str = "like";

/// A post as a card shows it.
#[derive(Debug, FromRow, Serialize, ToSchema)]
pub(crate) struct Card {
    /// Its id: what commands name it by.
    pub(super) id: Uuid,
    /// Its slug: what it is read by.
    pub(super) slug: String,
    /// Its title.
    title: String,
    /// What it is about; may be empty.
    summary: String,
    /// Its tags, in their order. A name that stands for another tag is shown as that.
    pub(super) tags: Vec<String>,
    /// When it was first published, here or elsewhere; null for a draft that never was.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    published_at: Option<Time>,
    /// When what readers see of it last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Time,
    /// Its version: what an edit names in `If-Match`.
    version: i64,
    /// How many people gave it a reaction of the kind.
    reactions: i64,
    /// Whether the reader did.
    reacted: bool,
    /// Who wrote it.
    #[sqlx(flatten)]
    pub(super) author: Person,
}

/// Who looks at cards, and at which kind of reaction.
pub(super) struct Look {
    pub(super) reader: Option<Actor>,
    pub(super) kind: String,
}

impl Look {
    pub(super) fn of(reader: Option<Actor>, kind: Option<&ReactionKind>) -> Self {
        Self { reader, kind: kind.map_or_else(|| LIKE.to_owned(), ToString::to_string) }
    }

    /// Whose relations are looked up: who sends no token has none.
    pub(super) fn reader_id(&self) -> Uuid {
        self.reader.as_ref().map_or(Uuid::nil(), |reader| reader.id)
    }

    /// Pushes what a card is read from; `p` is the post, and the author may have no account.
    pub(super) fn push_columns(&self, query: &mut QueryBuilder<Postgres>) {
        query.push(
            "p.post_id AS id, p.slug, p.title, p.summary, p.tags, p.published_at, p.updated_at, p.version, \
             COALESCE((SELECT n.people FROM content.reaction_counts n WHERE n.target_kind = 'post' \
             AND n.target_id = p.post_id AND n.kind = ",
        );
        query.push_bind(self.kind.clone()).push("), 0) AS reactions, ");
        query.push("EXISTS (SELECT FROM content.reactions r WHERE r.active AND r.account_id = ");
        query.push_bind(self.reader_id()).push(" AND r.target_kind = 'post' AND r.target_id = p.post_id AND r.kind = ");
        query.push_bind(self.kind.clone()).push(") AS reacted, ");
        Person::push_columns("p.author_id", self.reader_id(), query);
    }

    /// Says what an answer with cards shows, and who may keep it.
    pub(super) fn shown_in<'a>(&self, cards: &[Card], reply: Reply<'a>) -> Reply<'a> {
        let reply = if self.reader.is_some() { reply.keep(Keep::Private) } else { reply };
        let reply = reply.shows::<views::Posts>(cards.iter().map(|card| card.id));
        let reply = reply.shows::<views::Reactions>(cards.iter().map(|card| card.id));
        reply.shows::<views::Authors>(cards.iter().map(|card| card.author.account_id()))
    }
}
