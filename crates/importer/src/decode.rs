//! From a file's bytes to text: nothing is lost, what is repaired is noted.

use crate::note::{Note, NoteKind};

/// A file as text, with `\n` line ends and no byte order mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// The text.
    pub text: String,
    /// What was repaired.
    pub notes: Vec<Note>,
}

/// Reads bytes as UTF-8. Runs that are none are read as Windows-1252, which is what they are in practice.
#[must_use]
pub fn decode(bytes: &[u8]) -> Decoded {
    let mut notes = Vec::new();
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut text = String::with_capacity(bytes.len());
    let mut repaired = 0;
    let mut first = 0;
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() && repaired == 0 {
            first = line_count(&text);
        }
        repaired += chunk.invalid().len();
        text.extend(chunk.invalid().iter().map(|byte| windows_1252(*byte)));
    }
    if repaired > 0 {
        notes.push(Note::new(NoteKind::NotUtf8, first, format!("{repaired} bytes")));
    }
    if let Some(at) = text.find("\r\n") {
        notes.push(Note::new(NoteKind::LineEnds, line_count(&text[..at]), ""));
        text = text.replace("\r\n", "\n");
    }
    Decoded { text, notes }
}

/// The line on which a text ends, from 1.
fn line_count(text: &str) -> usize {
    1 + text.bytes().filter(|byte| *byte == b'\n').count()
}

/// The character of a byte in Windows-1252; the five bytes that have none become U+FFFD.
fn windows_1252(byte: u8) -> char {
    const HIGH: [char; 32] = [
        '€', '\u{fffd}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{fffd}', 'Ž', '\u{fffd}',
        '\u{fffd}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{fffd}', 'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9f => HIGH[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

#[cfg(test)]
mod tests;
