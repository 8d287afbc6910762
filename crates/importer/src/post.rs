//! A post: from a file's text to values that the domain accepts.

use std::collections::BTreeMap;

use comrak::nodes::NodeValue;
use comrak::{Arena, Node, Options};
use domain::values::{Invalid, Markdown, Slug, Summary, Tag, Title, kebab_of, only_seen};
use time::OffsetDateTime;

use crate::about::{self, About};
use crate::category::{self, CategoryPath};
use crate::date;
use crate::front_matter::{self, Fields, Page, Shape};
use crate::note::{Note, NoteKind, Refusal};
use crate::percent::percent_decoded;
use crate::source::entry;
use crate::spelling::Spelled;
use crate::topic::{Meant, Topics};
use crate::visibility::{self, Rules, ToCome};

const FIELDS: &[(&str, Shape)] = &[
    ("title", Shape::Text),
    ("slug", Shape::Text),
    ("summary", Shape::Text),
    ("deck", Shape::Text),
    ("author", Shape::List),
    ("authors", Shape::List),
    ("topics", Shape::List),
    ("tags", Shape::List),
    ("categories", Shape::List),
    ("category", Shape::List),
];

/// A post, read.
#[derive(Clone, Debug)]
pub struct ParsedPost {
    /// Its file, relative to the folder.
    pub path: String,
    /// Its title.
    pub title: Title,
    /// The slug it asks for; another post may have it.
    pub slug: Slug,
    /// Whether its file says the slug; else it was made of the file's name.
    pub slug_is_own: bool,
    /// What it is about.
    pub summary: Summary,
    /// Its text.
    pub body: Markdown,
    /// Its tags.
    pub tags: Vec<Tag>,
    /// The tags as they are spelled, but for those that are a topic's title.
    pub spelled: Vec<Spelled>,
    /// The categories that it is in.
    pub categories: Vec<CategoryPath>,
    /// What else is said of it.
    pub about: About,
    /// Its authors, as they are written.
    pub authors: Vec<String>,
    /// When it was first published.
    pub date: Option<OffsetDateTime>,
    /// Whether it is not to be published.
    pub draft: bool,
    /// What is to happen to it by itself.
    pub to_come: ToCome,
    /// Where in the file each part stands.
    pub lines: Lines,
    /// What was repaired.
    pub notes: Vec<Note>,
}

/// The lines of a file from which the members of a command come, by the JSON pointers that a server names.
#[derive(Clone, Debug, Default)]
pub struct Lines(BTreeMap<&'static str, usize>);

impl Lines {
    /// The line of what a pointer points to, or of what holds it.
    #[must_use]
    pub fn of(&self, pointer: &str) -> usize {
        let member = pointer.trim_start_matches('/').split('/').next().unwrap_or_default();
        self.0.get(member).copied().unwrap_or(1)
    }
}

/// What a post is read by.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The topics of the folder.
    pub topics: Topics,
    /// What hides a post.
    pub rules: Rules,
}

/// Reads a post.
///
/// # Errors
/// The file has no readable front matter, or a value that nothing sensible can be made of.
pub fn parse(path: &str, text: &str, setting: &Setting) -> Result<ParsedPost, Refusal> {
    let known: Vec<_> = FIELDS.iter().copied().chain(about::fields()).chain(visibility::fields()).collect();
    let page = front_matter::read(text, &known)?;
    let mut notes = page.notes.clone();
    let lines = lines(&page);
    let date = date(&page.fields, &setting.rules, &mut notes)?;
    let seen = visibility::by_fields(&page.fields, FIELDS, &setting.rules)?;
    let by_path = visibility::by_path(path, page.fields.text("date").is_some(), &setting.rules);
    let (by_path, named) = by_path.map_or((None, None), |(note, named)| (Some(note), named));
    let by_text = visibility::by_text(page.body, page.body_line);
    let seen: Vec<_> = seen.into_iter().chain(by_path).chain(by_text).collect();
    let draft = seen.iter().any(|note| note.kind.hides());
    let to_come = ToCome::of(&page.fields, named, &seen, &setting.rules);
    notes.extend(seen);
    let translation = entry::stem(path).rsplit_once('/').and_then(|(_, name)| entry::language(name));
    notes.extend(translation.map(|language| Note::new(NoteKind::Translation, 1, language)));
    let title = title(path, &page, &mut notes)?;
    let (slug, slug_is_own) = (slug(path, &page.fields, &title, &mut notes), page.fields.text("slug").is_some());
    let summary = summary(&page.fields, &mut notes)?;
    let body = accepted(page.body.parse(), lines.of("/body"), "the text")?;
    let (tags, spelled) = tags(&page.fields, &setting.topics, &mut notes);
    let categories = category::read(&page.fields, &mut notes);
    let about = About::of(&page.fields, &mut notes);
    let authors = authors(&page.fields, &mut notes);
    note_what_stays_behind(&page, &mut notes);
    Ok(ParsedPost {
        path: path.to_owned(),
        title,
        slug,
        slug_is_own,
        summary,
        body,
        tags,
        spelled,
        categories,
        about,
        authors,
        date,
        draft,
        to_come,
        lines,
        notes,
    })
}

