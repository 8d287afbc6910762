//! Reads the folder: which files there are, and what each one is.

use std::fs::{self, DirEntry};
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::author::{self, ParsedAuthor};
use crate::decode;
use crate::note::{Note, NoteKind, Refusal};
use crate::post::{self, ParsedPost};
use crate::topic::Topics;

/// A file larger than this is no post: a post's text has at most half a megabyte.
const LARGEST_FILE: u64 = 4_000_000;

/// How deep folders may be nested.
const DEEPEST: usize = 32;

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
    /// Notes on files that are no entries.
    pub notes: Vec<(String, Note)>,
}

impl Source {
    /// Reads a folder.
    ///
    /// # Errors
    /// It is not there or may not be read. What is wrong with a single file is in [`Source::refused`].
    pub fn read(dir: &Path) -> Result<Self, Unreadable> {
        let unreadable =
            |reason: std::io::Error| Unreadable { dir: dir.display().to_string(), reason: reason.to_string() };
        let root = fs::canonicalize(dir).map_err(unreadable)?;
        let mut files = Files { root: root.clone(), markdown: Vec::new(), refused: Vec::new() };
        files.collect(&root, "", 0).map_err(unreadable)?;
        files.markdown.sort();
        files.refused.sort_by(|a, b| a.0.cmp(&b.0));
        let mut source = Self { refused: files.refused, ..Self::default() };
        let topics = source.read_topics(&files.markdown);
        for (path, file) in &files.markdown {
            source.read_entry(path, file, &topics);
        }
        Ok(source)
    }

    fn read_topics(&mut self, files: &[(String, PathBuf)]) -> Topics {
        let mut topics = Topics::default();
        for (path, file) in files {
            // Nothing is lost when a topic's page cannot be read: posts name it by its folder.
            if let Entry::Topic(name) = Entry::of(path)
                && let Err(Refusal { line, reason }) = text_of(file).and_then(|file| topics.read(name, &file.text))
            {
                self.notes.push((path.clone(), Note::new(NoteKind::TopicUnreadable, line, reason)));
            }
        }
        topics
    }

    fn read_entry(&mut self, path: &str, file: &Path, topics: &Topics) {
        let entry = Entry::of(path);
        if matches!(entry, Entry::Topic(_)) {
            return; // read already: posts need them
        }
        if matches!(entry, Entry::None) {
            self.notes.push((path.to_owned(), Note::new(NoteKind::FileSkipped, 1, "")));
            return;
        }
        let read = text_of(file).and_then(|decoded| {
            if let Entry::Author(name) = entry {
                let mut author = author::parse(path, name, &decoded.text)?;
                author.notes.extend(decoded.notes);
                self.authors.push(author);
            } else {
                let mut post = post::parse(path, &decoded.text, topics)?;
                post.notes.extend(decoded.notes);
                self.posts.push(post);
            }
            Ok(())
        });
        if let Err(refusal) = read {
            self.refused.push((path.to_owned(), refusal));
        }
    }
}

/// What a file is, by its path.
enum Entry<'a> {
    Author(&'a str),
    Topic(&'a str),
    Post,
    None,
}

impl<'a> Entry<'a> {
    fn of(path: &'a str) -> Self {
        let page_in =
            |folder: &str| path.strip_prefix(folder)?.strip_suffix("/_index.md").filter(|name| !name.contains('/'));
        if let Some(name) = page_in("authors/") {
            return Self::Author(name);
        }
        if let Some(name) = page_in("topics/") {
            return Self::Topic(name);
        }
        let name = path.rsplit('/').next().unwrap_or(path);
        if name == "_index.md" || name.eq_ignore_ascii_case("readme.md") { Self::None } else { Self::Post }
    }
}

struct Files {
    /// The folder, without links.
    root: PathBuf,
    markdown: Vec<(String, PathBuf)>,
    refused: Vec<(String, Refusal)>,
}

impl Files {
    /// Collects the Markdown files of a folder; hidden ones and linked folders are passed over.
    fn collect(&mut self, dir: &Path, prefix: &str, depth: usize) -> std::io::Result<()> {
        for item in fs::read_dir(dir)? {
            let item = item?;
            let name = item.file_name();
            let path = format!("{prefix}{}", name.to_string_lossy());
            let kind = item.file_type()?;
            if name.as_encoded_bytes().starts_with(b".") {
                continue;
            }
            if kind.is_dir() && depth == DEEPEST {
                self.refused.push((path, Refusal::new(1, format!("folders are nested deeper than {DEEPEST}"))));
            } else if kind.is_dir() {
                // One folder that may not be read is no reason to leave out the others; the first one is.
                if let Err(error) = self.collect(&item.path(), &format!("{path}/"), depth + 1) {
                    self.refused.push((path, Refusal::new(1, format!("the folder cannot be read: {error}"))));
                }
            } else if item.path().extension().is_some_and(|ending| ending.eq_ignore_ascii_case("md")) {
                match self.file_of(&item) {
                    Ok(file) => self.markdown.push((path, file)),
                    Err(refusal) => self.refused.push((path, refusal)),
                }
            }
        }
        Ok(())
    }

    /// The file to read for an item of a folder. A link is followed within the folder only: else one who writes a post
    /// could publish what only the caller may read.
    fn file_of(&self, item: &DirEntry) -> Result<PathBuf, Refusal> {
        if item.file_name().to_str().is_none() {
            // Ids follow from paths, and two such names may look the same.
            return Err(Refusal::new(1, "the file's name is not UTF-8"));
        }
        let file = fs::canonicalize(item.path()).map_err(unreadable_file)?;
        if !file.starts_with(&self.root) {
            return Err(Refusal::new(1, "the file is a link that leads out of the folder"));
        }
        // To open a named pipe would wait for its writer.
        if file.is_file() { Ok(file) } else { Err(Refusal::new(1, "it is not a regular file")) }
    }
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
