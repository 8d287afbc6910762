//! The view of what is said of tags.

use super::{Seen, SourceEvent, View};
use crate::taxonomy::{Event, SynonymAdded, SynonymRemoved, TagDescribed, TagRenamed, TagsMerged, Taxonomy};
use crate::values::Tag;

/// The view of every name of which something is said.
#[derive(Clone, Copy, Debug)]
pub struct TagNames;

/// A name of a tag.
#[derive(Clone, Debug, PartialEq)]
pub struct TagName {
    /// The name.
    pub name: String,
    /// The tag that it stands for: itself, or another that stands for itself.
    pub tag: String,
    /// What the tag is about, where the name stands for itself; else empty.
    pub description: String,
    /// The version of all that is said of tags in which this was last changed.
    pub version: u64,
}

impl View for TagNames {
    const NAME: &'static str = "tag_names";
    type Source = Taxonomy;
    type Key = String;
    type Row = TagName;

    fn keys(event: SourceEvent<'_, Taxonomy>) -> impl IntoIterator<Item = String> {
        let text = |names: &[&Tag]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
        match event.event {
            Event::TagDescribed(TagDescribed { tag, .. }) => text(&[tag]),
            Event::TagRenamed(TagRenamed { new_name, names, .. }) => {
                text(&names.iter().chain([new_name]).collect::<Vec<_>>())
            }
            Event::TagsMerged(TagsMerged { names, .. }) => text(&names.iter().collect::<Vec<_>>()),
            Event::SynonymAdded(SynonymAdded { synonym, .. })
            | Event::SynonymRemoved(SynonymRemoved { synonym, .. }) => text(&[synonym]),
            Event::CategoryCreated(_)
            | Event::CategoryChanged(_)
            | Event::CategoryMoved(_)
            | Event::CategoriesOrdered(_)
            | Event::CategoryMerged(_)
            | Event::CategoryDeleted(_) => Vec::new(),
        }
    }

    /// Most events are about other names.
    fn seen(row: Option<&TagName>, _: SourceEvent<'_, Taxonomy>) -> Seen {
        Seen::Some(row.map_or(0, |row| row.version))
    }

    fn fold(name: &String, row: Option<TagName>, event: SourceEvent<'_, Taxonomy>) -> Option<TagName> {
        let version = event.version;
        // Of a name that stands for itself without a description nothing is said: it has no row, as in the log.
        let stands_for = |tag: &Tag, description: &str| {
            let says = tag.as_str() != name || !description.is_empty();
            let (tag, description) = (tag.to_string(), description.to_owned());
            says.then(|| TagName { name: name.clone(), tag, description, version })
        };
        match event.event {
            Event::TagDescribed(TagDescribed { tag, description }) => stands_for(tag, description.as_str()),
            Event::TagRenamed(TagRenamed { new_name, description, .. }) if new_name.as_str() == name => {
                stands_for(new_name, description.as_str())
            }
            Event::TagRenamed(TagRenamed { new_name: tag, .. })
            | Event::TagsMerged(TagsMerged { into_tag: tag, .. })
            | Event::SynonymAdded(SynonymAdded { tag, .. }) => stands_for(tag, ""),
            // It stands for itself again, and nothing is said of it.
            Event::SynonymRemoved(_) => None,
            Event::CategoryCreated(_)
            | Event::CategoryChanged(_)
            | Event::CategoryMoved(_)
            | Event::CategoriesOrdered(_)
            | Event::CategoryMerged(_)
            | Event::CategoryDeleted(_) => row,
        }
    }
}
