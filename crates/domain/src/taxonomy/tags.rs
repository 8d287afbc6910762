//! What is said of tags: what they are about, and which names stand for which. A tag of which nothing is said is not
//! here; posts name it all the same.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::event::{SynonymAdded, SynonymRemoved, TagDescribed, TagRenamed, TagsMerged};
use super::{Event, Rejection};
use crate::values::{Tag, TagDescription};

/// The most names of which something is said: descriptions, and names that stand for others. All of them are one
/// aggregate, which its leader keeps in memory.
pub const MOST_NAMES: usize = 5_000;

/// What can be asked of tags.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum TagCommand {
    /// Say what a tag is about; nothing, where the text is empty.
    Describe(TagDescribed),
    /// Give a tag a name of which nothing is said; the former one stands for it from then on.
    Rename {
        /// The tag.
        tag: Tag,
        /// Its new name.
        new_name: Tag,
    },
    /// Have a tag, and all that stands for it, stand for another.
    Merge {
        /// The tag.
        tag: Tag,
        /// The other one.
        into_tag: Tag,
    },
    /// Have a name of which nothing is said stand for a tag.
    AddSynonym(SynonymAdded),
    /// Have it stand for itself again.
    RemoveSynonym(SynonymRemoved),
}

/// What a decision needs to know of all tags.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tags {
    /// What each name stands for that does not stand for itself. None of these stands for another.
    pub(super) synonyms: BTreeMap<Tag, Tag>,
    /// As they are, and not as digests: one that is renamed takes its description along.
    descriptions: BTreeMap<Tag, TagDescription>,
}

impl Tags {
    /// Decides a command on tags.
    pub(super) fn decide(&self, command: &TagCommand) -> Result<Option<Event>, Rejection> {
        match command {
            TagCommand::Describe(described) => self.describes(described),
            TagCommand::Rename { tag, new_name } => self.renames(tag, new_name),
            TagCommand::Merge { tag, into_tag } => self.merges(tag, into_tag),
            TagCommand::AddSynonym(added) => self.adds(added),
            TagCommand::RemoveSynonym(removed) => {
                let SynonymRemoved { tag, synonym } = removed;
                let is_one = self.synonyms.get(synonym) == Some(tag);
                Ok(is_one.then(|| Event::SynonymRemoved(removed.clone())))
            }
        }
    }

    fn describes(&self, described: &TagDescribed) -> Result<Option<Event>, Rejection> {
        let TagDescribed { tag, description } = described;
        self.permit_canonical(tag)?;
        if self.description(tag) == *description {
            return Ok(None);
        }
        self.permit_more(usize::from(!self.descriptions.contains_key(tag)))?;
        Ok(Some(Event::TagDescribed(described.clone())))
    }

    fn renames(&self, tag: &Tag, new_name: &Tag) -> Result<Option<Event>, Rejection> {
        if self.synonyms.get(tag) == Some(new_name) {
            return Ok(None);
        }
        self.permit_canonical(tag)?;
        match self.synonyms.get(new_name) {
            Some(meant) if meant == tag => {}
            _ => self.permit_unknown(new_name)?,
        }
        if tag == new_name {
            return Err(Rejection::SameTag);
        }
        self.permit_more(1)?;
        let names = self.names_of(tag).into_iter().filter(|name| name != new_name).collect();
        let (tag, new_name, description) = (tag.clone(), new_name.clone(), self.description(tag));
        Ok(Some(Event::TagRenamed(TagRenamed { tag, new_name, names, description })))
    }

    fn merges(&self, tag: &Tag, into_tag: &Tag) -> Result<Option<Event>, Rejection> {
        if self.synonyms.get(tag) == Some(into_tag) {
            return Ok(None);
        }
        self.permit_canonical(tag)?;
        self.permit_canonical(into_tag)?;
        if tag == into_tag {
            return Err(Rejection::SameTag);
        }
        self.permit_more(1)?;
        let names = self.names_of(tag);
        Ok(Some(Event::TagsMerged(TagsMerged { tag: tag.clone(), into_tag: into_tag.clone(), names })))
    }

    fn adds(&self, added: &SynonymAdded) -> Result<Option<Event>, Rejection> {
        let SynonymAdded { tag, synonym } = added;
        if self.synonyms.get(synonym) == Some(tag) {
            return Ok(None);
        }
        self.permit_canonical(tag)?;
        self.permit_unknown(synonym)?;
        if tag == synonym {
            return Err(Rejection::SameTag);
        }
        self.permit_more(1)?;
        Ok(Some(Event::SynonymAdded(added.clone())))
    }

    /// A tag and what stands for it.
    #[must_use]
    pub fn names_of(&self, tag: &Tag) -> Vec<Tag> {
        let synonyms = self.synonyms.iter().filter(|(_, meant)| *meant == tag).map(|(name, _)| name.clone());
        std::iter::once(tag.clone()).chain(synonyms).collect()
    }

    fn description(&self, tag: &Tag) -> TagDescription {
        self.descriptions.get(tag).cloned().unwrap_or_default()
    }

    /// Whether a name stands for itself.
    fn permit_canonical(&self, tag: &Tag) -> Result<(), Rejection> {
        match self.synonyms.get(tag) {
            None => Ok(()),
            Some(meant) => Err(Rejection::StandsForAnother { tag: meant.clone() }),
        }
    }

    /// Whether nothing is said of a name.
    fn permit_unknown(&self, tag: &Tag) -> Result<(), Rejection> {
        self.permit_canonical(tag)?;
        let is_known = self.descriptions.contains_key(tag) || self.synonyms.values().any(|meant| meant == tag);
        if is_known { Err(Rejection::TagExists) } else { Ok(()) }
    }

    fn permit_more(&self, more: usize) -> Result<(), Rejection> {
        let names = self.synonyms.len() + self.descriptions.len() + more;
        if names <= MOST_NAMES { Ok(()) } else { Err(Rejection::TooManyNames) }
    }

    pub(super) fn describe(&mut self, TagDescribed { tag, description }: &TagDescribed) {
        if description.as_str().is_empty() {
            self.descriptions.remove(tag);
        } else {
            self.descriptions.insert(tag.clone(), description.clone());
        }
    }

    pub(super) fn rename(&mut self, renamed: &TagRenamed) {
        let TagRenamed { tag, new_name, names, description } = renamed;
        self.synonyms.remove(new_name);
        self.stand_for(names, new_name);
        self.descriptions.remove(tag);
        self.describe(&TagDescribed { tag: new_name.clone(), description: description.clone() });
    }

    pub(super) fn merge(&mut self, TagsMerged { tag, into_tag, names }: &TagsMerged) {
        self.stand_for(names, into_tag);
        self.descriptions.remove(tag);
    }

    pub(super) fn add(&mut self, SynonymAdded { tag, synonym }: &SynonymAdded) {
        self.synonyms.insert(synonym.clone(), tag.clone());
    }

    pub(super) fn remove(&mut self, SynonymRemoved { tag: _, synonym }: &SynonymRemoved) {
        self.synonyms.remove(synonym);
    }

    fn stand_for(&mut self, names: &[Tag], meant: &Tag) {
        for name in names.iter().filter(|name| *name != meant) {
            self.synonyms.insert(name.clone(), meant.clone());
        }
    }
}
