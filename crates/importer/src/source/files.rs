//! Which files there are. None is left out without a note or a refusal.

use std::collections::HashMap;
use std::fs::{self, DirEntry};
use std::path::{Path, PathBuf};

use unicode_normalization::UnicodeNormalization;

use super::{entry, unreadable_file};
use crate::note::{Note, NoteKind, Refusal};

/// How deep folders may be nested.
const DEEPEST: usize = 32;

/// Folders in which neither generator looks for pages, wherever they are.
const LEFT_OUT: &[&str] = &["archetypes", "node_modules"];

/// Folders of a site beside its pages. They are left out only where a site is, for a blog may have a section of that
/// name.
const OF_A_SITE: &[&str] = &[
    "assets",
    "data",
    "i18n",
    "layouts",
    "public",
    "resources",
    "static",
    "themes",
    "vendor",
    "_site",
    "_includes",
    "_layouts",
    "_sass",
    "_data",
];

/// The files by which a site is known.
const SITE_FILES: &[&str] = &[
    "_config.yml",
    "_config.yaml",
    "_config.toml",
    "hugo.toml",
    "hugo.yaml",
    "hugo.yml",
    "hugo.json",
    "config.toml",
    "config.yaml",
    "config.yml",
    "config.json",
];

/// The files of a folder.
#[derive(Debug)]
pub(super) struct Files {
    /// The folder, without links.
    root: PathBuf,
    /// The Markdown files in the order of their paths. Paths are NFC: the same name in another Unicode form is the
    /// same.
    pub(super) markdown: Vec<(String, PathBuf)>,
    /// What cannot be read.
    pub(super) refused: Vec<(String, Refusal)>,
    /// What was left out.
    pub(super) notes: Vec<(String, Note)>,
}

impl Files {
    /// The files of a folder.
    ///
    /// # Errors
    /// The folder itself may not be read.
    pub(super) fn of(dir: &Path) -> std::io::Result<Self> {
        let root = fs::canonicalize(dir)?;
        let is_site = SITE_FILES.iter().any(|name| root.join(name).is_file());
        let mut files = Self { root: root.clone(), markdown: Vec::new(), refused: Vec::new(), notes: Vec::new() };
        files.collect(&root, "", 0, is_site)?;
        files.markdown.sort();
        files.refuse_twins();
        files.refused.sort_by(|a, b| a.0.cmp(&b.0));
        files.notes.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(files)
    }

    fn collect(&mut self, dir: &Path, prefix: &str, depth: usize, is_site: bool) -> std::io::Result<()> {
        for item in fs::read_dir(dir)? {
            let item = item?;
            let name = item.file_name();
            let path = format!("{prefix}{}", name.to_string_lossy().nfc());
            let kind = item.file_type()?;
            let is_linked_folder = kind.is_symlink() && !entry::is_markdown(&path) && item.path().is_dir();
            if is_linked_folder || is_left_out(&path, depth, is_site) {
                self.notes.push((path, Note::new(NoteKind::LeftOut, 1, "")));
            } else if kind.is_dir() && depth == DEEPEST {
                self.refused.push((path, Refusal::new(1, format!("folders are nested deeper than {DEEPEST}"))));
            } else if kind.is_dir() {
                // One folder that may not be read is no reason to leave out the others; the first one is.
                if let Err(error) = self.collect(&item.path(), &format!("{path}/"), depth + 1, is_site) {
                    self.refused.push((path, Refusal::new(1, format!("the folder cannot be read: {error}"))));
                }
            } else if entry::is_markdown(&path) {
                match self.file_of(&item) {
                    Ok(file) => self.markdown.push((path, file)),
                    Err(refusal) => self.refused.push((path, refusal)),
                }
            } else {
                self.notes.push((path, Note::new(NoteKind::NotMarkdown, 1, "")));
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

    /// Refuses files whose names are the same in NFC: they would have one id.
    fn refuse_twins(&mut self) {
        let mut seen: HashMap<String, usize> = HashMap::new();
        self.markdown.iter().for_each(|(path, _)| *seen.entry(path.clone()).or_default() += 1);
        let (alone, twins) = std::mem::take(&mut self.markdown).into_iter().partition(|(path, _)| seen[path] == 1);
        self.markdown = alone;
        let reason = "another file has the same name in another Unicode form; rename one of them";
        self.refused.extend(twins.into_iter().map(|(path, _)| (path, Refusal::new(1, reason))));
    }
}

/// Whether the generators pass a file or folder over: hidden ones, and those that hold no pages.
fn is_left_out(path: &str, depth: usize, is_site: bool) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.starts_with('.') || LEFT_OUT.contains(&name) || (is_site && depth == 0 && OF_A_SITE.contains(&name))
}
