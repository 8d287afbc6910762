//! A post by itself: what a decision needs to know of it, and what is decided of it alone.

use uuid::Uuid;

use super::event::{Deleted, Drafted, Edited, Known, Published, Restored, Unpublished};
use super::schedule::event::{ExpiryWithdrawn, Unscheduled};
use super::schedule::{Due, Plan, Standing};
use super::{Command, Event, Rejection, State, asked, permit};
use crate::DecisionContext;
use crate::reservations::{self, Lease};
use crate::values::Slug;

/// Slugs that a post may have had before the present one: each is kept from all other posts for ever.
const MOST_FORMER_SLUGS: usize = 50;

/// What a decision needs to know of a post. Texts are kept as digests: an owner holds thousands of posts.
#[derive(Clone, Debug, PartialEq)]
pub struct Post {
    /// Who may change it.
    pub author_id: Uuid,
    /// Whether everyone can read it (once it is not deleted).
    pub published: bool,
    /// Whether it is deleted.
    pub deleted: bool,
    fields: Known,
    plan: Plan,
    /// Every slug that it had before the present one.
    former_slugs: Vec<Slug>,
}

/// Decides whether a post comes to be.
pub(super) fn draft(content: &Drafted, lease: Lease, context: &DecisionContext) -> Result<Option<Event>, Rejection> {
    permit(&context.actor, content.author_id)?;
    asked::permit_content(content, context.now)?;
    lease.permit(context.now)?;
    Ok(Some(Event::Drafted(content.clone())))
}

impl Post {
    pub(super) fn new(drafted: &Drafted) -> Self {
        Self {
            author_id: drafted.author_id,
            published: false,
            deleted: false,
            fields: Known::of(drafted),
            plan: Plan::default(),
            former_slugs: Vec::new(),
        }
    }

    /// Its present slug.
    #[must_use]
    pub fn slug(&self) -> &Slug {
        &self.fields.slug
    }

    /// Whether it has this slug, or had it.
    pub(super) fn bears(&self, slug: &Slug) -> bool {
        self.fields.slug == *slug || self.former_slugs.contains(slug)
    }

    /// Decides a command on the post.
    pub(super) fn decide(&self, command: &Command, context: &DecisionContext) -> Result<Option<Event>, Rejection> {
        if let Command::CarryOut(due) = command {
            return Ok(self.plan.carry_out(*due, self.standing(), context.now)?);
        }
        permit(&context.actor, self.author_id)?;
        match command {
            Command::Delete => Ok((!self.deleted).then_some(Event::Deleted(Deleted {}))),
            Command::Restore => Ok(self.deleted.then_some(Event::Restored(Restored {}))),
            Command::Put { .. }
            | Command::Edit { .. }
            | Command::Publish
            | Command::Unpublish
            | Command::Schedule(_)
                if self.deleted =>
            {
                Err(Rejection::Deleted)
            }
            Command::Publish if self.published => Ok(None),
            Command::Publish => Ok(self.plan.publish(context.now)?),
            Command::Unpublish if self.published => Ok(Some(Event::Unpublished(Unpublished {}))),
            Command::Unpublish => Ok(self.plan.keep_back()),
            Command::Schedule(asked) => Ok(self.plan.change(asked, self.standing(), context.now)?),
            Command::Edit { change, lease } => self.edited(change.clone(), *lease, context),
            Command::Put { content, .. } if content.author_id != self.author_id => Err(Rejection::AuthorIsFixed),
            // Before the lease is looked at: a post that may not be changed waits for no slug.
            Command::Put { content, overwrite: false, .. } if !self.is_as(content) => Err(Rejection::Differs),
            Command::Put { content, lease, .. } => self.edited(content.clone().into_change(), Some(*lease), context),
            Command::CarryOut(_) | Command::Reservation(_) => reservations::wrong_aggregate(),
        }
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
                self.published = true;
                self.plan.release(None);
            }
            Event::Unpublished(Unpublished {}) => self.published = false,
            Event::Deleted(Deleted {}) => self.deleted = true,
            Event::Restored(Restored {}) => self.deleted = false,
            Event::Scheduled(by) => self.plan.release(Some(by)),
            Event::Unscheduled(Unscheduled {}) => self.plan.release(None),
            Event::ExpirySet(by) => self.plan.expire(Some(by)),
            Event::ExpiryWithdrawn(ExpiryWithdrawn {}) => self.plan.expire(None),
            Event::Drafted(_) | Event::Reservation(_) => {}
        }
        self
    }

    fn is_as(&self, content: &Drafted) -> bool {
        self.fields.without_what_stays(content.clone().into_change()) == Edited::default()
    }

    fn edited(
        &self,
        change: Edited,
        lease: Option<Lease>,
        context: &DecisionContext,
    ) -> Result<Option<Event>, Rejection> {
        let change = self.fields.without_what_stays(change);
        if change == Edited::default() {
            return Ok(None);
        }
        asked::permit_change(&change, self.author_id, context.now)?;
        if let Some(slug) = &change.slug {
            // Before the lease is looked at, so that none is made for it.
            if self.former_slugs.len() >= MOST_FORMER_SLUGS && !self.bears(slug) {
                return Err(Rejection::TooManySlugs);
            }
            lease.ok_or(reservations::Rejection::LeaseExpired)?.permit(context.now)?;
        }
        Ok(Some(Event::Edited(change)))
    }

    fn edit(&mut self, edited: &Edited) {
        let former = self.fields.slug.clone();
        self.fields.change(edited);
        if self.fields.slug != former {
            self.former_slugs.retain(|slug| *slug != self.fields.slug);
            self.former_slugs.push(former);
        }
    }
}

/// The state after a change of the post that it is.
pub(super) fn on(mut state: State, change: impl FnOnce(&mut Post)) -> State {
    if let State::Post(post) = &mut state {
        change(post);
    }
    state
}
