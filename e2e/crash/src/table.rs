//! The report as a person reads it.

use checker::Kind;

use crate::result::{Bound, Judgement, Sum};

/// The report in Markdown: what was done and found, what each kind of fault did, which bounds were kept.
#[must_use]
pub fn table(sum: &Sum) -> String {
    [summary(sum), kinds(sum), bounds(sum)].join("\n\n")
}

fn summary(sum: &Sum) -> String {
    let count = |of: fn(&checker::Counts) -> u64| -> u64 {
        sum.outcomes.iter().map(|outcome| of(&outcome.verdict.counts)).sum()
    };
    let mut rows = vec![
        ("seeds".to_owned(), sum.outcomes.len() as u64),
        ("faults".to_owned(), sum.faults()),
        ("commands accepted".to_owned(), sum.accepted()),
        ("attempts".to_owned(), count(|counts| counts.calls)),
        ("attempts refused".to_owned(), count(|counts| counts.refused)),
        ("attempts without an answer".to_owned(), count(|counts| counts.unknown)),
        ("answers to readers".to_owned(), count(|counts| counts.reads)),
        ("attempts with passwords and sessions".to_owned(), count(|counts| counts.visits)),
        ("attempts with working copies".to_owned(), count(|counts| counts.typing)),
        ("terms".to_owned(), count(|counts| counts.terms)),
        ("void records".to_owned(), count(|counts| counts.void)),
    ];
    rows.extend(Kind::ALL.map(|kind| (format!("{kind:?}").to_lowercase(), sum.violations(kind))));
    let problems = sum.outcomes.iter().map(|outcome| outcome.problems.len() as u64).sum();
    rows.push(("did not recover, or ended by itself".to_owned(), problems));
    let rows = rows.into_iter().map(|(name, count)| vec![name, grouped(count)]).collect();
    aligned(&["", "count"], rows)
}

fn kinds(sum: &Sum) -> String {
    let row = |(kind, measured): (&String, &crate::measure::Measured)| {
        let times = [
            measured.unavailable_ms,
            measured.accepts_after_ms,
            measured.unseen_ms,
            measured.shows_after_ms,
            measured.p99_ms(),
        ];
        let shown = times.map(|ms| if measured.alone == 0 { "–".to_owned() } else { format!("{ms:.0}") });
        let count = match measured.skipped {
            0 => measured.faults.to_string(),
            skipped => format!("{} ({skipped} skipped)", measured.faults),
        };
        [kind.clone(), count, measured.alone.to_string()].into_iter().chain(shown).collect()
    };
    let heads = [
        "kind of fault",
        "faults",
        "alone",
        "unavailable ms",
        "accepts after ms",
        "unseen ms",
        "shows after ms",
        "p99 ms",
    ];
    aligned(&heads, sum.kinds.iter().map(row).collect())
}

fn bounds(sum: &Sum) -> String {
    let row = |bound: Bound| {
        let kept = match bound.judgement {
            Judgement::Kept => "yes",
            Judgement::Missed => "NO",
            Judgement::NotMeasured => "not measured",
        };
        let measured = bound.measured_ms.map_or_else(|| "–".to_owned(), |ms| format!("{ms:.0}"));
        let (rounds, waived) = (bound.rounds.to_string(), bound.waived.to_string());
        vec![bound.name.to_owned(), rounds, measured, format!("{:.0}", bound.bound_ms), kept.to_owned(), waived]
    };
    let heads = ["bound", "rounds", "longest ms", "allowed ms", "kept", "waived: noisy machine"];
    aligned(&heads, sum.bounds().into_iter().map(row).collect())
}

/// 1234567 as `1,234,567`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let first = digits.len() % 3;
    let mut parts = vec![&digits[..first]];
    parts.extend((first..digits.len()).step_by(3).map(|at| &digits[at..at + 3]));
    parts.retain(|part| !part.is_empty());
    parts.join(",")
}

/// A table of Markdown whose columns are also straight as text.
fn aligned(heads: &[&str], rows: Vec<Vec<String>>) -> String {
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([heads[column].chars().count()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..heads.len()).map(width).collect();
    let line = |cells: Vec<&str>| {
        let padded = cells.iter().zip(&widths).map(|(cell, width)| format!(" {cell:width$} |"));
        format!("|{}", padded.collect::<String>())
    };
    let rule = widths.iter().map(|width| format!(" {} |", "-".repeat(*width)));
    let mut lines = vec![line(heads.to_vec()), format!("|{}", rule.collect::<String>())];
    lines.extend(rows.iter().map(|row| line(row.iter().map(String::as_str).collect())));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_numbers_are_grouped() {
        let shown = [0, 999, 1_000, 1_234_567].map(grouped);
        assert_eq!(shown, ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn a_table_is_straight() {
        let table = aligned(&["a", "long"], vec![vec!["wide one".into(), "1".into()]]);
        assert_eq!(table, "| a        | long |\n| -------- | ---- |\n| wide one | 1    |");
    }
}
