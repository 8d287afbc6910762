//! THE STORED FORMAT of the context `series`. These records are in the log for ever: add fields with a default at
//! the end, add variants; never change or remove one. Each payload is an Avro record in `avro-schemas/series/`.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::ReservationEvent;
use crate::values::{Slug, Summary, Title};

crate::events! {
    /// What can have happened to a series, or to the reservation of a unique value.
    enum Event in "inklog.series" {
        /// A series came to be, without posts.
        Created(Created),
        /// Some of its fields were changed.
        Changed(Changed),
        /// A post was put into it, as the last.
        PostAdded(PostAdded),
        /// A post was taken out of it.
        PostRemoved(PostRemoved),
        /// Its posts were put into an order.
        Ordered(Ordered),
        /// It was deleted for good; its slugs stay taken.
        Deleted(Deleted),
    }
    and
    /// Something happened to the reservation of a unique value.
    Reservation(ReservationEvent)
}

/// A series came to be, without posts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Created {
    /// Whose it is.
    pub owner_id: Uuid,
    /// The part of its address that names it; a former one redirects to it.
    pub slug: Slug,
    /// What it is called.
    pub title: Title,
    /// What it is about; may be empty.
    pub description: Summary,
}

/// Some of a series' fields were changed; what is null stayed as it was.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Changed {
    /// The new slug.
    pub slug: Option<Slug>,
    /// The new title.
    pub title: Option<Title>,
    /// The new description.
    pub description: Option<Summary>,
}

/// A post was put into a series, as the last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PostAdded {
    /// The post.
    pub post_id: Uuid,
}

/// A post was taken out of a series.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PostRemoved {
    /// The post.
    pub post_id: Uuid,
}

/// The posts of a series were put into an order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ordered {
    /// All of them, in their new order.
    pub post_ids: Vec<Uuid>,
}

/// A series was deleted for good.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Deleted {}
