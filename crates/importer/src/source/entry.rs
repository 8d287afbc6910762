//! What a file is, by its path alone.

use std::collections::HashSet;

use crate::note::{Note, NoteKind};

/// The endings of Markdown files: those that Jekyll takes, which are also Hugo's, in any case.
const ENDINGS: &[&str] = &["md", "markdown", "mdown", "mkdown", "mkdn", "mkd"];

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Entry<'a> {
    /// An author's page; the folder's name.
    Author(&'a str),
    /// A topic's page; the folder's name.
    Topic(&'a str),
    /// A post.
    Post,
    /// Nothing of its own: the page of a folder, or what explains one.
    None,
}

impl<'a> Entry<'a> {
    /// What the Markdown file at a path is.
    pub(super) fn of(path: &'a str) -> Self {
        let Some(folder) = section(path) else {
            let name = stem(path).rsplit('/').next().unwrap_or(path);
            return if name.eq_ignore_ascii_case("readme") { Self::None } else { Self::Post };
        };
        let name_in = |root: &str| folder.strip_prefix(root).filter(|name| !name.contains('/'));
        if let Some(name) = name_in("authors/") {
            Self::Author(name)
        } else {
            name_in("topics/").map_or(Self::None, Self::Topic)
        }
    }
}

/// The path of a Markdown file without its ending; all of it if it is no Markdown file's.
pub(crate) fn stem(path: &str) -> &str {
    let is_markdown = |ending: &str| ENDINGS.iter().any(|known| known.eq_ignore_ascii_case(ending));
    path.rsplit_once('.').filter(|(_, ending)| is_markdown(ending)).map_or(path, |(stem, _)| stem)
}

/// Whether a file is Markdown, by its ending.
pub(crate) fn is_markdown(path: &str) -> bool {
    stem(path).len() < path.len()
}

/// The folder that a page is of: that of an `_index.md`.
pub(super) fn section(path: &str) -> Option<&str> {
    let (folder, name) = stem(path).rsplit_once('/').unwrap_or(("", stem(path)));
    (is_markdown(path) && name == "_index").then_some(folder)
}

/// The language of a bundle's translation: `de` of `index.de`; `None` for `index` and for what is no index.
pub(crate) fn language(name: &str) -> Option<&str> {
    let language = name.strip_prefix("index.")?;
    let (first, rest) = language.split_once('-').unwrap_or((language, ""));
    let is_language = matches!(first.len(), 2 | 3) && first.bytes().all(|byte| byte.is_ascii_lowercase());
    (is_language && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')).then_some(language)
}

/// The folders that Hugo calls leaf bundles: those with an `index.md`, or one in a language.
#[derive(Debug, Default)]
pub(super) struct Bundles<'a>(HashSet<&'a str>);

impl<'a> Bundles<'a> {
    /// The bundles among some Markdown files. The folder that is imported is none: there Jekyll has its front page.
    pub(super) fn of(paths: impl Iterator<Item = &'a str>) -> Self {
        let folder = |path: &'a str| stem(path).rsplit_once('/').filter(|(_, name)| is_index(name));
        Self(paths.filter_map(folder).map(|(folder, _)| folder).collect())
    }

    /// The note on a file that is a part of a bundle and not its page. What is in `_posts` is Jekyll's, which has no
    /// bundles.
    pub(super) fn part(&self, path: &str) -> Option<Note> {
        let bundle = path.match_indices('/').map(|(at, _)| &path[..at]).find(|folder| self.0.contains(folder))?;
        let part = &stem(path)[bundle.len() + 1..];
        let is_page = is_index(part) || part.split('/').any(|folder| folder == "_posts");
        (!is_page).then(|| Note::new(NoteKind::BundlePart, 1, bundle))
    }
}

fn is_index(name: &str) -> bool {
    name == "index" || language(name).is_some()
}

#[cfg(test)]
mod tests;
