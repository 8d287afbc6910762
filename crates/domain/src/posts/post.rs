//! A post by itself: what a decision needs to know of it, and what is decided of it alone.

use uuid::Uuid;

use super::event::{Deleted, Drafted, Edited, Known, Published, Restored, Unpublished};
use super::{Command, Event, Rejection, asked, permit};
use crate::DecisionContext;
use crate::reservations::{self, Lease};
use crate::values::Slug;

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
    /// Every slug that it had before the present one.
    former_slugs: Vec<Slug>,
}

impl Post {
    pub(super) fn new(drafted: &Drafted) -> Self {
        Self {
            author_id: drafted.author_id,
            published: false,
            deleted: false,
            fields: Known::of(drafted),
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
        permit(&context.actor, self.author_id)?;
        match command {
            Command::Delete => Ok((!self.deleted).then_some(Event::Deleted(Deleted {}))),
            Command::Restore => Ok(self.deleted.then_some(Event::Restored(Restored {}))),
            Command::Put { .. } | Command::Edit { .. } | Command::Publish | Command::Unpublish if self.deleted => {
                Err(Rejection::Deleted)
            }
            Command::Publish => Ok((!self.published).then_some(Event::Published(Published {}))),
            Command::Unpublish => Ok(self.published.then_some(Event::Unpublished(Unpublished {}))),
            Command::Edit { change, lease } => self.edited(change.clone(), *lease, context),
            Command::Put { content, .. } if content.author_id != self.author_id => Err(Rejection::AuthorIsFixed),
            Command::Put { content, overwrite, lease } => {
                match self.edited(content.clone().into_change(), Some(*lease), context)? {
                    Some(_) if !overwrite => Err(Rejection::Differs),
                    decided => Ok(decided),
                }
            }
            Command::Reservation(_) => reservations::wrong_aggregate(),
        }
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
        if change.slug.is_some() {
            lease.ok_or(reservations::Rejection::LeaseExpired)?.permit(context.now)?;
        }
        Ok(Some(Event::Edited(change)))
    }

    pub(super) fn edit(&mut self, edited: &Edited) {
        let former = self.fields.slug.clone();
        self.fields.change(edited);
        if self.fields.slug != former {
            self.former_slugs.retain(|slug| *slug != self.fields.slug);
            self.former_slugs.push(former);
        }
    }
}
