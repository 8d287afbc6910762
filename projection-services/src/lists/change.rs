use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::views::Tagged;
use uuid::Uuid;

use super::Keys;
use super::commit::Written;

/// Rows as they were and as they are to be.
#[derive(Debug, Default)]
pub(super) struct Changes(Vec<(Option<Tagged>, Tagged)>);

impl Changes {
    /// What differs. A row never vanishes: a deleted post keeps its row, for it can be restored.
    pub(super) fn between(mut before: HashMap<Uuid, Tagged>, after: HashMap<Uuid, Tagged>) -> Self {
        let pairs = after.into_iter().map(|(id, after)| (before.remove(&id), after));
        Self(pairs.filter(|(before, after)| before.as_ref() != Some(after)).collect())
    }

    /// The Redis commands that make it so. Each says how things are to be and not by how much they change, so that
    /// doing it twice is the same as doing it once. They are few: one per key, unless there is very much to say.
    pub(super) fn commands(&self, keys: &Keys) -> Vec<Vec<String>> {
        let (mut rows, mut gone, mut listed) = (Vec::new(), Words::new(), Words::new());
        for (before, after) in &self.0 {
            let id = after.post_id.to_string();
            rows.extend([id.clone(), serde_json::to_string(after).expect("a row is strings, numbers and flags")]);
            let (was, is) = (before.as_ref().and_then(Tagged::listed), after.listed());
            if was == is {
                continue;
            }
            let (was_tags, is_tags) = (tags(was.as_ref()), tags(is.as_ref()));
            for tag in was_tags.difference(&is_tags) {
                gone.entry(keys.tag(tag)).or_default().push(id.clone());
            }
            match &is {
                Some((at, _)) => {
                    for key in is_tags.iter().map(|tag| keys.tag(tag)).chain([keys.newest()]) {
                        listed.entry(key).or_default().extend([at.0.to_string(), id.clone()]);
                    }
                }
                None => gone.entry(keys.newest()).or_default().push(id),
            }
        }
        let rows = Words::from([(keys.posts(), rows)]);
        [("HSET", rows), ("ZREM", gone), ("ZADD", listed)].into_iter().flat_map(cut).collect()
    }

    /// All of it.
    pub(super) fn written(&self, keys: &Keys) -> Written {
        let tags = self.tags().into_iter().map(|tag| (tag.to_owned(), keys.tag(tag))).collect();
        Written { commands: self.commands(keys), tags, ..Written::default() }
    }

    /// The tags whose lists are written.
    pub(super) fn tags(&self) -> BTreeSet<&str> {
        let pairs = self.0.iter().map(|(before, after)| (before.as_ref().and_then(Tagged::listed), after.listed()));
        let changed = pairs.filter(|(was, is)| was != is);
        changed.flat_map(|(was, is)| &tags(was.as_ref()) | &tags(is.as_ref())).collect()
    }
}

fn tags<'a>(listed: Option<&(domain::Timestamp, Vec<&'a str>)>) -> BTreeSet<&'a str> {
    listed.map(|(_, tags)| tags.iter().copied().collect()).unwrap_or_default()
}

/// What is to be said about each key.
pub(super) type Words = BTreeMap<String, Vec<String>>;

/// So many words go into one command: Lua passes at most 8,000, and it is even, for pairs stay together.
const MOST_WORDS: usize = 4_000;

/// The commands that say it.
pub(super) fn cut((name, words): (&'static str, Words)) -> Vec<Vec<String>> {
    let command =
        |key: &str, words: &[String]| [name, key].into_iter().map(str::to_owned).chain(words.to_vec()).collect();
    words.iter().flat_map(|(key, words)| words.chunks(MOST_WORDS).map(|words| command(key, words))).collect()
}

#[cfg(test)]
mod tests;
