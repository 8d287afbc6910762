use serde_path_to_error::Segment;

use crate::{FieldError, Problem};

/// What a deserializer's error means for the client that sent the text.
pub(super) fn explain(error: serde_path_to_error::Error<serde_json::Error>) -> Problem {
    if !error.inner().is_data() {
        return syntax(error.inner());
    }
    let mut pointer = pointer(error.path());
    let message = without_place(&error.inner().to_string());
    // An unknown field is in the path already; one that is missing, or came twice, is only in the message.
    for (says, shown) in [("missing field `", "is missing"), ("duplicate field `", "is given twice")] {
        if let Some(field) = message.strip_prefix(says).and_then(|rest| rest.split('`').next()) {
            push(&mut pointer, field);
            return Problem::invalid(vec![FieldError::at(pointer, shown)]);
        }
    }
    if message.starts_with("unknown field") {
        return Problem::invalid(vec![FieldError::unknown(pointer, unknown(&message))]);
    }
    if message.starts_with("unknown variant") {
        return Problem::invalid(vec![FieldError::unknown(pointer, message)]);
    }
    Problem::invalid(vec![FieldError::at(pointer, message)])
}

/// The problem of a text that is no JSON.
#[must_use]
pub fn syntax(error: &serde_json::Error) -> Problem {
    let message = without_place(&error.to_string());
    let (line, column) = (error.line(), error.column());
    Problem::malformed(format!("not JSON: {message}, at line {line}, column {column}"))
        .with("line", line)
        .with("column", column)
}

fn unknown(message: &str) -> String {
    match message.split_once(", ") {
        Some((_, expected)) => format!("is not known here; {}", expected.replace('`', "")),
        None => "is not known here".into(),
    }
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => push(&mut pointer, &index.to_string()),
            Segment::Map { key } | Segment::Enum { variant: key } => push(&mut pointer, key),
            Segment::Unknown => {}
        }
    }
    pointer
}

fn push(pointer: &mut String, token: &str) {
    pointer.push('/');
    pointer.push_str(&token.replace('~', "~0").replace('/', "~1"));
}

/// `serde_json` ends its messages with the place, which has members of its own here.
fn without_place(message: &str) -> String {
    message.rfind(" at line ").map_or(message, |place| &message[..place]).to_owned()
}
