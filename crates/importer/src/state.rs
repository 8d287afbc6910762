//! What was imported last, in a file of the caller's: a later run sends only what the folder has changed since, so that
//! what was changed here by hand meanwhile stays.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// The only form that there is yet.
const FORM: u32 = 1;

/// What was imported, by id.
#[derive(Debug, Default)]
pub(crate) struct State {
    path: Option<PathBuf>,
    entries: BTreeMap<Uuid, String>,
}

/// The file.
#[derive(Serialize, Deserialize)]
struct Stored {
    form: u32,
    entries: BTreeMap<Uuid, String>,
}

impl State {
    /// What the file says; nothing where there is none yet, or none is asked for.
    ///
    /// # Errors
    /// It cannot be read, or is no such file: nothing is overwritten on the strength of that.
    pub(crate) fn read(path: Option<&Path>) -> anyhow::Result<Self> {
        let Some(path) = path else { return Ok(Self::default()) };
        let name = path.display();
        let entries = match fs::read(path) {
            Ok(bytes) => {
                let stored: Stored = serde_json::from_slice(&bytes).with_context(|| format!("{name} is no state"))?;
                anyhow::ensure!(stored.form == FORM, "{name} is of another version of the importer");
                stored.entries
            }
            Err(error) if error.kind() == ErrorKind::NotFound => BTreeMap::new(),
            Err(error) => return Err(error).with_context(|| format!("{name} cannot be read")),
        };
        Ok(Self { path: Some(path.to_owned()), entries })
    }

    /// Whether this is what was imported last of an entry.
    pub(crate) fn is_as_before(&self, id: Uuid, digest: &str) -> bool {
        self.entries.get(&id).is_some_and(|before| before == digest)
    }

    /// Remembers what was imported.
    pub(crate) fn remember(&mut self, id: Uuid, digest: String) {
        self.entries.insert(id, digest);
    }

    /// Writes the file, all of it or nothing.
    ///
    /// # Errors
    /// It cannot be written.
    pub(crate) fn write(&self) -> anyhow::Result<()> {
        let Some(path) = &self.path else { return Ok(()) };
        let stored = Stored { form: FORM, entries: self.entries.clone() };
        let mut beside = path.clone().into_os_string();
        beside.push(".new");
        let written = serde_json::to_vec_pretty(&stored).map_err(std::io::Error::from);
        let written = written.and_then(|bytes| fs::write(&beside, bytes)).and_then(|()| fs::rename(&beside, path));
        written.with_context(|| format!("what was imported cannot be kept in {}", path.display()))
    }
}

/// What tells whether an entry is as it was.
pub(crate) fn digest(entry: &impl Serialize) -> String {
    let bytes = serde_json::to_vec(entry).expect("texts, lists and ids have a JSON form");
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_imported_is_known_the_next_time() {
        let path = std::env::temp_dir().join(format!("inklog-import-state-{}", Uuid::new_v4()));
        let (id, now) = (Uuid::from_u128(1), digest(&("a", true)));
        let mut state = State::read(Some(&path)).unwrap();
        assert!(!state.is_as_before(id, &now));
        state.remember(id, now.clone());
        state.write().unwrap();
        let state = State::read(Some(&path)).unwrap();
        assert!(state.is_as_before(id, &now) && !state.is_as_before(id, &digest(&("a", false))));

        fs::write(&path, "{}").unwrap();
        assert!(State::read(Some(&path)).is_err());
        fs::remove_file(&path).unwrap();
        State::read(None).unwrap().write().unwrap();
    }
}
