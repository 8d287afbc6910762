//! How far every projector has read, and how far there is to go.

use std::collections::HashMap;

use event_log::subscription::PartitionId;
use serde::Serialize;

use crate::log::Positions;

/// How far one projector has read one partition.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Line {
    /// The projector.
    pub projector: String,
    /// The context.
    pub context: String,
    /// The partition.
    pub partition: i32,
    /// The offset to read next.
    pub position: i64,
    /// The end of the log.
    pub end: i64,
    /// How many records are between the two.
    pub lag: i64,
}

/// The lines of one projector, in order: every partition of its contexts.
#[must_use]
pub fn lines(projector: &str, contexts: &[&str], at: &Positions, ends: &HashMap<PartitionId, i64>) -> Vec<Line> {
    let mut lines: Vec<Line> = ends
        .iter()
        .filter(|(partition, _)| contexts.contains(&partition.context.as_str()))
        .map(|(partition, end)| {
            let position = at.get(partition).map_or(0, |at| at.next_offset);
            Line {
                projector: projector.to_owned(),
                context: partition.context.clone(),
                partition: partition.partition,
                position,
                end: *end,
                lag: end - position,
            }
        })
        .collect();
    lines.sort_by(|one, other| (&one.context, one.partition).cmp(&(&other.context, other.partition)));
    lines
}

/// The lines as a table.
#[must_use]
pub fn table(lines: &[Line]) -> String {
    let mut table = format!(
        "{:<13} {:<10} {:>9} {:>12} {:>12} {:>10}\n",
        "projector", "context", "partition", "position", "end", "lag"
    );
    for line in lines {
        let Line { projector, context, partition, position, end, lag } = line;
        table += &format!("{projector:<13} {context:<10} {partition:>9} {position:>12} {end:>12} {lag:>10}\n");
    }
    table
}

#[cfg(test)]
mod tests;
