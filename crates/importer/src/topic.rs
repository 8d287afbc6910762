//! Topics become tags. A post may name one by its folder or by its title.

use std::collections::HashMap;

use domain::values::{Tag, kebab_of};

use crate::front_matter::{self, Shape};
use crate::note::Refusal;

/// The topics of a folder, by the words of their titles.
#[derive(Clone, Debug, Default)]
pub struct Topics(HashMap<String, Tag>);

impl Topics {
    /// Reads a topic's page. `name` is its folder's.
    ///
    /// # Errors
    /// The page has no readable front matter.
    pub fn read(&mut self, name: &str, text: &str) -> Result<(), Refusal> {
        let page = front_matter::read(text, &[("title", Shape::Text)])?;
        if let (Some((title, _)), Ok(tag)) = (page.fields.text("title"), name.parse::<Tag>()) {
            self.0.entry(kebab_of(title, 64)).or_insert(tag);
        }
        Ok(())
    }

    /// The tag that a post means by `name`; `None` if there is no letter or digit in it.
    #[must_use]
    pub fn tag(&self, name: &str) -> Option<Tag> {
        if let Ok(tag) = name.parse() {
            return Some(tag);
        }
        let words = kebab_of(name, 64);
        self.0.get(&words).cloned().or_else(|| words.parse().ok())
    }
}
