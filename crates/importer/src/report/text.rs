//! The report for people: numbers first, then everything that was refused, then the notes by kind with examples.

use std::collections::BTreeMap;
use std::fmt;

use super::{FileNote, Report, Tally};
use crate::note::NoteKind;

/// How many examples of a kind of note are shown; the JSON report has all.
const EXAMPLES: usize = 3;

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = if self.dry_run { "would be imported" } else { "imported" };
        tally(f, "accounts", what, &self.accounts)?;
        if self.categories != Tally::default() {
            tally(f, "categories", what, &self.categories)?;
        }
        tally(f, "posts", what, &self.posts)?;
        if self.drafts > 0 {
            writeln!(f, "drafts     {:>6} of the posts, not published", self.drafts)?;
        }
        let seconds = self.duration_ms as f64 / 1_000.0;
        writeln!(f, "took       {seconds:>6.1} s, {} commands sent again", self.retries)?;
        self.fmt_refused(f)?;
        self.fmt_notes(f)
    }
}

impl Report {
    fn fmt_refused(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.refused.is_empty() {
            writeln!(f, "\nrefused ({}):", self.refused.len())?;
        }
        for refused in &self.refused {
            writeln!(f, "  {}:{}: {}", shown(&refused.file), refused.refusal.line, shown(&refused.refusal.reason))?;
        }
        Ok(())
    }

    fn fmt_notes(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.notes.is_empty() {
            return Ok(());
        }
        let mut groups: BTreeMap<(NoteKind, &str), Vec<&FileNote>> = BTreeMap::new();
        for note in &self.notes {
            groups.entry((note.note.kind, subject(note))).or_default().push(note);
        }
        writeln!(f, "\nnotes ({}, in {} files; --json lists all):", self.notes.len(), self.files_with_notes())?;
        for ((kind, subject), notes) in groups {
            writeln!(f, "{:>6}  {}{}", notes.len(), kind.text(), told(subject))?;
            notes.iter().take(EXAMPLES).try_for_each(|note| example(f, note, subject))?;
        }
        Ok(())
    }
}

/// Fields are grouped by their name, for there are few of them; all else by its kind alone.
fn subject(note: &FileNote) -> &str {
    if note.note.kind == NoteKind::FieldNotKept { &note.note.detail } else { "" }
}

/// The place of a note, with what was not said of all such notes.
fn example(f: &mut fmt::Formatter<'_>, note: &FileNote, subject: &str) -> fmt::Result {
    let detail = if subject.is_empty() { note.note.detail.as_str() } else { "" };
    writeln!(f, "          {}:{}{}", shown(&note.file), note.note.line, told(detail))
}

/// What there is to add behind a colon, if there is anything.
fn told(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(": {}", shown(text)) }
}

fn tally(f: &mut fmt::Formatter<'_>, name: &str, what: &str, tally: &Tally) -> fmt::Result {
    let Tally { imported, changed, unchanged, refused } = tally;
    writeln!(f, "{name:<10} {imported:>6} {what}, {changed} changed, {unchanged} unchanged, {refused} refused")
}

/// A text from a file, fit for a terminal: on one line, without control characters, and not endless.
fn shown(text: &str) -> String {
    let mut letters = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let mut shown: String = letters.by_ref().take(200).collect();
    if letters.next().is_some() {
        shown.push('…');
    }
    shown
}
