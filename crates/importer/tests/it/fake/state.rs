//! What the fake remembers, and how it decides.

use std::collections::HashMap;

use actix_web::http::StatusCode;
use serde_json::{Value, json};

use super::{Troubles, problem};

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// An account.
    Account,
    /// A post.
    Post,
}

impl Kind {
    /// The member that is its name.
    pub(crate) fn member(self) -> &'static str {
        match self {
            Self::Account => "user_name",
            Self::Post => "slug",
        }
    }

    /// The problem when another has the name.
    fn taken(self) -> &'static str {
        match self {
            Self::Account => "user-name-taken",
            Self::Post => "slug-taken",
        }
    }
}

/// An account or a post.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// Its version.
    pub(crate) version: i64,
    /// Its content.
    pub(crate) content: Value,
    /// Whether it is published.
    pub(crate) published: bool,
    /// When it is to be published, and when unpublished.
    pub(crate) times: [Option<String>; 2],
    /// Whether the time of its expiry has come.
    pub(crate) is_expired: bool,
}

/// Everything that was commanded.
#[derive(Debug, Default)]
pub(crate) struct State {
    /// The entries, by their ids.
    pub(crate) entries: HashMap<(Kind, String), Entry>,
    /// The categories, by their ids.
    pub(crate) categories: HashMap<String, Value>,
    /// Who has a name.
    pub(crate) names: HashMap<(Kind, String), String>,
    /// What was brought, and what stands for it in its address.
    pub(crate) media: HashMap<String, String>,
    /// What happened, in order.
    pub(crate) events: Vec<(String, &'static str)>,
    /// Commands that made an event: payload, status, reply.
    pub(crate) applied: HashMap<String, (String, StatusCode, Value)>,
    /// What goes wrong on purpose.
    pub(crate) troubles: Troubles,
    /// How many requests came, those in bulk one by one.
    pub(crate) requests: u64,
    /// How many came together, of each bulk request.
    pub(crate) bulks: Vec<usize>,
}

type Answer = (StatusCode, Value);

impl State {
    /// Takes what is brought, but for one text.
    pub(crate) fn bring(&mut self, bytes: &[u8]) -> (StatusCode, Value) {
        let text = String::from_utf8_lossy(bytes).into_owned();
        if text == "refused" {
            return (StatusCode::UNPROCESSABLE_ENTITY, problem("invalid", "it is no picture"));
        }
        let (number, there) = (self.media.len() + 1, self.media.contains_key(&text));
        let sha256 = self.media.entry(text).or_insert_with(|| format!("{number:064}")).clone();
        if !there {
            self.events.push((sha256.clone(), "Uploaded"));
        }
        let status = if there { StatusCode::OK } else { StatusCode::CREATED };
        (status, json!({"address": format!("/media/{sha256}"), "version": 1, "changed": !there}))
    }

