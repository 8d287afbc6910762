//! Topics become tags. A post may name one by its folder or by its title.

use std::collections::HashMap;

use domain::values::Tag;

use crate::front_matter::{self, Shape};
use crate::note::{Note, NoteKind, Refusal};
use crate::spelling::{Spelled, latin_tag, words};

/// The topics of a folder.
#[derive(Clone, Debug, Default)]
pub struct Topics {
    by_title: HashMap<String, Tag>,
    titles: Vec<Spelled>,
}

/// What a post means by a tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meant {
    /// The tag.
    pub tag: Tag,
    /// Whether it is a topic, named by its title; else the tag is what the name comes to.
    pub by_title: bool,
}

impl Topics {
    /// Reads a topic's page, and says what of it cannot be used. `name` is its folder's.
    ///
    /// # Errors
    /// The page has no readable front matter.
    pub fn read(&mut self, name: &str, text: &str) -> Result<Option<Note>, Refusal> {
        let page = front_matter::read(text, &[("title", Shape::Text)])?;
        let Some((title, line)) = page.fields.text("title") else { return Ok(None) };
        let unusable = |why: &str| Ok(Some(Note::new(NoteKind::TopicUnreadable, line, why)));
        let Ok(tag) = name.parse::<Tag>() else { return unusable("the folder's name is no tag") };
        if self.by_title.get(&words(title)).is_some_and(|other| *other != tag) {
            return unusable("another topic has the same title");
        }
        self.titles.push(Spelled { latin: latin_tag(title), name: title.to_owned(), line });
        self.by_title.insert(words(title), tag);
        Ok(None)
    }

    /// The tag that a post means by `name`; `None` if there is no letter or digit in it.
    #[must_use]
    pub fn tag(&self, name: &str) -> Option<Meant> {
        if let Ok(tag) = name.parse() {
            return Some(Meant { tag, by_title: false });
        }
        let topic = self.by_title.get(&words(name)).map(|tag| Meant { tag: tag.clone(), by_title: true });
        topic.or_else(|| latin_tag(name).parse().ok().map(|tag| Meant { tag, by_title: false }))
    }

    /// Whether a topic's title is `name`.
    #[must_use]
    pub fn is_title(&self, name: &str) -> bool {
        self.by_title.contains_key(&words(name))
    }

    /// The titles, for what is spelled otherwise and comes to the same letters.
    pub fn titles(&self) -> impl Iterator<Item = &Spelled> {
        self.titles.iter()
    }
}
