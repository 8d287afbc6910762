//! Posts: what an author writes. This page is the aggregate whole: state, commands, rejections, decide, evolve.

mod event;

pub use event::{Deleted, Drafted, Edited, Event, Published, Restored, Unpublished};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::reservations::{self, Lease, Reservation};
use crate::values::{Markdown, Slug, Summary, Tag, Title};
use crate::{Actor, Decider, DecisionContext, Digest, Role, Timestamp};

/// The context `posts`: posts, keyed by their id, and reservations of slugs, keyed by `slug:<slug>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Posts;

/// The aggregate id of the reservation of a slug.
#[must_use]
pub fn slug_reservation_id(slug: &str) -> String {
    format!("slug:{slug}")
}

/// An aggregate of this context.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum State {
    /// Nothing has happened to it.
    #[default]
    Nothing,
    /// A post.
    Post(Post),
    /// The reservation of a slug.
    Slug(Reservation),
}

/// What a decision needs to know of a post. Texts are kept as digests: an owner holds thousands of posts.
#[derive(Clone, Debug, PartialEq)]
pub struct Post {
    /// Who may change it.
    pub author_id: Uuid,
    /// Every slug it ever had, the present one last.
    slugs: Vec<Slug>,
    /// Whether everyone can read it (once it is not deleted).
    pub published: bool,
    /// Whether it is deleted.
    pub deleted: bool,
    co_authors: Digest,
    title: Digest,
    summary: Digest,
    body: Digest,
    tags: Digest,
    originally_published_at: Option<Timestamp>,
}

/// What can be asked of an aggregate of this context.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// Make the post be as given: draft it if there is none, edit what differs if there is.
    Put {
        /// The post as it should be.
        content: Content,
        /// Whether to edit a post that differs. Without it only a post that is not there yet is written: whoever
        /// overwrites has to say which version they saw.
        overwrite: bool,
        /// The reservation of the slug.
        lease: Lease,
    },
    /// Change some fields.
    Edit {
        /// The fields to change.
        change: Edited,
        /// The reservation of the slug, where that changes.
        lease: Option<Lease>,
    },
    /// Let everyone read it.
    Publish,
    /// Let its authors only read it.
    Unpublish,
    /// Delete it.
    Delete,
    /// Undo its deletion.
    Restore,
    /// Say whether the post bears or bore the slug: nothing if so, else a rejection. A reservation that was not confirmed
    /// is taken over on the strength of the answer.
    Vouch {
        /// The slug.
        slug: Slug,
    },
    /// Something about the reservation of a slug.
    Slug(reservations::Command),
}

/// A post as its author wants it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Content {
    /// Who wrote it.
    pub author_id: Uuid,
    /// Who else is named.
    pub co_author_ids: Vec<Uuid>,
    /// Its slug.
    pub slug: Slug,
    /// Its title.
    pub title: Title,
    /// What it is about.
    pub summary: Summary,
    /// Its text.
    pub body: Markdown,
    /// Its tags.
    pub tags: Vec<Tag>,
    /// When it was first published elsewhere.
    pub originally_published_at: Option<Timestamp>,
}

/// Why a command was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Rejection {
    /// There is no such post.
    #[error("there is no such post")]
    NotFound,
    /// Whoever asks writes no posts: their role is less than author.
    #[error("this needs the role author")]
    NotAnAuthor,
    /// Only the author, or an editor, may do this.
    #[error("only the post's author may do this")]
    NotTheAuthor,
    /// A deleted post can only be restored.
    #[error("the post is deleted; restore it first")]
    Deleted,
    /// A post of this id exists and differs.
    #[error("the post exists and differs; say which version you saw")]
    Differs,
    /// The author of a post does not change.
    #[error("the author of a post cannot be changed")]
    AuthorIsFixed,
    /// The reservation of the slug expired before the post could be written.
    #[error("the reservation of the slug expired; try again")]
    LeaseExpired,
    /// The post does not bear the slug, and never did.
    #[error("the post does not bear the slug")]
    DoesNotBear,
    /// Something about the reservation of a slug.
    #[error(transparent)]
    Slug(#[from] reservations::Rejection),
    /// A command on a post was sent to a reservation, or the other way round.
    #[error("the id is not of an aggregate that takes this command")]
    WrongAggregate,
}

impl Decider for Posts {
    const NAME: &'static str = "posts";
    type Command = Command;
    type Event = Event;
    type State = State;
    type Rejection = Rejection;

