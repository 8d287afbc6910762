//! THE STORED FORMAT of the context `posts`. These records are in the log for ever: add fields with a default at
//! the end, add variants; never change or remove one. Each payload is an Avro record in `avro-schemas/posts/`.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::ReservationEvent;
use super::archive::ArchiveEvent;
use super::co_authors::CoAuthorEvent;
use super::moderated::RulingEvent;
use super::previews::PreviewEvent;
use super::review::ReviewEvent;
use super::schedule::event::{ExpirySet, ExpiryWithdrawn, Scheduled, Unscheduled};
use crate::Timestamp;
use crate::fields::Gained;
use crate::media;
use crate::values::{AltText, Comments, CoverImage, CustomFields, Locale, Markdown, MetaDescription, Percent};
use crate::values::{Slug, Summary, Tag, Title, Visibility, WebAddress};

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
        /// It gave a former slug up.
        SlugGivenUp(SlugGivenUp),
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
    /// It was put into the archive, or taken out.
    Archive(ArchiveEvent)
    and
    /// A moderator hid it, or shows it again.
    Ruling(RulingEvent)
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
            Self::Archive(_)
            | Self::Ruling(_)
            | Self::CoAuthors(_)
            | Self::Previews(_)
            | Self::Review(_)
            | Self::Edited(_)
            | Self::Published(_)
            | Self::Unpublished(_)
            | Self::Deleted(_)
            | Self::Restored(_)
            | Self::SlugGivenUp(_)
            | Self::Scheduled(_)
            | Self::Unscheduled(_)
            | Self::ExpirySet(_)
            | Self::ExpiryWithdrawn(_)
            | Self::Reservation(_) => None,
        }
    }

    /// The accounts that it names beside the owner that there is since: co-authors, and who is asked, answers, leaves
    /// or handed it over.
    #[must_use]
    pub fn co_authors(&self) -> Vec<Uuid> {
        match self {
            Self::Drafted(drafted) => drafted.co_author_ids.clone(),
            Self::Edited(edited) => edited.co_author_ids.clone().unwrap_or_default(),
            Self::CoAuthors(event) => vec![event.account_id()],
            Self::Published(_) | Self::Unpublished(_) | Self::Deleted(_) | Self::Restored(_) => Vec::new(),
            Self::SlugGivenUp(_) | Self::Archive(_) | Self::Ruling(_) => Vec::new(),
            Self::Scheduled(_) | Self::Unscheduled(_) | Self::ExpirySet(_) | Self::ExpiryWithdrawn(_) => Vec::new(),
            Self::Previews(_) | Self::Review(_) | Self::Reservation(_) => Vec::new(),
        }
    }

    /// Whom and what the post names since this event: co-authors, and the media that it shows.
    #[must_use]
    pub fn found_by(&self) -> Vec<Uuid> {
        let texts = [self.body().map(Markdown::as_str), self.custom_fields().map(CustomFields::as_str)];
        let named = texts.into_iter().flatten().flat_map(media::references).map(|reference| reference.sha256);
        let media = named.chain(self.cover().and_then(CoverImage::sha256));
        self.co_authors().into_iter().chain(media.map(|sha256| sha256.id())).collect()
    }

    /// The fields of one's own that the post has since this event.
    #[must_use]
    pub fn custom_fields(&self) -> Option<&CustomFields> {
        match self {
            Self::Drafted(drafted) => drafted.custom_fields.as_ref(),
            Self::Edited(edited) => edited.custom_fields.as_ref(),
            Self::Published(_) | Self::Unpublished(_) | Self::Deleted(_) | Self::Restored(_) => None,
            Self::Scheduled(_) | Self::Unscheduled(_) | Self::ExpirySet(_) | Self::ExpiryWithdrawn(_) => None,
            Self::SlugGivenUp(_) | Self::Archive(_) | Self::CoAuthors(_) | Self::Previews(_) => None,
            Self::Ruling(_) | Self::Review(_) | Self::Reservation(_) => None,
        }
    }

    /// Whether what this field held is taken away by this event.
    #[must_use]
    pub fn takes_away(&self, field: &str) -> bool {
        matches!(self, Self::Edited(edited) if edited.resets(field))
    }

    /// The cover that the post has since this event.
    #[must_use]
    pub fn cover(&self) -> Option<&CoverImage> {
        match self {
            Self::Drafted(drafted) => drafted.cover_image.as_ref(),
            Self::Edited(edited) => edited.cover_image.as_ref(),
            Self::Published(_) | Self::Unpublished(_) | Self::Deleted(_) | Self::Restored(_) => None,
            Self::Scheduled(_) | Self::Unscheduled(_) | Self::ExpirySet(_) | Self::ExpiryWithdrawn(_) => None,
            Self::SlugGivenUp(_) | Self::Archive(_) | Self::CoAuthors(_) | Self::Previews(_) => None,
            Self::Ruling(_) | Self::Review(_) | Self::Reservation(_) => None,
        }
    }

    /// The text that the post has since this event.
    #[must_use]
    pub fn body(&self) -> Option<&Markdown> {
        match self {
            Self::Drafted(drafted) => Some(&drafted.body),
            Self::Edited(edited) => edited.body.as_ref(),
            Self::Published(_) | Self::Unpublished(_) | Self::Deleted(_) | Self::Restored(_) => None,
            Self::Scheduled(_) | Self::Unscheduled(_) | Self::ExpirySet(_) | Self::ExpiryWithdrawn(_) => None,
            Self::SlugGivenUp(_) | Self::Archive(_) | Self::CoAuthors(_) | Self::Previews(_) => None,
            Self::Ruling(_) | Self::Review(_) | Self::Reservation(_) => None,
        }
    }

    /// The bytes of its texts that can be long: of the body, the summary and the custom fields.
    #[must_use]
    pub fn text_bytes(&self) -> usize {
        fn bytes<T: AsRef<str>>(text: Option<&T>) -> usize {
            text.map_or(0, |text| text.as_ref().len())
        }
        match self {
            Self::Drafted(Drafted { summary, body, custom_fields, .. }) => {
                bytes(Some(summary)) + bytes(Some(body)) + bytes(custom_fields.as_ref())
            }
            Self::Edited(Edited { summary, body, custom_fields, .. }) => {
                bytes(summary.as_ref()) + bytes(body.as_ref()) + bytes(custom_fields.as_ref())
            }
            Self::Published(_) | Self::Unpublished(_) | Self::Deleted(_) | Self::Restored(_) => 0,
            Self::Scheduled(_) | Self::Unscheduled(_) | Self::ExpirySet(_) | Self::ExpiryWithdrawn(_) => 0,
            Self::SlugGivenUp(_) | Self::Archive(_) | Self::Ruling(_) | Self::CoAuthors(_) => 0,
            Self::Previews(_) | Self::Review(_) | Self::Reservation(_) => 0,
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
            /// Where the text stands that search engines are to take for the first: an address elsewhere.
            canonical_url: Option<WebAddress>,
            /// The picture at its head.
            cover_image: Option<CoverImage>,
            /// What that shows.
            cover_alt: Option<AltText>,
            /// What of it is to be seen wherever it is cut: how far from the left.
            cover_focal_x: Option<Percent>,
            /// How far from the top.
            cover_focal_y: Option<Percent>,
            /// The language that it is written in.
            language_tag: Option<Locale>,
            /// The post that it is a translation of.
            translation_of: Option<Uuid>,
            /// Its title for search engines, where that is another.
            meta_title: Option<Title>,
            /// What search engines and previews show of it.
            meta_description: Option<MetaDescription>,
            /// Fields of one's own.
            custom_fields: Option<CustomFields>,
            /// Who can read it once it is published; everyone where it is not said.
            visibility: Option<Visibility>,
            /// Whether it is put before others.
            featured: Option<bool>,
            /// Who may comment; anyone with an account where it is not said.
            comments: Option<Comments>,
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
            canonical_url: None,
            cover_image: None,
            cover_alt: None,
            cover_focal_x: None,
            cover_focal_y: None,
            language_tag: None,
            translation_of: None,
            meta_title: None,
            meta_description: None,
            custom_fields: None,
            visibility: None,
            featured: None,
            comments: None,
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

/// A post gave a former slug up: it leads to the post no more, and another may have it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SlugGivenUp {
    /// The slug.
    pub slug: Slug,
}
