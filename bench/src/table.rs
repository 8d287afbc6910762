//! The figures as a table in Markdown, as it stands in the README.

use crate::report::Figure;

const HEAD: [&str; 6] = ["measure", "inklog", "reference", "ratio", "goal", "met"];

/// One line per figure, its columns aligned.
pub(crate) fn table(figures: &[Figure]) -> String {
    let mut rows = vec![HEAD.map(str::to_owned)];
    rows.extend(figures.iter().map(row));
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths = [0, 1, 2, 3, 4, 5].map(width);
    let mut lines: Vec<String> = rows.iter().map(|row| line(row, widths)).collect();
    lines.insert(1, line(&widths.map(|width| "-".repeat(width)), widths));
    lines.join("\n")
}

fn line(cells: &[String; 6], widths: [usize; 6]) -> String {
    let padded = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
    format!("| {} |", padded.collect::<Vec<_>>().join(" | "))
}

fn row(figure: &Figure) -> [String; 6] {
    let reference = match (&figure.reference, &figure.reference_name) {
        (Some(value), Some(name)) => format!("{} ({name})", shown(*value, figure.unit)),
        _ => String::new(),
    };
    let met = match figure.met {
        Some(true) => "yes",
        Some(false) => "NO",
        None => "",
    };
    [
        figure.name.clone(),
        shown(figure.ours, figure.unit),
        reference,
        figure.ratio.map(|ratio| format!("{ratio:.2}")).unwrap_or_default(),
        figure.goal.clone().unwrap_or_default(),
        met.to_owned(),
    ]
}

/// Three digits, and thousands apart.
fn shown(value: f64, unit: &str) -> String {
    let digits = if value >= 100.0 { 0 } else { usize::from(value < 10.0) + 1 };
    let plain = format!("{value:.digits$}");
    let (whole, rest) = plain.split_once('.').map_or((plain.as_str(), String::new()), |(w, r)| (w, format!(".{r}")));
    let mut grouped = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{grouped}{rest} {unit}")
}

#[cfg(test)]
mod tests;
