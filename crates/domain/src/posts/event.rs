//! THE STORED FORMAT of the context `posts`. These records are in the log for ever: add fields with a default at
//! the end, add variants; never change or remove one. Each payload is an Avro record in `avro-schemas/posts/`.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::ReservationEvent;
use super::co_authors::{CoAuthorEvent, CoAuthorInvited, CoAuthorJoined, CoAuthorLeft, HandedOver};
use super::co_authors::{InvitationDeclined, InvitationWithdrawn};
use super::previews::PreviewEvent;
use super::review::ReviewEvent;
use super::schedule::event::{ExpirySet, ExpiryWithdrawn, Scheduled, Unscheduled};
use crate::Timestamp;
use crate::fields::Gained;
use crate::values::{Markdown, Slug, Summary, Tag, Title};

crate::events! {
    /// What can have happened to a post, or to the reservation of a unique value.
    enum Event in "inklog.posts" {
        /// A post came to be, as a draft.
        Drafted(Drafted),
        /// Some of its fields were changed.
        Edited(Edited),
        /// It can be read by everyone.
        Published(Published),
        /// It can be read by its authors only.
        Unpublished(Unpublished),
        /// It was deleted; its slug stays taken.
        Deleted(Deleted),
        /// It is as it was before it was deleted.
        Restored(Restored),
        /// It is to be published at a time.
        Scheduled(Scheduled),
        /// It is not to be published by itself any more.
        Unscheduled(Unscheduled),
        /// It is to be readable by everyone until a time.
        ExpirySet(ExpirySet),
        /// It does not expire any more.
        ExpiryWithdrawn(ExpiryWithdrawn),
    }
    and
    /// Something happened between those who write it.
    CoAuthors(CoAuthorEvent)
    and
    /// Something happened to a link by which it is read before it is public.
    Previews(PreviewEvent)
    and
    /// Something happened in its review.
    Review(ReviewEvent)
    and
    /// Something happened to the reservation of a unique value.
    Reservation(ReservationEvent)
}

impl Event {
    /// Whose the post is from now on: who wrote it that came to be, or got it.
    #[must_use]
    pub fn author(&self) -> Option<Uuid> {
        match self {
            Self::Drafted(drafted) => Some(drafted.author_id),
            Self::CoAuthors(CoAuthorEvent::HandedOver(handed_over)) => Some(handed_over.to_account_id),
            Self::CoAuthors(_)
            | Self::Previews(_)
            | Self::Review(_)
            | Self::Edited(_)
            | Self::Published(_)
            | Self::Unpublished(_)
            | Self::Deleted(_)
            | Self::Restored(_)
            | Self::Scheduled(_)
            | Self::Unscheduled(_)
            | Self::ExpirySet(_)
            | Self::ExpiryWithdrawn(_)
            | Self::Reservation(_) => None,
        }
    }

    /// The account that is asked, answers or leaves; of a post that is handed over, who owned it.
    #[must_use]
    pub fn concerns(&self) -> Option<Uuid> {
        let Self::CoAuthors(event) = self else { return None };
        Some(match event {
            CoAuthorEvent::CoAuthorInvited(CoAuthorInvited { account_id })
            | CoAuthorEvent::InvitationWithdrawn(InvitationWithdrawn { account_id })
            | CoAuthorEvent::InvitationDeclined(InvitationDeclined { account_id })
            | CoAuthorEvent::CoAuthorJoined(CoAuthorJoined { account_id })
            | CoAuthorEvent::CoAuthorLeft(CoAuthorLeft { account_id }) => *account_id,
            CoAuthorEvent::HandedOver(HandedOver { from_account_id, .. }) => *from_account_id,
        })
    }

    /// The accounts that are named as co-authors, or invited, since this event.
    #[must_use]
    pub fn co_authors(&self) -> Vec<Uuid> {
        match self {
            Self::Drafted(drafted) => drafted.co_author_ids.clone(),
            Self::Edited(edited) => edited.co_author_ids.clone().unwrap_or_default(),
            Self::CoAuthors(_) => self.concerns().into_iter().collect(),
            Self::Published(_) | Self::Unpublished(_) | Self::Deleted(_) | Self::Restored(_) => Vec::new(),
            Self::Scheduled(_) | Self::Unscheduled(_) | Self::ExpirySet(_) | Self::ExpiryWithdrawn(_) => Vec::new(),
            Self::Previews(_) | Self::Review(_) | Self::Reservation(_) => Vec::new(),
        }
    }

    /// The bytes of its texts that can be long: of the body and the summary.
    #[must_use]
    pub fn text_bytes(&self) -> usize {
        match self {
            Self::Drafted(Drafted { summary, body, .. }) => summary.as_str().len() + body.as_str().len(),
            Self::Edited(Edited { summary, body, .. }) => {
                let summary = summary.as_ref().map_or(0, |summary| summary.as_str().len());
                summary + body.as_ref().map_or(0, |body| body.as_str().len())
            }
            Self::Published(_) | Self::Unpublished(_) | Self::Deleted(_) | Self::Restored(_) => 0,
            Self::Scheduled(_) | Self::Unscheduled(_) | Self::ExpirySet(_) | Self::ExpiryWithdrawn(_) => 0,
            Self::CoAuthors(_) | Self::Previews(_) | Self::Review(_) | Self::Reservation(_) => 0,
        }
    }
}

crate::fields::fields! {
    /// A post came to be, as a draft.
    Drafted {
        fixed {
            /// Who wrote it, and may change it.
            author_id: Uuid,
        }
        changeable {
            /// Who else is named as its author.
            co_author_ids: Vec<Uuid>,
            /// The part of its address that names it; a former one redirects to it.
            slug: Slug,
            /// Its title.
            title: Title,
            /// What it is about.
            summary: Summary,
            /// Its text.
            body: Markdown,
            /// Its tags, in the author's order.
            tags: Vec<Tag>,
            /// When it was first published elsewhere, for imports.
            originally_published_at: Option<Timestamp>,
            /// The categories that it is in, by their ids, in the author's order. One that is merged stands for the one
            /// it was merged into; one that is deleted, or is not there (yet), for nothing.
            category_ids: Gained<Uuid>,
        }
    }
    /// Some of a post's fields were changed; what is null stayed as it was, unless `reset_fields` names it.
    Edited(reset_fields)
    /// What a decision keeps of the fields that can be changed.
    Known
}

impl Drafted {
    /// The least that a post can be: what is not said is empty.
    #[must_use]
    pub fn new(author_id: Uuid, slug: Slug, title: Title) -> Self {
        Self {
            author_id,
            co_author_ids: Vec::new(),
            slug,
            title,
            summary: Summary::default(),
            body: Markdown::default(),
            tags: Vec::new(),
            originally_published_at: None,
            category_ids: Gained::default(),
        }
    }
}

/// A post can be read by everyone.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Published {}

/// A post can be read by its authors only.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Unpublished {}

/// A post was deleted.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Deleted {}

/// A post was restored.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Restored {}
