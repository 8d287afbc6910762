//! Categories: a name, or a path of names with a slash between them, becomes a category and those that it is below.

use domain::values::{Slug, Title, kebab_of, only_seen};

use crate::front_matter::Fields;
use crate::note::{Note, NoteKind};
use crate::spelling::Spelled;

/// The most levels that inklog has.
const DEEPEST: usize = 8;

/// The fields that name categories.
pub(crate) const KEYS: [&str; 2] = ["categories", "category"];

/// A category as a post names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CategoryPath {
    /// The categories from the root on, the one that is named last.
    pub levels: Vec<Level>,
    /// Its line in the file.
    pub line: usize,
}

/// A category, by what it is below.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Level {
    /// The slug: all names from the root on.
    pub slug: Slug,
    /// What it is called.
    pub name: Title,
    /// The whole path as it is spelled.
    path: String,
}

impl CategoryPath {
    /// How each of its categories is spelled.
    pub fn spelled(&self) -> impl Iterator<Item = Spelled> {
        let spelled = |level: &Level| (level.slug.to_string(), level.path.clone());
        self.levels.iter().map(spelled).map(|(latin, name)| Spelled { latin, name, line: self.line })
    }

    fn of(text: &str, line: usize) -> Option<Self> {
        let (mut levels, mut path) = (Vec::new(), String::new());
        for name in text.split('/').map(str::trim).filter(|name| !name.is_empty()) {
            if !path.is_empty() {
                path.push('/');
            }
            path.push_str(name);
            let level = Level {
                slug: kebab_of(&path, 200).parse().ok()?,
                name: only_seen(name).parse().ok()?,
                path: path.clone(),
            };
            if kebab_of(name, 200).is_empty() || levels.last().is_some_and(|above: &Level| above.slug == level.slug) {
                return None;
            }
            levels.push(level);
        }
        (1..=DEEPEST).contains(&levels.len()).then_some(Self { levels, line })
    }
}

/// The categories that a front matter names. One text with commas is many.
pub fn read(fields: &Fields, notes: &mut Vec<Note>) -> Vec<CategoryPath> {
    let mut paths: Vec<CategoryPath> = Vec::new();
    for key in KEYS {
        let (line, commas) = (fields.line(key), fields.is_one_text(key));
        let texts = fields.list(key).flat_map(|text| text.split(move |c| commas && c == ',').map(str::trim));
        for text in texts.filter(|text| !text.is_empty()) {
            match CategoryPath::of(text, line) {
                Some(path) if paths.iter().any(|other| other.levels == path.levels) => {}
                Some(path) => paths.push(path),
                None => notes.push(Note::new(NoteKind::CategoryDropped, line, text)),
            }
        }
    }
    paths
}

#[cfg(test)]
mod tests;
