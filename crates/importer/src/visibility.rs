//! Whether a post was hidden where it comes from. What hides a page in Hugo or in Jekyll makes a draft here, with a
//! note that says why; what looks like hiding and is not understood refuses the file, for to guess would be to publish
//! what its author may not want published.

mod to_come;
mod words;

pub use to_come::ToCome;

use time::OffsetDateTime;

use crate::date::{self, Zone};
use crate::front_matter::{Entry, Fields, Shape, Value, is_name_of};
use crate::note::{Note, NoteKind, Refusal};

use words::{HIDDEN_STATES, HIDING_STEMS, HIDING_WORDS, KEYS, Meaning, SHOWN_STATES, truth};

/// By what a date counts as passed, and what passed dates do.
#[derive(Clone, Debug)]
pub struct Rules {
    /// The time of the import.
    pub now: OffsetDateTime,
    /// Whether posts whose date of expiry has passed are published all the same, as Hugo's `--buildExpired` does.
    pub publish_expired: bool,
    /// The zone of dates that name none.
    pub zone: Zone,
}

/// The fields that say whether a page is shown, for [`front_matter::read`](crate::front_matter::read).
pub fn fields() -> impl Iterator<Item = (&'static str, Shape)> {
    KEYS.iter().map(|(key, _)| (*key, Shape::Any))
}

/// What the front matter says about who may see the page. It is hidden if one of the notes
/// [hides](NoteKind::hides) it. What the page's `own` fields say is text: a title may be `Draft`.
///
/// # Errors
/// Something looks like hiding, and it is not known what it says. What is hidden anyway is no riddle.
pub fn by_fields(fields: &Fields, own: &[(&str, Shape)], rules: &Rules) -> Result<Vec<Note>, Refusal> {
    let (mut notes, mut riddles) = (Vec::new(), Vec::new());
    for (name, entry) in fields.all() {
        let note = match KEYS.iter().find(|(key, _)| *key == name) {
            Some((_, meaning)) => {
                meaning.of(entry, rules).map(|note| note.or_else(|| meaning.lost(&name, entry, rules)))
            }
            None if own.iter().any(|(key, _)| is_name_of(&name, key)) => Ok(None),
            None => refuse_a_riddle(&name, entry).map(|()| None),
        };
        match note {
            Ok(note) => notes.extend(note),
            Err(riddle) => riddles.push(riddle),
        }
    }
    let is_hidden = notes.iter().any(|note| note.kind.hides());
    riddles.into_iter().next().filter(|_| !is_hidden).map_or(Ok(notes), Err)
}

/// What is hidden within a text: a comment of Jekyll's templates or of Hugo's shortcodes, which would be seen here, for
/// neither is carried out.
#[must_use]
pub fn by_text(body: &str, first_line: usize) -> Option<Note> {
    let is_comment = |rest: &str| {
        let word = rest.trim_start_matches(['-', ' ', '\t']).strip_prefix("comment");
        word.is_some_and(|rest| rest.starts_with(|c: char| !c.is_alphanumeric() && c != '_'))
    };
    let opens = |line: &str, bracket: &str| line.split(bracket).skip(1).any(is_comment);
    let hides = |line: &&str| ["{%", "{{<", "{{%"].iter().any(|bracket| opens(line, bracket));
    let index = body.lines().position(|line| hides(&line))?;
    Some(Note::new(NoteKind::HiddenText, first_line + index, ""))
}

/// What in its path hides a page, by Jekyll's rules: a folder or file whose name begins with an underscore or `#`, but
/// for `_posts`; and in `_posts` a name that does not begin with a date, or with one that is yet to come, unless the
/// front matter has another (`dated`). With the date to come, if that is all.
#[must_use]
pub fn by_path(path: &str, dated: bool, rules: &Rules) -> Option<(Note, Option<OffsetDateTime>)> {
    let passed_over = |name: &&str| name.starts_with(['_', '#']) && *name != "_posts";
    if let Some(name) = path.split('/').find(passed_over) {
        return Some((Note::new(NoteKind::HiddenByPath, 1, name), None));
    }
    let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
    if !folders.split('/').any(|folder| folder == "_posts") {
        return None;
    }
    let mut parts = name.splitn(4, '-');
    let day = [parts.next(), parts.next(), parts.next()].map(Option::unwrap_or_default).join("-");
    match date::read(&day, &rules.zone).filter(|_| parts.next().is_some()) {
        None => Some((Note::new(NoteKind::HiddenByPath, 1, "in _posts, without a date in its name"), None)),
        Some((at, _)) if at > rules.now && !dated => Some((Note::new(NoteKind::NotYetPublished, 1, day), Some(at))),
        Some(_) => None,
    }
}