    fn decide(state: &State, command: &Command, context: &DecisionContext) -> Result<Option<Event>, Rejection> {
        match (state, command) {
            (State::Nothing, Command::Slug(command)) => on_reservation(&Reservation::Free, command, context),
            (State::Slug(reservation), Command::Slug(command)) => on_reservation(reservation, command, context),
            (State::Nothing, Command::Put { content, lease, .. }) => draft(content, *lease, context),
            (State::Nothing, Command::Vouch { .. }) => Err(Rejection::DoesNotBear),
            (State::Post(post), Command::Vouch { slug }) if post.slugs.contains(slug) => Ok(None),
            (State::Post(_), Command::Vouch { .. }) => Err(Rejection::DoesNotBear),
            (State::Nothing, _) => Err(Rejection::NotFound),
            (State::Post(post), command) => on_post(post, command, context),
            (State::Slug(_), _) => Err(Rejection::WrongAggregate),
        }
    }

    fn evolve(state: State, event: &Event) -> State {
        match event {
            Event::Drafted(drafted) => State::Post(Post::new(drafted)),
            Event::Edited(edited) => on(state, |post| post.edit(edited)),
            Event::Published(Published {}) => on(state, |post| post.published = true),
            Event::Unpublished(Unpublished {}) => on(state, |post| post.published = false),
            Event::Deleted(Deleted {}) => on(state, |post| post.deleted = true),
            Event::Restored(Restored {}) => on(state, |post| post.deleted = false),
            Event::SlugClaimed(reserved) => {
                State::Slug(reservations::evolve(&reservations::Event::Reserved(reserved.clone())))
            }
            Event::SlugConfirmed(held) => {
                State::Slug(reservations::evolve(&reservations::Event::Confirmed(held.clone())))
            }
        }
    }

    fn receipt(state: &State) -> Option<String> {
        match state {
            State::Nothing => None,
            State::Post(post) => Some(post.slug().to_string()),
            State::Slug(reservation) => reservation.receipt(),
        }
    }

    fn belongs_to(event: &Event) -> Option<Uuid> {
        event.author()
    }

    fn text_bytes(event: &Event) -> usize {
        event.text_bytes()
    }
}

fn draft(content: &Content, lease: Lease, context: &DecisionContext) -> Result<Option<Event>, Rejection> {
    permit(&context.actor, content.author_id)?;
    if !lease.may_act(context.now) {
        return Err(Rejection::LeaseExpired);
    }
    let Content { author_id, co_author_ids, slug, title, summary, body, tags, originally_published_at } =
        content.clone();
    let drafted = Drafted { author_id, co_author_ids, slug, title, summary, body, tags, originally_published_at };
    Ok(Some(Event::Drafted(drafted)))
}

fn on_post(post: &Post, command: &Command, context: &DecisionContext) -> Result<Option<Event>, Rejection> {
    permit(&context.actor, post.author_id)?;
    match command {
        Command::Delete => Ok((!post.deleted).then_some(Event::Deleted(Deleted {}))),
        Command::Restore => Ok(post.deleted.then_some(Event::Restored(Restored {}))),
        Command::Slug(_) | Command::Vouch { .. } => Err(Rejection::WrongAggregate),
        Command::Put { .. } | Command::Edit { .. } | Command::Publish | Command::Unpublish if post.deleted => {
            Err(Rejection::Deleted)
        }
        Command::Publish => Ok((!post.published).then_some(Event::Published(Published {}))),
        Command::Unpublish => Ok(post.published.then_some(Event::Unpublished(Unpublished {}))),
        Command::Edit { change, lease } => edit(post, change.clone(), *lease, context),
        Command::Put { content, overwrite, lease } => {
            if content.author_id != post.author_id {
                return Err(Rejection::AuthorIsFixed);
            }
            match edit(post, content.clone().into_change(), Some(*lease), context)? {
                Some(_) if !overwrite => Err(Rejection::Differs),
                decided => Ok(decided),
            }
        }
    }
}

fn edit(
    post: &Post,
    change: Edited,
    lease: Option<Lease>,
    context: &DecisionContext,
) -> Result<Option<Event>, Rejection> {
    let change = post.without_what_stays(change);
    if change == Edited::default() {
        return Ok(None);
    }
    if change.slug.is_some() && !lease.is_some_and(|lease| lease.may_act(context.now)) {
        return Err(Rejection::LeaseExpired);
    }
    Ok(Some(Event::Edited(change)))
}

