//! What is wrong with a value, as the services say it. What was sent is not repeated: it may be a password.

use boon::{ErrorKind, ValidationError};
use service_kit::FieldError;

/// No more faults of one request are told.
pub(super) const MOST: usize = 20;

/// The faults that an error stands for.
pub(super) fn of(error: &ValidationError<'_, '_>) -> Vec<FieldError> {
    let mut faults = Vec::new();
    collect(error, &mut faults);
    // A text that is too short may be no match, either: of one place the first is told.
    faults.dedup_by(|next, first| next.pointer == first.pointer);
    faults.truncate(MOST);
    faults
}

fn collect(error: &ValidationError<'_, '_>, faults: &mut Vec<FieldError>) {
    if faults.len() >= MOST {
        return;
    }
    let at = error.instance_location.to_string();
    match &error.kind {
        ErrorKind::Required { want } => {
            faults.extend(want.iter().map(|name| FieldError::at(below(&at, name), "is missing")));
        }
        ErrorKind::AdditionalProperties { got } => {
            let unknown = got.iter().take(MOST);
            faults.extend(unknown.map(|name| FieldError::unknown(below(&at, name), "is not known here")));
        }
        ErrorKind::Enum { .. } => faults.push(FieldError::unknown(at, words(&error.kind))),
        ErrorKind::OneOf(None) | ErrorKind::AnyOf => match nearest(error) {
            Some(cause) => collect(cause, faults),
            None => faults.push(FieldError::at(at, "is none of what it may be")),
        },
        _ if error.causes.is_empty() => faults.push(FieldError::at(at, words(&error.kind))),
        _ => error.causes.iter().for_each(|cause| collect(cause, faults)),
    }
}

/// Of several ways in which a value could have been right the one that it misses by least: not by being of another
/// type, as null is.
fn nearest<'e, 's, 'v>(error: &'e ValidationError<'s, 'v>) -> Option<&'e ValidationError<'s, 'v>> {
    let at = error.instance_location.to_string();
    let is_other = |cause: &&ValidationError<'_, '_>| {
        let first = innermost(cause);
        matches!(first.kind, ErrorKind::Type { .. }) && first.instance_location.to_string() == at
    };
    error.causes.iter().filter(|cause| !is_other(cause)).min_by_key(|cause| cause.causes.len())
}

fn innermost<'e, 's, 'v>(error: &'e ValidationError<'s, 'v>) -> &'e ValidationError<'s, 'v> {
    error.causes.first().map_or(error, innermost)
}

/// The pointer to a member.
fn below(pointer: &str, name: &str) -> String {
    format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"))
}

fn words(kind: &ErrorKind<'_, '_>) -> String {
    match kind {
        ErrorKind::Pattern { want, .. } => format!("must match {want}"),
        ErrorKind::MinLength { want, .. } => format!("must have {want} characters or more"),
        ErrorKind::MaxLength { want, .. } => format!("must have {want} characters at most"),
        ErrorKind::Minimum { want, .. } => format!("must be {want} or more"),
        ErrorKind::Maximum { want, .. } => format!("must be {want} at most"),
        ErrorKind::MaxItems { got, want } => format!("has {got} entries; at most {want} are allowed"),
        ErrorKind::MinItems { got, want } => format!("has {got} entries; at least {want} are needed"),
        ErrorKind::UniqueItems { got: [first, second] } => {
            format!("has entries {first} and {second} that are the same")
        }
        ErrorKind::Format { want, .. } => format!("is no {want}"),
        ErrorKind::Type { got, want } => {
            let want: Vec<String> = want.iter().map(|kind| kind.to_string()).collect();
            format!("must be {}, is {got}", want.join(" or "))
        }
        ErrorKind::MaxProperties { got, want } => format!("has {got} members; at most {want} are allowed"),
        // What it says is of the schema, and of no text that was sent.
        ErrorKind::Enum { .. } => kind.to_string(),
        _ => "is not as the document has it".to_owned(),
    }
}
