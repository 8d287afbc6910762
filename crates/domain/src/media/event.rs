//! THE STORED FORMAT of the context `media`. These records are in the log for ever: add fields with a default at
//! the end, add variants; never change or remove one. Each payload is an Avro record in `avro-schemas/media/`.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Timestamp;
use crate::values::{AltText, MediaType, Rendition, Sha256};

crate::events! {
    /// What can have happened to an item.
    enum Event in "inklog.media" {
        /// The account has it: its bytes are stored.
        Uploaded(Uploaded),
        /// It has another description.
        Described(Described),
        /// Smaller sizes of it are stored.
        Rendered(Rendered),
        /// It was due to be swept, and is used; or it was brought again.
        Kept(Kept),
        /// Its owner has it no more.
        Deleted(Deleted),
        /// It is no more, for nothing used it.
        Swept(Swept),
    }
}

/// The account has it. What the file was called is not kept: names of files tell of people, and nothing needs them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Uploaded {
    /// Whose it is.
    pub account_id: Uuid,
    /// SHA-256 of the bytes as they are served, without what told of the camera, the place and the person.
    pub sha256: Sha256,
    /// Which upload it is: part of where the bytes are stored.
    pub upload_id: Uuid,
    /// What the bytes were found to be.
    pub media_type: MediaType,
    /// How many they are.
    pub bytes: i64,
    /// Of a picture, how many pixels wide it is shown.
    pub width: Option<i64>,
    /// Of a picture, how many pixels high it is shown.
    pub height: Option<i64>,
    /// Until when it is kept though nothing uses it.
    pub kept_until_at: Timestamp,
    /// Since when smaller sizes of it are to be made; null where none are.
    pub render_from_at: Option<Timestamp>,
}

/// It has another description.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Described {
    /// What is to be read where it is not seen.
    pub alt: AltText,
}

/// Smaller sizes of it are stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rendered {
    /// The last parts of their addresses, the smallest first; none where none could be made.
    pub renditions: Vec<Rendition>,
}

/// It was due to be swept, and is used; or it was brought again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// When it is looked at again.
    pub kept_until_at: Timestamp,
}

/// Its owner has it no more.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Deleted {}

/// It is no more, for nothing used it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Swept {}
