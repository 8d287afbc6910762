//! A comment as readers see it: with the names of whom it mentions, and as HTML.

use std::collections::HashMap;

use actix_web::web;
use comment_text::Said;
use domain::views::DELETED_PREFIX;
use serde::Serialize;
use service_kit::Problem;
use sqlx::FromRow;
use utoipa::ToSchema;
use uuid::Uuid;

use super::shown::Reader;
use crate::author_refs::{self, AuthorRef};
use crate::cursor::TimeKey;
use crate::database::{Database, Time};
use crate::mark_counts::MarkCounts;
use crate::markdown::{self, Mentioned};
use crate::row::row;

/// More text than this is rendered beside the threads that answer.
const LARGE_BYTES: usize = 8 * 1024;

row! {
    /// A comment on a post, without names and HTML.
    #[derive(Debug, Serialize, ToSchema)]
    pub(crate) struct CommentRow of "c" {
        /// Its id.
        id: Uuid = "c.comment_id",
        /// Its number among the comments on the post.
        number: i64,
        /// The number of the comment that it answers; null if it answers the post.
        #[schema(required = true)]
        reply_to: Option<i64>,
        /// How deep in the thread it is: 0 if it answers the post.
        depth: i64,
        #[serde(skip)]
        author_id: Uuid,
        /// Whether it says nothing any more: its author or an editor has deleted it, or its author was forgotten.
        deleted: bool,
        /// Who is shown it: `all`, its `author` (and moderators), `moderators`. What is not shown to all a moderator
        /// hid, or it is held.
        visible: String,
        /// Whether it waits for a moderator to read it.
        held: bool = "c.held_by <> '{}'",
        #[serde(skip)]
        text: String,
        /// How often it was edited.
        edits: i64 = "cardinality(c.former_texts_at)::bigint",
        /// How many comments that are shown to all answer it, deleted ones too.
        answers: i64 = "COALESCE((SELECT n.answers FROM content.answer_counts n WHERE n.comment_id = c.comment_id), 0)",
        /// How many people gave it a reaction, by kind. A kind that no one gave is not there, and none is of a comment
        /// that says nothing any more.
        #[sqlx(try_from = "Vec<String>")]
        #[schema(value_type = HashMap<String, i64>)]
        reactions: MarkCounts = "ARRAY(SELECT n.kind || ' ' || n.people FROM content.reaction_counts n \
            WHERE n.target_kind = 'comment' AND n.target_id = c.comment_id AND NOT c.deleted)",
        /// When it was written.
        #[schema(value_type = String, format = DateTime)]
        written_at: Time,
        /// Since when it says what it says; null if it never said anything else.
        #[schema(value_type = Option<String>, format = DateTime, required = true)]
        edited_at: Option<Time>,
        /// Until when its author may edit it.
        #[schema(value_type = String, format = DateTime)]
        editable_until_at: Time,
    }
}

/// A comment on a post.
#[derive(Debug, FromRow, Serialize, ToSchema)]
pub(crate) struct Comment {
    #[serde(flatten)]
    #[sqlx(flatten)]
    row: CommentRow,
    /// Who wrote it; null where it is deleted.
    #[schema(required = true)]
    #[sqlx(skip)]
    author: Option<AuthorRef>,
    #[serde(flatten)]
    #[sqlx(skip)]
    words: Words,
}

/// What a comment says, or said.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub(crate) struct Words {
    /// As its author wrote it, with the names by which those whom it mentions are called now; null where it is deleted.
    #[schema(required = true)]
    text_markdown: Option<String>,
    /// As HTML that is safe to show; null as above. Who is mentioned is linked to.
    #[schema(required = true)]
    text_html: Option<String>,
    /// Whom it mentions.
    mentions: Vec<AuthorRef>,
}

/// What is known of the people beside comments.
pub(crate) struct People(HashMap<Uuid, AuthorRef>);

