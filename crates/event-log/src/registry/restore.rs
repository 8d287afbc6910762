//! Brings back a registry that was lost: our schemas under the ids that the records of the log say.

use std::collections::{BTreeMap, BTreeSet};

use reqwest::Method;
use serde_json::{Value, json};

use super::{Id, Registry, RegistryError};
use crate::schemas::{Fingerprint, Layout, own};

/// What the records of the log say of schemas: by id, which one of ours it is, and the subjects that have it.
pub type InUse = BTreeMap<u32, (Fingerprint, BTreeSet<String>)>;

/// How a registry can be made to give an id.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// It takes the id that it is told, as Confluent's does in the mode IMPORT.
    Import,
    /// It counts, as Apicurio does: what is between two ids is used up by subjects that are then deleted.
    Count,
}

impl Registry {
    /// Registers each schema under its id, in a registry that has none of them, or some already.
    ///
    /// # Errors
    /// An id is another schema's, or cannot be had any more: the registry was begun anew and must be emptied first. Or
    /// see [`RegistryError`]. Asked again, it goes on where it stopped.
    pub async fn restore(&self, in_use: &InUse) -> Result<(), RegistryError> {
        let present = self.present(in_use).await?;
        let mut texts = texts(in_use);
        texts.extend(present.clone());
        let subjects: BTreeSet<&String> = in_use.values().flat_map(|(_, subjects)| subjects).collect();
        let way = self.way(&subjects).await?;
        let mut next = if self.subjects().await?.is_empty() { Some(1) } else { None };
        let mut fillers = Vec::new();
        let mut further = Vec::new();
        for (id, (_, subjects)) in in_use {
            if way == Way::Count && !present.contains_key(id) {
                self.count_to(*id, &mut next, &mut fillers).await?;
            }
            let mut subjects = subjects.iter().map(|subject| (*id, subject));
            if let Some((_, first)) = subjects.next() {
                self.register_under(*id, first, &texts[id], way).await?;
            }
            further.extend(subjects);
            next = next.map(|next| next.max(id + 1));
        }
        // A text that is there keeps its id in a further subject; one that counts uses up another for that.
        for (id, subject) in further {
            self.register_under(id, subject, &texts[&id], way).await?;
        }
        for filler in fillers {
            self.forget(&filler).await?;
        }
        if way == Way::Import {
            for subject in subjects {
                self.mode(subject, "READWRITE").await?;
            }
        }
        Ok(())
    }

    /// The schemas that the registry has under the ids that the log says.
    async fn present(&self, in_use: &InUse) -> Result<BTreeMap<u32, String>, RegistryError> {
        let (mut present, mut taken) = (BTreeMap::new(), Vec::new());
        for (id, (fingerprint, _)) in in_use {
            match self.schema(*id).await {
                Ok(text) if Layout::parse(&text).is_ok_and(|layout| layout.fingerprint == *fingerprint) => {
                    present.insert(*id, text);
                }
                Ok(_) => taken.push(id.to_string()),
                Err(RegistryError::Refused(_)) => {}
                Err(error) => return Err(error),
            }
        }
        if taken.is_empty() {
            return Ok(present);
        }
        let taken = taken.join(", ");
        Err(RegistryError::Contradicts(format!("ids {taken} are other schemas': empty the registry first")))
    }

    async fn way(&self, subjects: &BTreeSet<&String>) -> Result<Way, RegistryError> {
        for subject in subjects {
            match self.mode(subject, "IMPORT").await {
                Ok(()) => {}
                Err(RegistryError::Unsupported(_)) => return Ok(Way::Count),
                Err(error) => return Err(error),
            }
        }
        Ok(Way::Import)
    }

    async fn register_under(&self, id: u32, subject: &str, text: &str, way: Way) -> Result<(), RegistryError> {
        let given = self.register_as(subject, text, (way == Way::Import).then_some(id)).await?;
        if given == id {
            return Ok(());
        }
        let why = format!("schema {id} of {subject} is there already, as {given}: empty the registry first");
        Err(RegistryError::Contradicts(why))
    }

    /// Uses ids up until `id` is the next.
    async fn count_to(&self, id: u32, next: &mut Option<u32>, fillers: &mut Vec<String>) -> Result<(), RegistryError> {
        while *next != Some(id) {
            if next.is_some_and(|next| next > id) {
                return Err(RegistryError::Contradicts(format!("id {id} is past: empty the registry first")));
            }
            let number = fillers.len();
            let text = json!({"type": "record", "name": format!("filler_{number}"), "fields": []}).to_string();
            let subject = format!("inklog-restore-filler-{number}");
            *next = Some(self.register_as(&subject, &text, None).await? + 1);
            fillers.push(subject);
        }
        Ok(())
    }

    async fn register_as(&self, subject: &str, text: &str, id: Option<u32>) -> Result<u32, RegistryError> {
        let body = match id {
            Some(id) => json!({"schema": text, "id": id}),
            None => json!({"schema": text}),
        };
        let path = format!("/subjects/{subject}/versions");
        Ok(self.ask::<Id>(Method::POST, &path, Some(body.to_string())).await?.id)
    }

    async fn subjects(&self) -> Result<Vec<String>, RegistryError> {
        self.ask(Method::GET, "/subjects", None).await
    }

    async fn mode(&self, subject: &str, mode: &str) -> Result<(), RegistryError> {
        let body = json!({"mode": mode}).to_string();
        self.ask::<Value>(Method::PUT, &format!("/mode/{subject}?force=true"), Some(body)).await.map(drop)
    }

    async fn forget(&self, subject: &str) -> Result<(), RegistryError> {
        self.ask::<Value>(Method::DELETE, &format!("/subjects/{subject}"), None).await.map(drop)
    }
}

/// What to register under each id. A schema that has several (its words changed) has today's text under the newest,
/// under which it is written; the others say that they were restored, for two ids of one text cannot be had.
fn texts(in_use: &InUse) -> BTreeMap<u32, String> {
    let newest: BTreeMap<Fingerprint, u32> = in_use.iter().map(|(id, (fingerprint, _))| (*fingerprint, *id)).collect();
    let text = |(id, (fingerprint, _)): (&u32, &(Fingerprint, BTreeSet<String>))| {
        let text = own::text_of(*fingerprint)?;
        if newest.get(fingerprint) == Some(id) {
            return Some((*id, text.to_owned()));
        }
        let mut schema: Value = serde_json::from_str(text).ok()?;
        schema["doc"] = json!(format!("Restored as schema {id}; its words then are not known."));
        Some((*id, schema.to_string()))
    };
    in_use.iter().filter_map(text).collect()
}
