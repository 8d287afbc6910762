//! A post by itself: what a decision needs to know of it, and what is decided of it alone.

mod editing;

use uuid::Uuid;

use super::archive::ArchiveRejection;
use super::co_authors::{CoAuthorCommand, CoAuthorEvent, CoAuthors, HandedOver};
use super::event::{Deleted, Drafted, Known, Published, Restored, SlugGivenUp, Unpublished};
use super::moderated::{Moderated, moderates};
use super::previews::{PreviewCommand, Previews};
use super::review::{Review, ReviewCommand, ReviewRejection};
use super::rights::{Action, permit};
use super::schedule::event::{ExpiryWithdrawn, Unscheduled};
use super::schedule::{Due, Plan, Standing};
use super::sight::{Publicity, Sight};
use super::{Command, Event, Rejection, UniqueKind, asked, co_authors};
use crate::fields::Field as _;
use crate::media::Reference;
use crate::reservations::{self, Lease, Reservation};
use crate::values::{Comments, Sha256, Slug, Visibility};
use crate::{Actor, DecisionContext, Digest};

/// An aggregate of this context.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum State {
    /// Nothing has happened to it.
    #[default]
    Nothing,
    /// A post.
    Post(Post),
    /// The reservation of a unique value.
    Reservation(UniqueKind, Reservation),
}

/// What a decision needs to know of a post. Texts are kept as digests: an owner holds thousands of posts.
#[derive(Clone, Debug, PartialEq)]
pub struct Post {
    /// Whose it is.
    pub author_id: Uuid,
    /// Whether everyone can read it (once it is not deleted, and no moderator hides it).
    pub published: bool,
    /// Whether it ever was published.
    was_published: bool,
    /// Whether it is deleted.
    pub deleted: bool,
    /// Whether it is in the archive: see [`super::archive`].
    pub archived: bool,
    /// Apart: few posts have any.
    co_authors: Box<CoAuthors>,
    /// Apart: a reservation, of which there are as many as posts, takes the room of a post otherwise.
    fields: Box<Known>,
    /// How often its fields came to be other than they were, its beginning included.
    revision: u64,
    plan: Plan,
    previews: Previews,
    review: Review,
    moderated: Moderated,
    /// Every slug that it had before the present one, but for those that it gave up.
    former_slugs: Vec<Slug>,
}

/// Decides whether a post comes to be.
pub(super) fn draft(content: &Drafted, lease: Lease, context: &DecisionContext) -> Result<Option<Event>, Rejection> {
    permit(&context.actor, content.author_id)?;
    co_authors::permit_naming(&content.co_author_ids, &context.actor)?;
    asked::permit_content(content, context.now)?;
    asked::permit_featuring(None, content.featured, &context.actor)?;
    lease.permit(context.now)?;
    Ok(Some(Event::Drafted(content.clone())))
}

impl Post {
    pub(super) fn new(drafted: &Drafted) -> Self {
        let mut co_authors = Box::<CoAuthors>::default();
        co_authors.name(&drafted.co_author_ids);
        Self {
            author_id: drafted.author_id,
            published: false,
            was_published: false,
            deleted: false,
            archived: false,
            co_authors,
            fields: Box::new(Known::of(drafted)),
            revision: 1,
            plan: Plan::default(),
            previews: Previews::default(),
            review: Review::default(),
            moderated: Moderated::default(),
            former_slugs: Vec::new(),
        }
    }

    /// Its present slug.
    #[must_use]
    pub fn slug(&self) -> &Slug {
        &self.fields.slug
    }

    /// Who may comment on it.
    #[must_use]
    pub fn comments(&self) -> Comments {
        self.fields.comments.unwrap_or(Comments::Open)
    }

    /// The number of the present state of its fields: a working copy is made to one.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Whether it shows this item: in its text, as its cover, or in its custom fields.
    #[must_use]
    pub fn uses(&self, sha256: &Sha256) -> bool {
        let is_cover = self.fields.cover_image.as_ref().is_some_and(|cover| cover.sha256().as_ref() == Some(sha256));
        let custom = self.fields.custom_fields.iter().flat_map(|fields| &*fields.media);
        is_cover || self.media().iter().chain(custom).any(|reference| reference.sha256 == *sha256)
    }

    /// What a reader sees of it.
    #[must_use]
    pub fn sight(&self, reader: &Actor) -> Sight {
        let Self { published, was_published, deleted, .. } = *self;
        let for_members = self.fields.visibility == Some(Visibility::Members);
        let relations = self.co_authors.relations(self.author_id, reader);
        let is_theirs = Action::ReadDraft.permit(reader, &relations).is_ok();
        let visible = self.moderated.visible;
        Publicity { published, was_published, deleted, for_members, visible }.sight(is_theirs, moderates(reader))
    }