impl People {
    /// Looks up who wrote these texts, and whom they mention, all at once.
    pub(super) async fn beside<'a>(
        authors: impl IntoIterator<Item = Uuid>,
        texts: impl IntoIterator<Item = &'a str>,
        database: &Database,
    ) -> Result<Self, Problem> {
        let ids = authors.into_iter().chain(texts.into_iter().flat_map(comment_text::accounts));
        let mut people: HashMap<Uuid, AuthorRef> = ids.map(|id| (id, AuthorRef::from(id))).collect();
        author_refs::look_up(people.values_mut().collect(), database).await?;
        Ok(Self(people))
    }

    /// These and others.
    pub(super) fn and(mut self, others: Self) -> Self {
        self.0.extend(others.0);
        self
    }

    /// Their ids: what an answer shows.
    pub(super) fn ids(&self) -> impl Iterator<Item = Uuid> {
        self.0.keys().copied()
    }

    /// Whether an account was forgotten.
    pub(super) fn is_forgotten(&self, id: Uuid) -> bool {
        let name = self.0.get(&id).and_then(|person| person.user_name.as_deref());
        name.is_some_and(|name| name.starts_with(DELETED_PREFIX))
    }

    /// The words of a text as it is kept. Of who was forgotten no name is left, and no link.
    fn words(&self, kept: &str) -> Words {
        let said = Said::of(kept);
        let person = |word: &str| comment_text::account(word).and_then(|id| self.0.get(&id));
        let name = |word: &str| person(word).and_then(|person| person.user_name.clone());
        let is_there = |person: &&AuthorRef| person.user_name.is_some() && !self.is_forgotten(person.id);
        let mentioned = |word: &str| Mentioned {
            name: name(word).unwrap_or_else(|| word.to_owned()),
            linked: person(word).filter(is_there).is_some(),
        };
        let text = said.with(|_, word| name(word));
        let mut mentions: Vec<AuthorRef> = Vec::new();
        for person in said.words().filter_map(person).filter(is_there) {
            if !mentions.contains(person) {
                mentions.push(person.clone());
            }
        }
        let mentioned: Vec<Mentioned> = said.words().map(mentioned).collect();
        let text_html = Some(markdown::comment(&said, &mentioned, &text));
        Words { text_markdown: Some(text), text_html, mentions }
    }

    /// The words of several texts, in their order.
    ///
    /// # Errors
    /// Rendering failed.
    pub(super) async fn all_words(self, texts: Vec<String>) -> Result<(Self, Vec<Words>), Problem> {
        let bytes: usize = texts.iter().map(String::len).sum();
        let render = move || {
            let words = texts.iter().map(|text| self.words(text)).collect();
            (self, words)
        };
        if bytes <= LARGE_BYTES { Ok(render()) } else { web::block(render).await.map_err(Problem::internal) }
    }
}

impl Comment {
    /// The list that a `SELECT` begins with.
    pub(super) fn columns() -> String {
        CommentRow::columns()
    }

    /// How many reactions it has, of all kinds.
    pub(super) fn reactions(&self) -> i64 {
        self.row.reactions.all()
    }

    /// Its id.
    pub(crate) fn id(&self) -> Uuid {
        self.row.id
    }

    /// Its number among the comments on the post.
    pub(super) fn number(&self) -> i64 {
        self.row.number
    }

    /// What places it in a list by time.
    pub(super) fn place(&self) -> TimeKey {
        TimeKey(self.row.written_at, self.row.id)
    }

    /// Fills in what readers see of comments: names and HTML. Of an account that was forgotten nothing is shown from
    /// the moment at which its row says so; the rows of its comments follow.
    ///
    /// # Errors
    /// Postgres does not answer.
    pub(super) async fn complete(comments: Vec<&mut Self>, database: &Database) -> Result<People, Problem> {
        let authors: Vec<Uuid> = comments.iter().map(|comment| comment.row.author_id).collect();
        let texts = comments.iter().map(|comment| comment.row.text.as_str());
        let people = People::beside(authors, texts, database).await?;
        let mut say_something = Vec::new();
        for comment in comments {
            let row = &mut comment.row;
            if row.deleted || people.is_forgotten(row.author_id) {
                (row.deleted, row.edited_at, row.edits) = (true, None, 0);
                row.reactions = MarkCounts::default();
            } else {
                comment.author = people.0.get(&row.author_id).cloned();
                say_something.push(comment);
            }
        }
        let texts = say_something.iter_mut().map(|comment| std::mem::take(&mut comment.row.text)).collect();
        let (people, words) = people.all_words(texts).await?;
        say_something.into_iter().zip(words).for_each(|(comment, words)| comment.words = words);
        Ok(people)
    }

    /// Whether a reader is shown what it said before it was shown to all.
    pub(super) fn is_read_whole_by(&self, reader: Reader) -> bool {
        reader == Reader::Moderator || reader == Reader::Account(self.row.author_id)
    }

    /// Whether it says something.
    pub(super) fn says_something(&self) -> bool {
        !self.row.deleted
    }
}