fn lines(page: &Page<'_>) -> Lines {
    let line = |key| page.fields.line(key);
    let own = BTreeMap::from([
        ("title", line("title")),
        ("slug", line("slug")),
        ("summary", line("summary")),
        ("tags", line("topics").max(line("tags"))),
        ("category_ids", line("categories").max(line("category"))),
        ("author_id", line("authors").max(line("author"))),
        ("co_author_ids", line("authors").max(line("author"))),
        ("originally_published_at", line("date")),
        ("body", page.body_line),
    ]);
    Lines(own.into_iter().chain(about::lines(&page.fields)).collect())
}

/// The date of first publication. One to come is none yet: the post is a draft, with a note that says so.
fn date(fields: &Fields, rules: &Rules, notes: &mut Vec<Note>) -> Result<Option<OffsetDateTime>, Refusal> {
    let Some((text, line)) = fields.text("date") else {
        notes.push(Note::new(NoteKind::NoDate, 1, ""));
        return Ok(None);
    };
    if date::is_never(text) || date::is_none(text) {
        notes.push(Note::new(NoteKind::NoDate, line, text));
        return Ok(None);
    }
    let Some((at, assumed)) = date::read(text, &rules.zone) else {
        return Err(Refusal::new(line, format!("date: `{text}` cannot be read as a date")));
    };
    if at.year() < 1000 {
        return Err(Refusal::new(
            line,
            format!("date: `{text}` is before the year 1000, which not every reader knows"),
        ));
    }
    notes.extend(assumed.map(|kind| Note::new(kind, line, text)));
    Ok(Some(at).filter(|at| *at <= rules.now))
}

fn title(path: &str, page: &Page<'_>, notes: &mut Vec<Note>) -> Result<Title, Refusal> {
    let Some((text, line)) = page.fields.text("title") else {
        let made = first_heading(page.body).unwrap_or_else(|| words_of(&file_name(path)));
        notes.push(Note::new(NoteKind::NoTitle, 1, made.as_str()));
        return accepted(made.parse(), 1, "title");
    };
    let joined = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.contains(['\n', '\t']) {
        notes.push(Note::new(NoteKind::TitleJoined, line, joined.as_str()));
    }
    let seen = only_seen(&joined);
    if seen != joined {
        notes.push(Note::new(NoteKind::HiddenCharacters, line, seen.as_str()));
    }
    accepted(seen.parse(), line, "title")
}