    /// The media that its text refers to.
    #[must_use]
    pub fn media(&self) -> &[Reference] {
        &self.fields.body.media
    }

    /// The item of media that is its cover, if one is: described where the post says what it shows.
    #[must_use]
    pub fn cover(&self) -> Option<Reference> {
        let sha256 = self.fields.cover_image.as_ref()?.sha256()?;
        let described = self.fields.cover_alt.as_ref().is_some_and(|alt| **alt != Digest::of(""));
        Some(Reference { sha256, described })
    }

    /// The accounts that write it.
    #[must_use]
    pub fn writers(&self) -> Vec<Uuid> {
        std::iter::once(self.author_id).chain(self.co_authors.ids()).collect()
    }

    /// Whether it has this slug, or had it and did not give it up.
    #[must_use]
    pub fn bears(&self, slug: &Slug) -> bool {
        self.fields.slug == *slug || self.former_slugs.contains(slug)
    }

    /// Whether an actor may do this with the post: see [`Action::table`].
    ///
    /// # Errors
    /// The role is too little, or it takes another to do this; the post is not there, as far as the actor may know; or
    /// moderators have removed it.
    pub fn permit(&self, actor: &Actor, action: Action) -> Result<(), Rejection> {
        let permitted = action.permit(actor, &self.co_authors.relations(self.author_id, actor));
        permitted.map_err(|rejection| self.as_told_to(actor, rejection))?;
        let reads_or_writes = matches!(action, Action::ReadDraft | Action::Edit);
        if reads_or_writes && self.moderated.is_removed_for(actor) { Err(Rejection::Removed) } else { Ok(()) }
    }

