//! Files that are no pictures: they are kept as they are, and only ever given for download.

use super::parts::{Sink, Source};
use super::{Picture, Refused};

/// What a file is found to be, of which more is not said than helps a program to open it.
const NAMED: [&str; 14] = [
    "application/epub+zip",
    "application/gzip",
    "application/msword",
    "application/pdf",
    "application/vnd.ms-excel",
    "application/vnd.oasis.opendocument.presentation",
    "application/vnd.oasis.opendocument.spreadsheet",
    "application/vnd.oasis.opendocument.text",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/zip",
    "audio/mpeg",
    "video/mp4",
];

pub(super) fn copy(head: &[u8], source: &mut Source<'_>, sink: &mut Sink<'_>) -> Result<Picture, Refused> {
    if head.is_empty() {
        return Err(super::bad("it is empty"));
    }
    let found = infer::get(head);
    // What tells of people could not be taken out of a picture of another kind.
    if let Some(kind) = found.filter(|kind| kind.matcher_type() == infer::MatcherType::Image) {
        return Err(Refused::Unknown(kind.mime_type().to_owned()));
    }
    let named = found.and_then(|kind| NAMED.into_iter().find(|name| *name == kind.mime_type()));
    let media_type = named.unwrap_or(if is_text(head) { "text/plain" } else { "application/octet-stream" });
    let length = source.length();
    source.copy(sink, length)?;
    Ok(Picture { media_type, size: None, renders: false, drawn: 0 })
}

/// Whether a beginning is of a text: UTF-8, but for a character that was cut off, and no control characters.
fn is_text(head: &[u8]) -> bool {
    let valid = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => std::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or("\0"),
        Err(_) => return false,
    };
    !valid.chars().any(|c| c.is_control() && !c.is_whitespace())
}
