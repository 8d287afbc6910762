//! A series by itself: what a decision needs to know of it, and what is decided of it alone.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::event::{Changed, Created, Deleted, Ordered, PostAdded, PostRemoved};
use super::{Command, Event, Rejection, permit};
use crate::reservations::{self, Lease};
use crate::values::Slug;
use crate::{DecisionContext, Digest};

/// The most posts of a series: an order names all of them in one event.
pub const MOST_POSTS: usize = 500;

/// Slugs that a series may have had before the present one: each is kept from all others for ever.
const MOST_FORMER_SLUGS: usize = 50;

/// What a decision needs to know of a series. Texts are kept as digests.
#[derive(Clone, Debug, PartialEq)]
pub struct Sequence {
    /// Whose it is.
    pub owner_id: Uuid,
    /// Whether it was deleted.
    pub deleted: bool,
    slug: Slug,
    title: Digest,
    description: Digest,
    post_ids: Vec<Uuid>,
    /// Every slug that it had before the present one.
    former_slugs: Vec<Slug>,
}

/// Decides whether a series comes to be.
pub(super) fn create(series: &Created, lease: Lease, context: &DecisionContext) -> Result<Option<Event>, Rejection> {
    permit(&context.actor, series.owner_id)?;
    lease.permit(context.now)?;
    Ok(Some(Event::Created(series.clone())))
}

impl Sequence {
    pub(super) fn new(created: &Created) -> Self {
        let Created { owner_id, slug, title, description } = created;
        Self {
            owner_id: *owner_id,
            deleted: false,
            slug: slug.clone(),
            title: Digest::of(title.as_str()),
            description: Digest::of(description.as_str()),
            post_ids: Vec::new(),
            former_slugs: Vec::new(),
        }
    }

    /// Its present slug.
    #[must_use]
    pub fn slug(&self) -> &Slug {
        &self.slug
    }

    /// Whether it has this slug, or had it.
    pub(super) fn bears(&self, slug: &Slug) -> bool {
        self.slug == *slug || self.former_slugs.contains(slug)
    }

    /// Decides a command on the series.
    pub(super) fn decide(&self, command: &Command, context: &DecisionContext) -> Result<Option<Event>, Rejection> {
        if !matches!(command, Command::Remove { by_its_author: true, .. }) {
            permit(&context.actor, self.owner_id)?;
        }
        if self.deleted && *command != Command::Delete {
            return Err(Rejection::Deleted);
        }
        match command {
            Command::Delete => Ok((!self.deleted).then_some(Event::Deleted(Deleted {}))),
            Command::Create { series, .. } if self.is_as(series) => Ok(None),
            Command::Create { .. } => Err(Rejection::Exists),
            Command::Change { change, lease } => self.changed(change.clone(), *lease, context),
            Command::Add { post_id } if self.post_ids.contains(post_id) => Ok(None),
            Command::Add { .. } if self.post_ids.len() >= MOST_POSTS => Err(Rejection::TooManyPosts),
            Command::Add { post_id } => Ok(Some(Event::PostAdded(PostAdded { post_id: *post_id }))),
            Command::Remove { post_id, .. } => {
                let removed = Event::PostRemoved(PostRemoved { post_id: *post_id });
                Ok(self.post_ids.contains(post_id).then_some(removed))
            }
            Command::Order { post_ids } => self.ordered(post_ids),
            Command::Reservation(_) => reservations::wrong_aggregate(),
        }
    }

    fn is_as(&self, series: &Created) -> bool {
        let Created { owner_id, slug, title, description } = series;
        self.owner_id == *owner_id
            && self.slug == *slug
            && self.title == Digest::of(title.as_str())
            && self.description == Digest::of(description.as_str())
    }

    fn changed(
        &self,
        change: Changed,
        lease: Option<Lease>,
        context: &DecisionContext,
    ) -> Result<Option<Event>, Rejection> {
        let Changed { slug, title, description } = change;
        let change = Changed {
            slug: slug.filter(|slug| self.slug != *slug),
            title: title.filter(|title| self.title != Digest::of(title.as_str())),
            description: description.filter(|text| self.description != Digest::of(text.as_str())),
        };
        if change == Changed::default() {
            return Ok(None);
        }
        if let Some(slug) = &change.slug {
            // Before the lease is looked at, so that none is made for it.
            if self.former_slugs.len() >= MOST_FORMER_SLUGS && !self.bears(slug) {
                return Err(Rejection::TooManySlugs);
            }
            lease.ok_or(reservations::Rejection::LeaseExpired)?.permit(context.now)?;
        }
        Ok(Some(Event::Changed(change)))
    }

    fn ordered(&self, post_ids: &[Uuid]) -> Result<Option<Event>, Rejection> {
        let named: BTreeSet<Uuid> = post_ids.iter().copied().collect();
        let there: BTreeSet<Uuid> = self.post_ids.iter().copied().collect();
        if named != there || post_ids.len() != self.post_ids.len() {
            return Err(Rejection::NotThePosts);
        }
        let ordered = || Event::Ordered(Ordered { post_ids: post_ids.to_vec() });
        Ok((post_ids != self.post_ids).then(ordered))
    }

    /// The series after an event.
    pub(super) fn after(mut self, event: &Event) -> Self {
        match event {
            Event::Changed(changed) => self.change(changed),
            Event::PostAdded(PostAdded { post_id }) => self.post_ids.push(*post_id),
            Event::PostRemoved(PostRemoved { post_id }) => self.post_ids.retain(|id| id != post_id),
            Event::Ordered(Ordered { post_ids }) => self.post_ids.clone_from(post_ids),
            Event::Deleted(Deleted {}) => self.deleted = true,
            Event::Created(_) | Event::Reservation(_) => {}
        }
        self
    }

    fn change(&mut self, changed: &Changed) {
        let Changed { slug, title, description } = changed;
        if let Some(slug) = slug.as_ref().filter(|slug| self.slug != **slug) {
            self.former_slugs.retain(|former| former != slug);
            self.former_slugs.push(std::mem::replace(&mut self.slug, slug.clone()));
        }
        if let Some(title) = title {
            self.title = Digest::of(title.as_str());
        }
        if let Some(description) = description {
            self.description = Digest::of(description.as_str());
        }
    }
}