    /// Whether everyone can read it, members at least.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.published && !self.deleted && self.moderated.is_shown()
    }

    /// Whether an actor may know that the post is there: everyone, while it is public; else who writes it, who is
    /// invited to, and editors; and of one that is hidden, moderators.
    #[must_use]
    pub fn is_known_to(&self, actor: &Actor) -> bool {
        let is_hidden_for_them = !self.moderated.is_shown() && moderates(actor);
        self.is_public() || is_hidden_for_them || !self.co_authors.relations(self.author_id, actor).is_empty()
    }

    /// Why an actor is refused, in what the actor may know: of what is not to be seen, that it may not be touched says
    /// that it is there.
    fn as_told_to(&self, actor: &Actor, rejection: Rejection) -> Rejection {
        let says_so = matches!(rejection, Rejection::NotAnAuthor | Rejection::NotTheAuthor);
        if says_so && !self.is_known_to(actor) { Rejection::NotFound } else { rejection }
    }

    /// Whether an account is invited, or has answered its last invitation: others are told nothing of the post.
    #[must_use]
    pub fn is_known_to_answer(&self, account_id: Uuid) -> bool {
        self.co_authors.is_known_to_answer(account_id)
    }

    /// The command with whose event ends what an account has to do with a post that is not its own.
    #[must_use]
    pub fn end_of(&self, account_id: Uuid) -> Option<CoAuthorCommand> {
        self.co_authors.end_of(account_id)
    }

    /// Decides a command on the post.
    pub(super) fn decide(&self, command: &Command, context: &DecisionContext) -> Result<Option<Event>, Rejection> {
        // Neither is the will of who writes it. What becomes public by itself stays hidden all the same.
        if let Command::CarryOut(due) = command {
            return Ok(self.plan.carry_out(*due, self.standing(), context.now)?);
        }
        if let Command::Rule(ruled) = command {
            return Ok(self.moderated.rule(*ruled, &context.actor)?.map(Event::Ruling));
        }
        let decided = self.asked(command, context)?;
        self.moderated.permit(decided.as_ref(), &context.actor)?;
        Ok(decided)
    }

    /// Decides what an account asks in its own name.
    fn asked(&self, command: &Command, context: &DecisionContext) -> Result<Option<Event>, Rejection> {
        let actor = &context.actor;
        if let Command::CoAuthors(command) = command {
            let written = (self.author_id, self.deleted, self.plan.is_to_be_released());
            let decided = self.co_authors.decide(*command, written, actor);
            return Ok(decided.map_err(|rejection| self.as_told_to(actor, rejection))?.map(Event::CoAuthors));
        }
        self.permit(actor, asked::action(command))?;
        match command {
            Command::Delete => Ok((!self.deleted).then_some(Event::Deleted(Deleted {}))),
            Command::Restore => Ok(self.deleted.then_some(Event::Restored(Restored {}))),
            Command::Put { .. }
            | Command::Edit { .. }
            | Command::Release(_)
            | Command::Previews(PreviewCommand::Give(_))
            | Command::Review(_)
            | Command::Archive(_)
            | Command::Publish
            | Command::Unpublish
            | Command::GiveUpSlug(_)
            | Command::Schedule(_)
                if self.deleted =>
            {
                Err(Rejection::Deleted)
            }
            Command::Archive(asked) => Ok(asked.decide(self.published, self.archived)?.map(Event::Archive)),
            Command::Publish if self.published => Ok(None),
            Command::Publish => Ok(self.plan.publish(context.now)?),
            Command::Unpublish if self.published => Ok(Some(Event::Unpublished(Unpublished {}))),
            Command::Unpublish => Ok(self.plan.keep_back()),
            Command::GiveUpSlug(slug) if self.fields.slug == *slug => Err(Rejection::PresentSlug),
            Command::GiveUpSlug(slug) => {
                Ok(self.bears(slug).then(|| Event::SlugGivenUp(SlugGivenUp { slug: slug.clone() })))
            }
            Command::Schedule(asked) => Ok(self.plan.change(asked, self.standing(), context.now)?),
            Command::Edit { change, lease } => {
                self.edited(self.co_authors.named_in(change.clone(), false, actor)?, *lease, context)
            }
            Command::Release(release) => self.released(release, context),
            Command::Previews(asked) => Ok(self.previews.decide(asked, context.now)?.map(Event::Previews)),
            Command::Review(ReviewCommand::Submit(_) | ReviewCommand::Approve(_)) if self.archived => {
                Err(ArchiveRejection::Archived.into())
            }
            Command::Review(ReviewCommand::RequestChanges(_))
                if self.plan.is_to_be_released() && self.review.is_of_post() =>
            {
                Err(ReviewRejection::Scheduled.into())
            }
            Command::Review(asked) => Ok(self.review.decide(asked)?.map(Event::Review)),
            Command::Put { content, .. } if content.author_id != self.author_id => Err(Rejection::AuthorIsFixed),
            Command::Put { content, overwrite, lease } => {
                let change = self.co_authors.named_in(content.clone().into_change(), true, actor)?;
                // Before the lease is looked at: a post that may not be changed waits for no slug.
                if !overwrite && self.changes_by(&change) {
                    return Err(Rejection::Differs);
                }
                self.edited(change, Some(*lease), context)
            }
            Command::CarryOut(_) | Command::Rule(_) | Command::CoAuthors(_) => reservations::wrong_aggregate(),
            Command::Reservation(_) | Command::Reviewed(_) => reservations::wrong_aggregate(),
        }
    }

    /// What is asked, if the actor may have public what becomes so by it.
    pub(super) fn permit_reviewed<'a>(&self, asked: &'a Command, actor: &Actor) -> Result<&'a Command, Rejection> {
        self.permit(actor, asked::action(asked))?;
        self.review.permit(asked, actor, self.published || self.plan.is_to_be_released())?;
        Ok(asked)
    }

    /// What happens to it next by itself.
    #[must_use]
    pub fn due(&self) -> Option<Due> {
        self.plan.due(self.standing())
    }

    fn standing(&self) -> Standing {
        Standing { published: self.published, deleted: self.deleted }
    }

    /// The post after an event.
    pub(super) fn after(mut self, event: &Event) -> Self {
        match event {
            Event::Edited(edited) => self.edit(edited),
            Event::Published(Published {}) => {
                (self.published, self.was_published) = (true, true);
                self.plan.release(None);
                self.review.published();
            }
            Event::Unpublished(Unpublished {}) => (self.published, self.archived) = (false, false),
            Event::Archive(event) => self.archived = event.is_in(),
            Event::Ruling(event) => self.moderated = Moderated::after(event),
            Event::Deleted(Deleted {}) => self.deleted = true,
            Event::Restored(Restored {}) => self.deleted = false,
            Event::SlugGivenUp(SlugGivenUp { slug }) => self.former_slugs.retain(|former| former != slug),
            // What is published is not to be published any more.
            Event::Scheduled(by) => self.plan.release(Some(by).filter(|_| !self.published)),
            Event::Unscheduled(Unscheduled {}) => self.plan.release(None),
            Event::ExpirySet(by) => self.plan.expire(Some(by)),
            Event::ExpiryWithdrawn(ExpiryWithdrawn {}) => self.plan.expire(None),
            Event::CoAuthors(event) => self.join_in(event),
            Event::Previews(event) => self.previews.evolve(event),
            Event::Review(event) => self.review.evolve(event),
            Event::Drafted(_) | Event::Reservation(_) => {}
        }
        self
    }

    fn join_in(&mut self, event: &CoAuthorEvent) {
        if let CoAuthorEvent::HandedOver(HandedOver { to_account_id, .. }) = event {
            self.author_id = *to_account_id;
        }
        self.co_authors.evolve(event);
        self.fields.co_author_ids = self.co_authors.ids().known();
    }
}