    /// The entries of a kind.
    pub(crate) fn of(&self, kind: Kind) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |((of, _), _)| *of == kind).map(|(_, entry)| entry)
    }

    /// The entry with a name.
    pub(crate) fn named(&self, kind: Kind, name: &str) -> &Entry {
        let id = self.names.get(&(kind, name.to_owned())).unwrap_or_else(|| panic!("nothing is called {name}"));
        &self.entries[&(kind, id.clone())]
    }

    /// Another client's entry takes a name.
    pub(crate) fn take(&mut self, kind: Kind, name: &str) {
        self.names.insert((kind, name.to_owned()), "another entry".to_owned());
    }

    pub(super) fn put(&mut self, kind: Kind, id: &str, if_match: Option<i64>, content: Value) -> Answer {
        let title = content["title"].as_str().unwrap_or_default();
        if self.troubles.refused_word.is_some_and(|word| title.contains(word)) {
            let mut refused = problem("invalid", "the body is not as it should be");
            refused["errors"] = json!([{"pointer": "/title", "detail": "is not to our taste"}]);
            return (StatusCode::UNPROCESSABLE_ENTITY, refused);
        }
        let (member, taken) = (kind.member(), kind.taken());
        let name = (kind, content[member].as_str().expect(member).to_lowercase());
        let key = (kind, id.to_owned());
        let renamed = |entry: &Entry| entry.content[member] != content[member];
        // That is decided before a name is asked for.
        if kind == Kind::Account && self.entries.get(&key).is_some_and(renamed) {
            let mut fixed = problem("invalid", "the user name of an account cannot be changed this way");
            fixed["errors"] = json!([{"pointer": "/user_name", "detail": "cannot be changed this way"}]);
            return (StatusCode::UNPROCESSABLE_ENTITY, fixed);
        }
        if self.names.get(&name).is_some_and(|holder| holder != id) {
            return (StatusCode::CONFLICT, problem(taken, "another has it"));
        }
        let (status, event) = match self.entries.get_mut(&key) {
            None => {
                let entry = Entry { version: 1, content, published: false, times: [None, None], is_expired: false };
                self.entries.insert(key.clone(), entry);
                (StatusCode::CREATED, Some("created"))
            }
            Some(entry) if entry.content == content => (StatusCode::OK, None),
            Some(entry) => match if_match {
                None => {
                    return (
                        StatusCode::PRECONDITION_REQUIRED,
                        at(problem("precondition-required", "differs"), entry.version),
                    );
                }
                Some(version) if version != entry.version => {
                    return (StatusCode::PRECONDITION_FAILED, at(problem("version-conflict", "lost"), entry.version));
                }
                Some(version) => {
                    (entry.version, entry.content) = (version + 1, content);
                    (StatusCode::OK, Some("edited"))
                }
            },
        };
        self.names.insert(name, id.to_owned());
        self.done(&key, status, event)
    }

    pub(super) fn create_category(&mut self, content: Value) -> Answer {
        let id = content["id"].as_str().expect("the importer says the id").to_owned();
        let has_slug = |(_, other): &(&String, &Value)| other["slug"] == content["slug"];
        match (self.categories.get(&id), self.categories.iter().find(has_slug)) {
            (Some(there), _) if *there == content => {
                (StatusCode::OK, json!({"id": id, "version": 1, "changed": false}))
            }
            (Some(there), _) => {
                let mut exists = problem("exists", "it is there, or was, and differs");
                match there.get("fate").map(|fate| fate["into"].as_str()) {
                    None => exists["category_id"] = json!(id),
                    Some(Some(into)) => exists["category_id"] = json!(into),
                    Some(None) => {}
                }
                (StatusCode::CONFLICT, exists)
            }
            (None, Some((other, _))) => {
                let mut taken = problem("slug-taken", "another has it");
                taken["category_id"] = json!(other);
                (StatusCode::CONFLICT, taken)
            }
            (None, None) => {
                let parent = &content["parent_id"];
                let is_there = |parent: &Value| {
                    parent
                        .as_str()
                        .is_some_and(|id| self.categories.get(id).is_some_and(|there| there.get("fate").is_none()))
                };
                assert!(parent.is_null() || is_there(parent), "what a category is below comes before it");
                self.events.push((id.clone(), "category created"));
                self.categories.insert(id.clone(), content);
                (StatusCode::CREATED, json!({"id": id, "version": 1, "changed": true}))
            }
        }
    }

    pub(super) fn set_published(&mut self, id: &str, published: bool) -> Answer {
        let key = (Kind::Post, id.to_owned());
        let Some(entry) = self.entries.get_mut(&key) else {
            return (StatusCode::NOT_FOUND, problem("not-found", "there is no such post"));
        };
        if published && entry.is_expired {
            return (StatusCode::CONFLICT, problem("expired", "its expiry has passed"));
        }
        let changed = entry.published != published || (entry.times[0].is_some());
        entry.times[0] = None;
        entry.published = published;
        entry.version += i64::from(changed);
        let event = if published { "published" } else { "unpublished" };
        self.done(&key, StatusCode::OK, changed.then_some(event))
    }

    pub(super) fn set_time(&mut self, id: &str, what: &str, at: Option<String>) -> Answer {
        let key = (Kind::Post, id.to_owned());
        let Some(entry) = self.entries.get_mut(&key) else {
            return (StatusCode::NOT_FOUND, problem("not-found", "there is no such post"));
        };
        let is_release = what == "schedule";
        let time = &mut entry.times[usize::from(!is_release)];
        let changed = *time != at;
        if changed && is_release && entry.published {
            return (StatusCode::CONFLICT, problem("published", "it is published already"));
        }
        *time = at;
        entry.is_expired &= is_release;
        entry.version += i64::from(changed);
        self.done(&key, StatusCode::OK, changed.then_some("timed"))
    }

    /// What an edit that changes nothing is answered with.
    pub(super) fn name_of(&mut self, kind: Kind, id: &str) -> Answer {
        let key = (kind, id.to_owned());
        if self.entries.contains_key(&key) {
            self.done(&key, StatusCode::OK, None)
        } else {
            (StatusCode::NOT_FOUND, problem("not-found", "there is no such thing"))
        }
    }

    fn done(&mut self, key: &(Kind, String), status: StatusCode, event: Option<&'static str>) -> Answer {
        self.events.extend(event.map(|event| (key.1.clone(), event)));
        let (entry, member) = (&self.entries[key], key.0.member());
        let mut reply = json!({"id": key.1, "version": entry.version, "changed": event.is_some()});
        reply[member] = entry.content[member].clone();
        (status, reply)
    }
}

fn at(mut problem: Value, version: i64) -> Value {
    problem["version"] = json!(version);
    problem
}
