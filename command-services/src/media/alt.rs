//! Whether a post says what is to be read where its pictures are not seen: asked where it becomes public, or is changed
//! while it is.

use std::sync::Arc;

use domain::media::{Item, Media, Reference};
use event_log::EventLog;
use service_kit::problem::Kind;
use service_kit::{FieldError, Problem};
use uuid::Uuid;

use crate::freshness::stale;

/// The rule, and where it is known what the pictures say of themselves.
#[derive(Clone)]
pub struct Rule {
    pub(super) log: Arc<EventLog<Media>>,
    pub(super) required: bool,
}

impl Rule {
    /// Whether a text with these references, and a cover, may be public: each picture is described there, or by who
    /// writes it, for their picture. What is not there, as far as this instance has read, is not judged.
    ///
    /// # Errors
    /// 422, naming the pictures that are not described.
    pub fn permit(&self, text: &[Reference], cover: Option<&Reference>, writers: &[Uuid]) -> Result<(), Problem> {
        let mut errors = Vec::new();
        let shown = text.iter().map(|reference| ("/body", reference)).chain(cover.map(|cover| ("/cover/alt", cover)));
        for (pointer, reference) in shown.filter(|(_, reference)| self.required && !reference.described) {
            if !self.is_described(reference, writers)? {
                let address = format!("{}{}", domain::values::WITHIN, reference.sha256);
                errors.push(FieldError::at(pointer, format!("{address} has no alternative text")));
            }
        }
        if errors.is_empty() { Ok(()) } else { Err(Problem::invalid_as(&Kind::ALT_TEXT_MISSING, errors)) }
    }

    /// Others may have brought the same bytes: their words are not the writers'.
    fn is_described(&self, Reference { sha256, .. }: &Reference, writers: &[Uuid]) -> Result<bool, Problem> {
        let pictures = self.log.ending_with(sha256.id(), |id, state| {
            let stored = state.0.as_ref().filter(|stored| stored.is_image)?;
            let item = Item::of(id).filter(|item| item.sha256 == *sha256)?;
            Some(writers.contains(&item.account_id) && !stored.alt.as_str().is_empty())
        });
        let pictures = pictures.map_err(stale)?;
        Ok(pictures.is_empty() || pictures.contains(&true))
    }
}