fn on_reservation(
    reservation: &Reservation,
    command: &reservations::Command,
    context: &DecisionContext,
) -> Result<Option<Event>, Rejection> {
    writes_posts(&context.actor)?;
    match reservations::decide(reservation, command, context)? {
        None => Ok(None),
        Some(reservations::Event::Reserved(reserved)) => Ok(Some(Event::SlugClaimed(reserved))),
        Some(reservations::Event::Confirmed(held)) => Ok(Some(Event::SlugConfirmed(held))),
        // A post keeps every slug it ever had: its former addresses lead to it.
        Some(reservations::Event::Released(_)) => Err(Rejection::WrongAggregate),
    }
}

/// Whether an actor may write posts in the name of `author_id`. The routes ask for the role author too; this holds
/// whatever they ask.
///
/// # Errors
/// The actor is no author, or not this one.
pub fn permit(actor: &Actor, author_id: Uuid) -> Result<(), Rejection> {
    writes_posts(actor)?;
    if actor.may_write_as(author_id) { Ok(()) } else { Err(Rejection::NotTheAuthor) }
}

fn writes_posts(actor: &Actor) -> Result<(), Rejection> {
    if actor.is_at_least(Role::Author) { Ok(()) } else { Err(Rejection::NotAnAuthor) }
}

fn on(mut state: State, change: impl FnOnce(&mut Post)) -> State {
    if let State::Post(post) = &mut state {
        change(post);
    }
    state
}

impl Content {
    fn into_change(self) -> Edited {
        Edited {
            co_author_ids: Some(self.co_author_ids),
            slug: Some(self.slug),
            title: Some(self.title),
            summary: Some(self.summary),
            body: Some(self.body),
            tags: Some(self.tags),
            originally_published_at: self.originally_published_at,
        }
    }
}

impl Post {
    /// Its present slug.
    #[must_use]
    pub fn slug(&self) -> &Slug {
        self.slugs.last().expect("a post is drafted with a slug and never loses its last one")
    }

    fn new(drafted: &Drafted) -> Self {
        Self {
            author_id: drafted.author_id,
            slugs: vec![drafted.slug.clone()],
            published: false,
            deleted: false,
            co_authors: ids_digest(&drafted.co_author_ids),
            title: Digest::of(drafted.title.as_str()),
            summary: Digest::of(drafted.summary.as_str()),
            body: Digest::of(drafted.body.as_str()),
            tags: Digest::of_all(&drafted.tags),
            originally_published_at: drafted.originally_published_at,
        }
    }

    fn edit(&mut self, edited: &Edited) {
        let Edited { co_author_ids, slug, title, summary, body, tags, originally_published_at } = edited;
        set(&mut self.co_authors, co_author_ids.as_deref().map(ids_digest));
        if let Some(slug) = slug {
            self.slugs.retain(|former| former != slug);
            self.slugs.push(slug.clone());
        }
        set(&mut self.title, title.as_ref().map(|title| Digest::of(title.as_str())));
        set(&mut self.summary, summary.as_ref().map(|summary| Digest::of(summary.as_str())));
        set(&mut self.body, body.as_ref().map(|body| Digest::of(body.as_str())));
        set(&mut self.tags, tags.as_ref().map(Digest::of_all));
        self.originally_published_at = originally_published_at.or(self.originally_published_at);
    }

    fn without_what_stays(&self, change: Edited) -> Edited {
        Edited {
            co_author_ids: change.co_author_ids.filter(|ids| ids_digest(ids) != self.co_authors),
            slug: change.slug.filter(|slug| slug != self.slug()),
            title: change.title.filter(|title| Digest::of(title.as_str()) != self.title),
            summary: change.summary.filter(|summary| Digest::of(summary.as_str()) != self.summary),
            body: change.body.filter(|body| Digest::of(body.as_str()) != self.body),
            tags: change.tags.filter(|tags| Digest::of_all(tags) != self.tags),
            originally_published_at: change
                .originally_published_at
                .filter(|at| Some(*at) != self.originally_published_at),
        }
    }
}

fn set<T>(field: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *field = value;
    }
}

fn ids_digest(ids: &[Uuid]) -> Digest {
    Digest::of_all(ids.iter().map(Uuid::to_string))
}

#[cfg(test)]
mod tests;
