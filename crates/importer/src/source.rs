//! Reads the folder: which files there are, and what each one is.

pub(crate) mod entry;
mod files;

use std::collections::HashMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::author::{self, ParsedAuthor};
use crate::decode;
use crate::front_matter::{self, Fields, Shape, Value};
use crate::note::{Note, NoteKind, Refusal};
use crate::post::{self, ParsedPost, Setting};
use crate::spelling::Spelled;
use crate::topic::Topics;
use crate::visibility::{self, Rules};

use entry::{Bundles, Entry};
use files::Files;

/// A file larger than this is no post: a post's text has at most half a megabyte.
const LARGEST_FILE: u64 = 4_000_000;

/// The folder cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("the folder {dir} cannot be read: {reason}")]
pub struct Unreadable {
    /// The folder.
    pub dir: String,
    /// Why.
    pub reason: String,
}

/// Everything that is in a folder, in the order of the paths.
#[derive(Debug, Default)]
pub struct Source {
    /// The authors that have a page.
    pub authors: Vec<ParsedAuthor>,
    /// The posts.
    pub posts: Vec<ParsedPost>,
    /// What cannot be imported: file, and why.
    pub refused: Vec<(String, Refusal)>,
    /// The topics' titles, for tags that are spelled otherwise and come to the same letters.
    pub titles: Vec<Spelled>,
    /// Notes on files that are no entries.
    pub notes: Vec<(String, Note)>,
}

impl Source {
    /// Reads a folder.
    ///
    /// # Errors
    /// It is not there or may not be read. What is wrong with a single file is in [`Source::refused`].
    pub fn read(dir: &Path, rules: Rules) -> Result<Self, Unreadable> {
        let unreadable =
            |reason: std::io::Error| Unreadable { dir: dir.display().to_string(), reason: reason.to_string() };
        let Files { markdown, refused, notes, .. } = Files::of(dir).map_err(unreadable)?;
        let mut source = Self { refused, notes, ..Self::default() };
        let setting = Setting { topics: source.read_topics(&markdown), rules };
        let hidden = source.read_sections(&markdown, &setting.rules);
        source.titles = setting.topics.titles().cloned().collect();
        let bundles = Bundles::of(markdown.iter().map(|(path, _)| path.as_str()));
        for (path, file) in &markdown {
            let above = hidden_above(path, &hidden).or_else(|| bundles.part(path));
            source.read_entry(path, file, &setting, above);
        }
        Ok(source)
    }

    fn read_topics(&mut self, files: &[(String, PathBuf)]) -> Topics {
        let mut topics = Topics::default();
        for (path, file) in files {
            // Nothing is lost when a topic's page cannot be read: posts name it by its folder.
            let Entry::Topic(name) = Entry::of(path) else { continue };
            let note = text_of(file).and_then(|file| topics.read(name, &file.text));
            let note = note
                .unwrap_or_else(|Refusal { line, reason }| Some(Note::new(NoteKind::TopicUnreadable, line, reason)));
            self.notes.extend(note.map(|note| (path.clone(), note)));
        }
        topics
    }

    /// What hides everything in a folder: the `cascade` in the front matter of its `_index.md`, by Hugo's rules.
    fn read_sections(&mut self, files: &[(String, PathBuf)], rules: &Rules) -> HashMap<String, Note> {
        let mut hidden = HashMap::new();
        for (path, file) in files {
            let Some(folder) = entry::section(path) else { continue };
            let note = text_of(file).and_then(|decoded| cascade(&decoded.text, rules));
            // What cannot be read may hide what is below it, but only if it speaks of a cascade at all.
            let note = note.unwrap_or_else(|refusal| {
                let speaks_of_it = fs::read_to_string(file).is_ok_and(|text| text.contains("cascade"));
                speaks_of_it.then(|| Note::new(NoteKind::HiddenBySection, refusal.line, refusal.reason))
            });
            hidden.extend(
                note.map(|note| (folder.to_owned(), Note { detail: format!("{path}: {}", note.detail), ..note })),
            );
        }
        hidden
    }

    fn read_entry(&mut self, path: &str, file: &Path, setting: &Setting, above: Option<Note>) {
        let entry = Entry::of(path);
        let read = match entry {
            Entry::Topic(_) => return, // read already: posts need them
            Entry::None => {
                self.notes.push((path.to_owned(), Note::new(NoteKind::FileSkipped, 1, "")));
                return;
            }
            Entry::Author(name) => text_of(file).and_then(|decoded| {
                let mut author = author::parse(path, name, &decoded.text, &setting.rules)?;
                author.notes.extend(decoded.notes);
                self.authors.push(author);
                Ok(())
            }),
            Entry::Post => text_of(file).and_then(|decoded| {
                let mut post = post::parse(path, &decoded.text, setting)?;
                post.notes.extend(decoded.notes);
                if above.is_some() {
                    (post.draft, post.to_come.release) = (true, None);
                }
                post.notes.extend(above.clone());
                self.posts.push(post);
                Ok(())
            }),
        };
        match (read, above) {
            // A part of a bundle is a page of neither generator if it has no front matter.
            (Err(_), Some(above)) if above.kind == NoteKind::BundlePart => self.notes.push((path.to_owned(), above)),
            (Err(refusal), _) => self.refused.push((path.to_owned(), refusal)),
            (Ok(()), _) => {}
        }
    }
}

/// What hides a path by the folders above it.
fn hidden_above(path: &str, hidden: &HashMap<String, Note>) -> Option<Note> {
    let folders = path.match_indices('/').map(|(at, _)| &path[..at]);
    std::iter::once("")
        .chain(folders)
        .find_map(|folder| hidden.get(folder))
        .map(|note| Note { line: 1, ..note.clone() })
}

/// What hides everything below a page by its `cascade`.
fn cascade(text: &str, rules: &Rules) -> Result<Option<Note>, Refusal> {
    let page = front_matter::read(text, &[("cascade", Shape::Any)])?;
    for (_, cascade) in page.fields.all().filter(|(name, _)| name == "cascade") {
        let parts = match &cascade.value {
            Value::List(parts) => parts.as_slice(),
            one => std::slice::from_ref(one),
        };
        for part in parts {
            let Value::Map(entries) = part else { continue };
            let entries = entries.iter().cloned().map(|entry| front_matter::Entry { line: cascade.line, ..entry });
            let notes = visibility::by_fields(&Fields::of(entries.collect()), &[], rules)?;
            if let Some(note) = notes.into_iter().find(|note| note.kind.hides()) {
                return Ok(Some(Note { kind: NoteKind::HiddenBySection, ..note }));
            }
        }
    }
    Ok(None)
}

fn unreadable_file(error: std::io::Error) -> Refusal {
    Refusal::new(1, format!("the file cannot be read: {error}"))
}

fn text_of(file: &Path) -> Result<decode::Decoded, Refusal> {
    let mut bytes = Vec::new();
    let file = fs::File::open(file).map_err(unreadable_file)?;
    file.take(LARGEST_FILE + 1).read_to_end(&mut bytes).map_err(unreadable_file)?;
    if bytes.len() as u64 > LARGEST_FILE {
        return Err(Refusal::new(1, format!("the file has more than {LARGEST_FILE} bytes")));
    }
    Ok(decode::decode(&bytes))
}

#[cfg(test)]
mod tests;