/// Refuses a field that no rule knows, and that seems to hide by its name or by its value.
fn refuse_a_riddle(name: &str, entry: &Entry) -> Result<(), Refusal> {
    let text = match &entry.value {
        Value::Text(text) => text.trim(),
        Value::Null => return Ok(()),
        Value::List(_) | Value::Map(_) => "",
    };
    let by_name = HIDING_STEMS.iter().any(|stem| name.strip_prefix("is").unwrap_or(name).starts_with(stem));
    if (by_name && truth(text) != Some(false)) || HIDING_WORDS.contains(&text.to_lowercase().as_str()) {
        return Err(riddle(entry));
    }
    Ok(())
}

/// The refusal of what looks like hiding and is not understood.
fn riddle(entry: &Entry) -> Refusal {
    let value = match &entry.value {
        Value::Text(text) if !is_secret(entry) => text.trim(),
        Value::Text(_) | Value::Null | Value::List(_) | Value::Map(_) => "…",
    };
    let reason = "looks as if it hid the page, and is not understood; say `draft: true`, or take it away";
    Refusal::new(entry.line, format!("`{}: {value}` {reason}", entry.key))
}

/// Whether what a field says is not for the report.
fn is_secret(entry: &Entry) -> bool {
    entry.key.to_lowercase().contains("password")
}

impl Meaning {
    /// What there is to say of this field: why it hides the page, most of all.
    fn of(self, entry: &Entry, rules: &Rules) -> Result<Option<Note>, Refusal> {
        let text = match &entry.value {
            Value::Text(text) if !text.trim().is_empty() => text.trim(),
            Value::Null | Value::Text(_) => return Ok(None),
            Value::Map(parts) if self == Self::Build => return of_build(entry, parts),
            Value::List(_) | Value::Map(_) => return Err(riddle(entry)),
        };
        let hidden = |is_hidden: bool| is_hidden.then_some(NoteKind::HiddenByField);
        let kind = match self {
            Self::Hides => truth(text).map(hidden),
            Self::Shows => truth(text).map(|shows| hidden(!shows)),
            Self::ShowsOrFrom => truth(text).map(|shows| hidden(!shows)).or_else(|| from(text, rules)),
            Self::Status => is_hidden_state(&text.to_lowercase()).map(hidden),
            Self::Secret => Some(hidden(true)),
            Self::From => from(text, rules),
            Self::Until => until(text, rules),
            Self::Build => None,
        };
        let kind = kind.ok_or_else(|| riddle(entry))?;
        let told = if is_secret(entry) { "…" } else { text };
        Ok(kind.map(|kind| Note::new(kind, entry.line, format!("{}: {told}", entry.key))))
    }

    /// The note on a date that hides nothing and has no place here: only `date` has one.
    fn lost(self, name: &str, entry: &Entry, rules: &Rules) -> Option<Note> {
        let Value::Text(text) = &entry.value else { return None };
        let is_date = matches!(self, Self::From | Self::ShowsOrFrom) && date::read(text, &rules.zone).is_some();
        (is_date && name != "date").then(|| Note::new(NoteKind::FieldNotKept, entry.line, &entry.key))
    }
}

/// Whether a state hides what is in it; `None` if it is not known.
fn is_hidden_state(state: &str) -> Option<bool> {
    let hides = HIDING_WORDS.contains(&state) || HIDDEN_STATES.contains(&state);
    (hides || SHOWN_STATES.contains(&state)).then_some(hides)
}

/// What a date does before which a page is not there; `None` if it is no date.
fn from(text: &str, rules: &Rules) -> Option<Option<NoteKind>> {
    if date::is_never(text) {
        return Some(Some(NoteKind::NeverPublished));
    } else if date::is_none(text) {
        return Some(None);
    }
    let (at, _) = date::read(text, &rules.zone)?;
    Some((at > rules.now).then_some(NoteKind::NotYetPublished))
}

/// What a date does after which a page is not there any more; `None` if it is no date.
fn until(text: &str, rules: &Rules) -> Option<Option<NoteKind>> {
    if date::is_never(text) || date::is_none(text) {
        return Some(None);
    }
    let (at, _) = date::read(text, &rules.zone)?;
    Some(Some(match () {
        () if at > rules.now => NoteKind::Expires,
        () if rules.publish_expired => NoteKind::ExpiryDropped,
        () => NoteKind::Expired,
    }))
}

/// Hugo's `build`: a page that is not rendered, or stands in no list, is not for readers.
fn of_build(entry: &Entry, parts: &[Entry]) -> Result<Option<Note>, Refusal> {
    for part in parts {
        let Value::Text(text) = &part.value else { return Err(riddle(entry)) };
        let hides = match (part.key.to_lowercase().as_str(), text.to_lowercase().as_str()) {
            ("render", "never" | "false" | "link") | ("list", "never" | "false") => true,
            ("render" | "list", "always" | "true") | ("list", "local") | ("publishresources", _) => false,
            _ => return Err(riddle(entry)),
        };
        if hides {
            let detail = format!("{}: {{{}: {text}}}", entry.key, part.key);
            return Ok(Some(Note::new(NoteKind::HiddenByField, entry.line, detail)));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests;
