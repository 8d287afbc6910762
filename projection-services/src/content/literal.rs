//! Arrays inside arrays: `UNNEST` would flatten them, so each travels as Postgres's own text form and is cast back.

use std::fmt::Write;

/// `{"a","b"}`.
pub(super) fn array<T: AsRef<str>>(elements: impl IntoIterator<Item = T>) -> String {
    let mut literal = String::from("{");
    for element in elements {
        if literal.len() > 1 {
            literal.push(',');
        }
        literal.push('"');
        for c in element.as_ref().chars() {
            if matches!(c, '"' | '\\') {
                literal.push('\\');
            }
            literal.push(c);
        }
        literal.push('"');
    }
    literal.push('}');
    literal
}

/// The same of things that need no quotes: ids.
pub(super) fn bare<T: std::fmt::Display>(elements: impl IntoIterator<Item = T>) -> String {
    let mut literal = String::from("{");
    for element in elements {
        let comma = if literal.len() > 1 { "," } else { "" };
        write!(literal, "{comma}{element}").expect("a String takes everything");
    }
    literal.push('}');
    literal
}

#[cfg(test)]
mod tests;
