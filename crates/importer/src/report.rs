//! The closing report: how many entries were imported, changed, unchanged or refused, and what there is to say.

mod text;

use std::collections::HashSet;
use std::time::Duration;

use serde::Serialize;

use crate::note::{Note, NoteKind, Refusal};
use crate::plan::Plan;

/// What an import did.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// Whether nothing was sent.
    pub dry_run: bool,
    /// What became of the accounts.
    pub accounts: Tally,
    /// What became of the categories.
    pub categories: Tally,
    /// What became of the posts.
    pub posts: Tally,
    /// How many of the posts are drafts, which are not published.
    pub drafts: usize,
    /// What was not imported, and why, in the order of the files.
    pub refused: Vec<Refused>,
    /// What was repaired or left out, in the order of the files.
    pub notes: Vec<FileNote>,
    /// How often a command had to be sent again.
    pub retries: u64,
    /// How long it took.
    pub duration_ms: u64,
}

/// How many entries came to which end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// They were not there before.
    pub imported: usize,
    /// They were there, and differed.
    pub changed: usize,
    /// They were there, as they are.
    pub unchanged: usize,
    /// They were not accepted.
    pub refused: usize,
}

/// An entry that was not imported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refused {
    /// Its file, relative to the folder.
    pub file: String,
    /// Where, and why.
    #[serde(flatten)]
    pub refusal: Refusal,
}

/// A note on a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FileNote {
    /// The file, relative to the folder.
    pub file: String,
    /// The note.
    #[serde(flatten)]
    pub note: Note,
}

impl From<(String, Note)> for FileNote {
    fn from((file, note): (String, Note)) -> Self {
        Self { file, note }
    }
}

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Account,
    Category,
    Post,
}

/// What became of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Imported,
    Changed,
    Unchanged,
    Refused(Refusal),
}

impl Outcome {
    pub(crate) fn of(created: bool, changed: bool) -> Self {
        match (created, changed) {
            (true, _) => Self::Imported,
            (false, true) => Self::Changed,
            (false, false) => Self::Unchanged,
        }
    }
}

impl Report {
    /// The report before anything is sent: what could not be read, and what was repaired. A dry run ends with it, and
    /// counts as imported what would be sent.
    pub(crate) fn of_plan(plan: &Plan, dry_run: bool) -> Self {
        let mut report = Self { dry_run, ..Self::default() };
        report.drafts = plan.posts.iter().filter(|post| post.draft).count();
        // What is there already keeps its address, so only a dry run goes by what the plan proposes.
        let renamed = plan.renamed().filter(|_| dry_run);
        report.notes = plan.notes.iter().cloned().chain(renamed).map(FileNote::from).collect();
        for (file, refusal) in &plan.refused {
            let kind = if file.starts_with("authors/") { Kind::Account } else { Kind::Post };
            report.count(kind, file, Outcome::Refused(refusal.clone()));
        }
        if dry_run {
            (report.accounts.imported, report.posts.imported) = (plan.accounts.len(), plan.posts.len());
            report.categories.imported = plan.categories.len();
        }
        report
    }

    pub(crate) fn count(&mut self, kind: Kind, file: &str, outcome: Outcome) {
        let tally = match kind {
            Kind::Account => &mut self.accounts,
            Kind::Category => &mut self.categories,
            Kind::Post => &mut self.posts,
        };
        match outcome {
            Outcome::Imported => tally.imported += 1,
            Outcome::Changed => tally.changed += 1,
            Outcome::Unchanged => tally.unchanged += 1,
            Outcome::Refused(refusal) => {
                tally.refused += 1;
                self.refused.push(Refused { file: file.to_owned(), refusal });
            }
        }
    }

    /// Puts everything in the order of the files: answers came in any order.
    pub(crate) fn finish(&mut self, elapsed: Duration) {
        self.refused.sort_by(|a, b| (&a.file, a.refusal.line).cmp(&(&b.file, b.refusal.line)));
        self.notes.sort_by(|a, b| (&a.file, a.note.line, a.note.kind).cmp(&(&b.file, b.note.line, b.note.kind)));
        self.duration_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
    }

    /// The notes of a kind.
    pub fn notes_of(&self, kind: NoteKind) -> impl Iterator<Item = &FileNote> {
        self.notes.iter().filter(move |note| note.note.kind == kind)
    }

    /// How many files have something noted.
    #[must_use]
    pub fn files_with_notes(&self) -> usize {
        self.notes.iter().map(|note| note.file.as_str()).collect::<HashSet<_>>().len()
    }

    /// The report for programs.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("counts and texts have a JSON form")
    }
}

#[cfg(test)]
mod tests;
