//! An author: from the text of a page to values that the domain accepts.

use domain::values::{Bio, DisplayName, ImageUrl, Invalid, UserName, kebab_of, only_seen};

use crate::front_matter::{self, Shape};
use crate::note::{Note, NoteKind, Refusal};
use crate::visibility::{self, Rules};

const FIELDS: &[(&str, Shape)] = &[
    ("display_name", Shape::Text),
    ("title", Shape::Text),
    ("bio", Shape::Text),
    ("image_url", Shape::Text),
    // The folder's name is what posts refer to.
    ("slug", Shape::Text),
];

/// An author, read.
#[derive(Clone, Debug)]
pub struct ParsedAuthor {
    /// The page, relative to the folder; `None` for one who is only named by posts.
    pub path: Option<String>,
    /// What posts call them: the name of their folder.
    pub key: String,
    /// The user name they ask for; another may have it.
    pub user_name: UserName,
    /// Their name.
    pub display_name: DisplayName,
    /// A few words about them.
    pub bio: Bio,
    /// Their picture's address.
    pub image_url: ImageUrl,
    /// What was repaired.
    pub notes: Vec<Note>,
}

/// Reads an author's page. `name` is its folder's. Of a page that is hidden only the name is taken, for posts show it.
///
/// # Errors
/// The page has no readable front matter, or a value that nothing sensible can be made of.
pub fn parse(path: &str, name: &str, text: &str, rules: &Rules) -> Result<ParsedAuthor, Refusal> {
    let known: Vec<_> = FIELDS.iter().copied().chain(visibility::fields()).collect();
    let page = front_matter::read(text, &known)?;
    let mut notes = page.notes;
    let seen = visibility::by_fields(&page.fields, FIELDS, rules)?;
    let hidden = seen.iter().find(|note| note.kind.hides());
    notes.extend(hidden.map(|note| Note::new(NoteKind::AuthorHidden, note.line, note.detail.as_str())));
    let name_of = |note: &Note| note.detail.split(':').next().unwrap_or_default().to_owned();
    let lost = seen.iter().filter(|note| !note.kind.hides());
    notes.extend(lost.map(|note| Note::new(NoteKind::FieldNotKept, note.line, name_of(note))));
    let (display_name, line) = page.fields.text("display_name").or(page.fields.text("title")).unwrap_or_else(|| {
        notes.push(Note::new(NoteKind::NoDisplayName, 1, name));
        (name, 1)
    });
    let joined = display_name.split_whitespace().collect::<Vec<_>>().join(" ");
    let one_line = only_seen(&joined);
    if one_line != joined {
        notes.push(Note::new(NoteKind::HiddenCharacters, line, one_line.as_str()));
    }
    let shown = |key| page.fields.text(key).filter(|_| hidden.is_none()).unwrap_or(("", 1));
    let ((bio, bio_line), (image, image_line)) = (shown("bio"), shown("image_url"));
    if !page.body.is_empty() {
        notes.push(Note::new(NoteKind::AuthorTextNotKept, page.body_line, ""));
    }
    Ok(ParsedAuthor {
        path: Some(path.to_owned()),
        key: name.to_owned(),
        user_name: user_name(name, &mut notes)?,
        display_name: accepted(one_line.parse(), line, "display_name")?,
        bio: accepted(bio.parse(), bio_line, "bio")?,
        image_url: accepted(image.parse(), image_line, "image_url")?,
        notes,
    })
}

/// An author of whom only the name is known, as posts write it; `None` if there is no letter or digit in it.
///
/// # Errors
/// It has a character that is none of a name.
pub fn stub(name: &str) -> Result<Option<ParsedAuthor>, Invalid> {
    let mut notes = Vec::new();
    let key = kebab_of(name, 64);
    let Ok(user_name) = user_name(&key, &mut notes) else { return Ok(None) };
    let display_name: String = only_seen(name).chars().filter(|c| !c.is_control()).take(200).collect();
    let (display_name, bio, image_url) = (display_name.parse()?, "".parse()?, "".parse()?);
    Ok(Some(ParsedAuthor { path: None, key, user_name, display_name, bio, image_url, notes }))
}

fn user_name(name: &str, notes: &mut Vec<Note>) -> Result<UserName, Refusal> {
    if let Ok(user_name) = name.parse() {
        return Ok(user_name);
    }
    let user_name: UserName = accepted(kebab_of(name, 64).parse(), 1, "the folder's name as a user name")?;
    notes.push(Note::new(NoteKind::UserNameRepaired, 1, format!("{name} → {user_name}")));
    Ok(user_name)
}

fn accepted<T>(value: Result<T, Invalid>, line: usize, what: &str) -> Result<T, Refusal> {
    value.map_err(|Invalid(reason)| Refusal::new(line, format!("{what}: {reason}")))
}

#[cfg(test)]
mod tests;
