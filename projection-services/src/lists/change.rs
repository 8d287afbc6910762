use std::collections::{BTreeSet, HashMap};

use domain::views::Tagged;
use uuid::Uuid;

use super::Keys;

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
    /// doing it twice is the same as doing it once.
    pub(super) fn commands(&self, keys: &Keys) -> Vec<Vec<String>> {
        let mut commands = Vec::new();
        for (before, after) in &self.0 {
            let id = after.post_id.to_string();
            let row = serde_json::to_string(after).expect("a row is strings, numbers and flags");
            commands.push(command(["HSET", &keys.posts(), &id, &row]));
            let (was, is) = (before.as_ref().and_then(Tagged::listed), after.listed());
            if was == is {
                continue;
            }
            let (was_tags, is_tags) = (tags(was.as_ref()), tags(is.as_ref()));
            for tag in was_tags.difference(&is_tags) {
                commands.push(command(["ZREM", &keys.tag(tag), &id]));
            }
            match &is {
                Some((at, _)) => {
                    let at = at.0.to_string();
                    commands.push(command(["ZADD", &keys.newest(), &at, &id]));
                    commands.extend(is_tags.iter().map(|tag| command(["ZADD", &keys.tag(tag), &at, &id])));
                }
                None => commands.push(command(["ZREM", &keys.newest(), &id])),
            }
        }
        commands
    }

    /// The tags whose number of listed posts may have changed.
    pub(super) fn tags(&self) -> BTreeSet<&str> {
        self.0
            .iter()
            .flat_map(|(before, after)| {
                let (was, is) = (before.as_ref().and_then(Tagged::listed), after.listed());
                tags(was.as_ref()).symmetric_difference(&tags(is.as_ref())).copied().collect::<Vec<_>>()
            })
            .collect()
    }
}

fn tags<'a>(listed: Option<&(domain::Timestamp, Vec<&'a str>)>) -> BTreeSet<&'a str> {
    listed.map(|(_, tags)| tags.iter().copied().collect()).unwrap_or_default()
}

fn command<const N: usize>(words: [&str; N]) -> Vec<String> {
    words.map(str::to_owned).to_vec()
}

#[cfg(test)]
mod tests;
