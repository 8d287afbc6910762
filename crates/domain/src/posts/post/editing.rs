//! What is decided of the fields of a post that is there: by an edit, or by the release of a working copy.

use super::super::archive::ArchiveRejection;
use super::super::event::Edited;
use super::super::working_copy::{Release, ReleaseRejection};
use super::super::{Event, Rejection, asked};
use super::Post;
use crate::DecisionContext;
use crate::reservations::{self, Lease};

/// Slugs that a post may have had before the present one, and kept: each is kept from all other posts.
const MOST_FORMER_SLUGS: usize = 50;

impl Post {
    fn featured_after(&self, change: &Edited) -> Option<bool> {
        if change.resets("featured") { None } else { change.featured.or(self.fields.featured) }
    }

    /// Whether it would be another by a change.
    #[must_use]
    pub fn changes_by(&self, change: &Edited) -> bool {
        self.fields.without_what_stays(change.clone()) != Edited::default()
    }

    pub(super) fn released(&self, release: &Release, context: &DecisionContext) -> Result<Option<Event>, Rejection> {
        let change = self.co_authors.named_in(release.change.clone(), false, &context.actor)?;
        // What is so already was released before.
        if self.revision != release.revision && self.changes_by(&change) {
            return Err(ReleaseRejection::Outdated.into());
        }
        self.edited(change, release.lease, context)
    }

    pub(super) fn edited(
        &self,
        change: Edited,
        lease: Option<Lease>,
        context: &DecisionContext,
    ) -> Result<Option<Event>, Rejection> {
        let change = self.fields.without_what_stays(change);
        if change == Edited::default() {
            return Ok(None);
        }
        if self.archived {
            return Err(ArchiveRejection::Archived.into());
        }
        asked::permit_change(&change, self.author_id, context.now)?;
        asked::permit_featuring(self.fields.featured, self.featured_after(&change), &context.actor)?;
        if let Some(slug) = &change.slug {
            // Before the lease is looked at, so that none is made for it.
            if self.former_slugs.len() >= MOST_FORMER_SLUGS && !self.bears(slug) {
                return Err(Rejection::TooManySlugs);
            }
            lease.ok_or(reservations::Rejection::LeaseExpired)?.permit(context.now)?;
        }
        Ok(Some(Event::Edited(change)))
    }

    pub(super) fn edit(&mut self, edited: &Edited) {
        if let Some(named) = &edited.co_author_ids {
            self.co_authors.name(named);
        }
        let former = self.fields.slug.clone();
        self.fields.change(edited);
        self.revision += 1;
        self.review.edited();
        if self.fields.slug != former {
            self.former_slugs.retain(|slug| *slug != self.fields.slug);
            self.former_slugs.push(former);
        }
    }
}
