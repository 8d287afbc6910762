//! Whether a post says what is to be read where its pictures are not seen: asked where it becomes public, or is changed
//! while it is, and where an account takes back what it says of a picture.

use std::sync::Arc;

use domain::media::{Item, Media, Reference};
use domain::posts::{Posts, State};
use domain::values::Sha256;
use event_log::EventLog;
use service_kit::problem::Kind;
use service_kit::{FieldError, Problem};
use tokio::time::Instant;
use uuid::Uuid;

use crate::freshness::{read_to_the_end, stale};

/// So many posts are named to who takes their words away.
const MOST_NAMED: usize = 10;

/// The rule, and where it is known what the pictures say of themselves.
#[derive(Clone)]
pub struct Rule {
    log: Arc<EventLog<Media>>,
    required: bool,
}

impl Rule {
    /// A rule that is demanded or not, by what this log says of pictures.
    #[must_use]
    pub fn of(log: Arc<EventLog<Media>>, required: bool) -> Self {
        Self { log, required }
    }

    /// Whether there is anything to judge at all.
    #[must_use]
    pub fn required(&self) -> bool {
        self.required
    }

    /// Whether a post that shows these is judged by more than what it says itself.
    #[must_use]
    pub fn looks_up<'r>(&self, mut references: impl Iterator<Item = &'r Reference>) -> bool {
        self.required && references.any(|reference| !reference.described)
    }

    /// The pictures of a text with these references, and of a cover, that keep it from being public: each is to be
    /// described there, or by who writes it, for their picture. What is not there by now is not judged; what another
    /// instance has accepted is there, so this one reads to the end first.
    ///
    /// # Errors
    /// 503: this instance cannot say by `until` what there is.
    pub async fn missing(
        &self,
        text: &[Reference],
        cover: Option<&Reference>,
        writers: &[Uuid],
        until: Instant,
    ) -> Result<Vec<FieldError>, Problem> {
        let mut errors = Vec::new();
        if !self.looks_up(text.iter().chain(cover)) {
            return Ok(errors);
        }
        read_to_the_end(&self.log, until).await?;
        let shown = text.iter().map(|reference| ("/body", reference)).chain(cover.map(|cover| ("/cover/alt", cover)));
        for (pointer, reference) in shown.filter(|(_, reference)| !reference.described) {
            if !self.is_described(&reference.sha256, writers)? {
                let address = format!("{}{}", domain::values::WITHIN, reference.sha256);
                errors.push(FieldError::at(pointer, format!("{address} has no alternative text")));
            }
        }
        Ok(errors)
    }

    /// Whether the words of an account for its picture may go: not while a post that it writes, and that is public or
    /// can be restored as such, has none in their place.
    ///
    /// # Errors
    /// 422, naming such posts; 503: this instance cannot say by `until`.
    pub async fn without(&self, item: &Item, posts: &EventLog<Posts>, until: Instant) -> Result<(), Problem> {
        if !self.required {
            return Ok(());
        }
        read_to_the_end(&self.log, until).await?;
        let (_, state) = self.log.confirmed(&item.id()).map_err(stale)?;
        if !state.0.is_some_and(|stored| stored.is_image && !stored.alt.as_str().is_empty()) {
            return Ok(());
        }
        read_to_the_end(posts, until).await?;
        let mut errors = Vec::new();
        let shown = posts.ending_with(item.sha256.id(), |id, state| showing(item, id, state));
        for (id, writers) in shown.map_err(stale)? {
            let others: Vec<_> = writers.into_iter().filter(|writer| *writer != item.account_id).collect();
            if errors.len() < MOST_NAMED && !self.is_described(&item.sha256, &others)? {
                errors.push(FieldError::at("/alt", format!("post {id} shows it, and says nothing in its place")));
            }
        }
        if errors.is_empty() { Ok(()) } else { Err(undescribed(errors)) }
    }

    /// Others may have brought the same bytes: their words are not the writers'.
    fn is_described(&self, sha256: &Sha256, writers: &[Uuid]) -> Result<bool, Problem> {
        let pictures = self.log.ending_with(sha256.id(), |id, state| {
            let stored = state.0.as_ref().filter(|stored| stored.is_image)?;
            let item = Item::of(id).filter(|item| item.sha256 == *sha256)?;
            Some(writers.contains(&item.account_id) && !stored.alt.as_str().is_empty())
        });
        let pictures = pictures.map_err(stale)?;
        Ok(pictures.is_empty() || pictures.contains(&true))
    }
}

/// A post of the account that is public and shows its picture without words of its own, and who writes it.
fn showing(item: &Item, id: &str, state: &State) -> Option<(String, Vec<Uuid>)> {
    let State::Post(post) = state else { return None };
    let is_bare = |shown: &Reference| shown.sha256 == item.sha256 && !shown.described;
    let shows = post.media().iter().any(is_bare) || post.cover().as_ref().is_some_and(is_bare);
    let (writers, is_public) = (post.writers(), post.published || post.due().is_some());
    (shows && is_public && writers.contains(&item.account_id)).then(|| (id.to_owned(), writers))
}

/// The problem of a post that shows these.
#[must_use]
pub fn undescribed(pictures: Vec<FieldError>) -> Problem {
    Problem::invalid_as(&Kind::ALT_TEXT_MISSING, pictures)
}

#[cfg(test)]
mod tests;