/// The text of the first heading of the first level, as Markdown has it: underlined ones count, and what is in a code
/// block, a comment or a quotation does not.
fn first_heading(body: &str) -> Option<String> {
    let arena = Arena::new();
    let document = comrak::parse_document(&arena, body, &Options::default());
    let is_title = |node: &Node<'_>| matches!(&node.data().value, NodeValue::Heading(heading) if heading.level == 1);
    let heading = document.children().find(|node| is_title(node))?;
    let mut text = String::new();
    for node in heading.descendants() {
        match &node.data().value {
            NodeValue::Text(part) => text.push_str(part),
            NodeValue::Code(code) => text.push_str(&code.literal),
            NodeValue::SoftBreak | NodeValue::LineBreak => text.push(' '),
            _ => {} // of all else only the text within is of use
        }
    }
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// The name of a post's file without its date and ending; of a bundle's `index.md`, the folder's, and of its
/// translation, the folder's with the language: `x-de` of `x/index.de.md`.
fn file_name(path: &str) -> String {
    let (folders, name) = entry::stem(path).rsplit_once('/').unwrap_or(("", entry::stem(path)));
    let folder = folders.rsplit('/').next().unwrap_or_default();
    match entry::language(name) {
        _ if folder.is_empty() => undated(name).to_owned(),
        Some(language) => format!("{}-{language}", undated(folder)),
        None if name == "index" => undated(folder).to_owned(),
        None => undated(name).to_owned(),
    }
}

/// A name without the date that it begins with.
fn undated(name: &str) -> &str {
    let is_date = |text: &str| {
        text.bytes().enumerate().all(|(i, b)| if i == 4 || i == 7 { b == b'-' } else { b.is_ascii_digit() })
    };
    match name.get(..10) {
        Some(day) if is_date(day) && name.len() > 11 => name[10..].trim_start_matches('-'),
        _ => name,
    }
}

/// `a-file-name` as `A file name`.
fn words_of(name: &str) -> String {
    let words = name.replace(['-', '_'], " ");
    let mut letters = words.trim().chars();
    letters.next().map_or_else(|| "Untitled".to_owned(), |first| first.to_uppercase().chain(letters).collect())
}

fn slug(path: &str, fields: &Fields, title: &Title, notes: &mut Vec<Note>) -> Slug {
    let Some((text, line)) = fields.text("slug") else {
        let slug = repaired(&file_name(path)).unwrap_or_else(|| Slug::suggested_by(title.as_str()));
        notes.push(Note::new(NoteKind::NoSlug, 1, slug.as_str()));
        return slug;
    };
    text.parse().unwrap_or_else(|_| {
        let slug = repaired(text).unwrap_or_else(|| Slug::suggested_by(title.as_str()));
        notes.push(Note::new(NoteKind::SlugRepaired, line, format!("{text} → {slug}")));
        slug
    })
}

/// The slug that a text means: of its words, with percent escapes undone.
fn repaired(text: &str) -> Option<Slug> {
    kebab_of(&percent_decoded(text), 200).parse().ok()
}

fn summary(fields: &Fields, notes: &mut Vec<Note>) -> Result<Summary, Refusal> {
    let deck = fields.text("deck");
    match (fields.text("summary"), deck) {
        (Some((text, line)), _) => {
            notes.extend(deck.map(|(_, line)| Note::new(NoteKind::FieldNotKept, line, "deck")));
            accepted(text.parse(), line, "summary")
        }
        (None, Some((text, line))) => {
            notes.push(Note::new(NoteKind::SummaryFromDeck, line, ""));
            accepted(text.parse(), line, "deck")
        }
        (None, None) => accepted("".parse(), 1, "summary"),
    }
}

/// The tags, and how they are spelled that are no topic's title.
fn tags(fields: &Fields, topics: &Topics, notes: &mut Vec<Note>) -> (Vec<Tag>, Vec<Spelled>) {
    let (mut tags, mut spelled) = (Vec::new(), Vec::new());
    for (key, name) in ["topics", "tags"].into_iter().flat_map(|key| names(fields, key, topics)) {
        let line = fields.line(key);
        let Some(Meant { tag, by_title }) = topics.tag(name) else {
            notes.push(Note::new(NoteKind::TagDropped, line, name));
            continue;
        };
        if !by_title {
            spelled.push(Spelled { latin: tag.to_string(), name: name.to_owned(), line });
        }
        if tags.contains(&tag) {
            notes.push(Note::new(NoteKind::RepeatedTag, line, tag.as_str()));
            continue;
        }
        if tag.as_str() != name {
            notes.push(Note::new(NoteKind::TagRepaired, line, format!("{name} → {tag}")));
        }
        tags.push(tag);
    }
    (tags, spelled)
}

/// The names in a field, with its key. One text with commas is many names, unless it is a topic's title.
fn names<'a>(
    fields: &'a Fields,
    key: &'static str,
    topics: &'a Topics,
) -> impl Iterator<Item = (&'static str, &'a str)> {
    let commas = fields.is_one_text(key);
    let parts = move |text: &'a str| {
        let whole = !commas || topics.is_title(text);
        text.split(move |c| c == ',' && !whole).map(str::trim).filter(|name| !name.is_empty())
    };
    fields.list(key).flat_map(parts).map(move |name| (key, name))
}

fn authors(fields: &Fields, notes: &mut Vec<Note>) -> Vec<String> {
    let mut authors: Vec<String> = Vec::new();
    for (key, name) in ["authors", "author"].into_iter().flat_map(|key| fields.list(key).map(move |name| (key, name))) {
        if authors.iter().any(|author| author == name) {
            notes.push(Note::new(NoteKind::RepeatedAuthor, fields.line(key), name));
        } else {
            authors.push(name.to_owned());
        }
    }
    authors
}

fn note_what_stays_behind(page: &Page<'_>, notes: &mut Vec<Note>) {
    let shortcode = page.body.lines().position(|line| line.contains("{{<") || line.contains("{{%"));
    notes.extend(shortcode.map(|index| Note::new(NoteKind::Shortcodes, page.body_line + index, "")));
}

fn accepted<T>(value: Result<T, Invalid>, line: usize, what: &str) -> Result<T, Refusal> {
    value.map_err(|Invalid(reason)| Refusal::new(line, format!("{what}: {reason}")))
}

#[cfg(test)]
mod tests;
