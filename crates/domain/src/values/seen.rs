//! Which characters may stand in what people type. In a name or a title each is seen by its reader, or does something
//! to one that is: of two that look alike one could pose as the other, and one that turns the line round, or that is
//! not seen at all, shows something else than what it is. A longer text holds what every reader of it can hold.

use icu_properties::props::{
    BidiClass, CanonicalCombiningClass, DefaultIgnorableCodePoint, Emoji, EmojiModifier, ExtendedPictographic,
    GeneralCategory, Ideographic, JoiningType, VariationSelector,
};
use icu_properties::{CodePointMapData, CodePointSetData};

use super::Invalid;

/// What ends a line, or does things to a terminal.
const BREAKS: [GeneralCategory; 3] =
    [GeneralCategory::Control, GeneralCategory::LineSeparator, GeneralCategory::ParagraphSeparator];
/// What has no shape that all readers know.
const UNKNOWN: [GeneralCategory; 3] =
    [GeneralCategory::Unassigned, GeneralCategory::PrivateUse, GeneralCategory::Surrogate];

const ZERO_WIDTH_NON_JOINER: char = '\u{200c}';
const ZERO_WIDTH_JOINER: char = '\u{200d}';
/// Between the letters of a Mongolian word.
const MONGOLIAN_VOWEL_SEPARATOR: char = '\u{180e}';
/// What makes the flags of England, Scotland and Wales: a black flag, tags that spell the region, and their end.
const BLACK_FLAG: char = '\u{1f3f4}';
const TAGS: std::ops::RangeInclusive<char> = '\u{e0020}'..='\u{e007e}';
const END_OF_TAGS: char = '\u{e007f}';
/// What makes a digit a key of a telephone.
const KEYCAP: char = '\u{20e3}';
/// A letter of Braille without a dot.
const BRAILLE_BLANK: char = '\u{2800}';

/// Checks a line: a name, a title. An empty one is fine.
///
/// # Errors
/// The first character that may not stand where it does; or that there is none that shows.
pub(super) fn line(text: &str) -> Result<(), Invalid> {
    let chars: Vec<char> = text.chars().collect();
    if let Some(at) = (0..chars.len()).find(|at| !is_fine(&chars, *at)) {
        return Err(hidden(chars[at]));
    }
    if !chars.is_empty() && !chars.iter().any(|c| shows(*c)) {
        return Err(Invalid("must have a character that is seen".into()));
    }
    Ok(())
}

/// What turns the line round. No program leaves it by accident.
const TURNS: [std::ops::RangeInclusive<char>; 2] = ['\u{202a}'..='\u{202e}', '\u{2066}'..='\u{2069}'];

/// The line without the characters that are not seen and do nothing to one that is, nor turn it round: what other
/// programs left in it.
pub(super) fn only(text: &str) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    loop {
        let turns = |c: char| TURNS.iter().any(|range| range.contains(&c));
        let is_kept = |at: &usize| is_fine(&chars, *at) || !is_ignorable(chars[*at]) || turns(chars[*at]);
        let kept: Vec<char> = (0..chars.len()).filter(is_kept).map(|at| chars[at]).collect();
        // One that did something to another may do nothing any more.
        if kept.len() == chars.len() {
            return kept.into_iter().collect();
        }
        chars = kept;
    }
}

/// Checks a text of several lines: it holds what JSON, XML and Postgres can hold.
///
/// # Errors
/// The first character that is none of a text, and its line.
pub(super) fn text(text: &str) -> Result<(), Invalid> {
    let is_none =
        |c: char| (c.is_ascii_control() && !"\t\n\r\u{7f}".contains(c)) || matches!(c, '\u{fffe}' | '\u{ffff}');
    let Some(at) = text.find(is_none) else { return Ok(()) };
    let line = text[..at].matches('\n').count() + 1;
    let number = text[at..].chars().next().map_or(0, u32::from);
    Err(Invalid(format!("may not hold the character U+{number:04X}, as it does in line {line}")))
}

/// Checks an address: it ends where a reader sees it end.
///
/// # Errors
/// It has a space, a quotation mark or a bracket in it, or what [`line`] refuses.
pub(super) fn address(text: &str) -> Result<(), Invalid> {
    if text.contains(|c: char| c.is_whitespace() || "\"<>\\`".contains(c)) {
        return Err(Invalid("may not hold spaces, quotation marks, angle brackets or backslashes".into()));
    }
    line(text)
}

fn hidden(c: char) -> Invalid {
    let category = category(c);
    if BREAKS.contains(&category) {
        return Invalid("may not hold control characters or line breaks".into());
    }
    let reason = if category == GeneralCategory::Unassigned {
        "is no character of Unicode"
    } else if category == GeneralCategory::PrivateUse {
        "looks different from reader to reader"
    } else {
        "is not seen there, or turns the line round"
    };
    Invalid(format!("may not hold the character U+{:04X}, which {reason}", u32::from(c)))
}

fn is_fine(chars: &[char], at: usize) -> bool {
    let (c, category) = (chars[at], category(chars[at]));
    if BREAKS.contains(&category) || UNKNOWN.contains(&category) {
        false
    } else if is_ignorable(c) {
        is_meant(chars, at)
    } else {
        // Marks around an annotation, which plain text has not.
        !matches!(c, '\u{fff9}'..='\u{fffb}')
    }
}

/// Whether a character that has no shape of its own does something to one that has.
fn is_meant(chars: &[char], at: usize) -> bool {
    let (before, after) = (&chars[..at], &chars[at + 1..]);
    match chars[at] {
        c if CodePointSetData::new::<VariationSelector>().contains(c) => {
            before.last().is_some_and(|base| varies(*base, c, after.first()))
        }
        ZERO_WIDTH_JOINER => {
            // Between two letters that are joined anyway it does nothing.
            let joined = joins(last_letter(before)) != joins(after.first());
            joined || joins_emoji(before, after) || shapes_a_cluster(before, after)
        }
        ZERO_WIDTH_NON_JOINER | MONGOLIAN_VOWEL_SEPARATOR => {
            shapes_a_cluster(before, after) || (joins(last_letter(before)) && joins(after.first()))
        }
        // They keep a full stop on the side of the words that it ends, where words run from right to left.
        '\u{61c}' | '\u{200e}' | '\u{200f}' => chars.iter().any(|c| runs_to_the_left(*c)),
        c if TAGS.contains(&c) || c == END_OF_TAGS => is_in_a_flag(before, c, after),
        _ => false,
    }
}

/// Whether a character is one of those that have variants of this kind: emoji and symbols, ideographs as they are
/// written in names, letters of Mongolian.
fn varies(base: char, selector: char, after: Option<&char>) -> bool {
    let is_ideograph = CodePointSetData::new::<Ideographic>().contains(base);
    match selector {
        // A digit is a key's, or no emoji.
        '\u{fe0e}' | '\u{fe0f}' if base.is_ascii() => after == Some(&KEYCAP),
        '\u{fe0e}' | '\u{fe0f}' => CodePointSetData::new::<Emoji>().contains(base),
        '\u{fe00}'..='\u{fe0d}' => is_ideograph || category(base) == GeneralCategory::MathSymbol,
        '\u{180b}'..='\u{180f}' => joins(Some(&base)),
        _ => is_ideograph,
    }
}

/// As in the sign of a family, between the people of whom it is made.
fn joins_emoji(before: &[char], after: &[char]) -> bool {
    let pictographic = CodePointSetData::new::<ExtendedPictographic>();
    let modifies = |c: &char| *c == '\u{fe0f}' || CodePointSetData::new::<EmojiModifier>().contains(*c);
    let base = before.iter().rev().find(|c| !modifies(c));
    base.is_some_and(|c| pictographic.contains(*c)) && after.first().is_some_and(|c| pictographic.contains(*c))
}

/// As beside the sign that takes a vowel away, in the scripts of India (RFC 5892, appendix A).
fn shapes_a_cluster(before: &[char], after: &[char]) -> bool {
    let is_virama =
        |c: &char| CodePointMapData::<CanonicalCombiningClass>::new().get(*c) == CanonicalCombiningClass::Virama;
    before.last().is_some_and(is_virama) || after.first().is_some_and(is_virama)
}

/// Whether it is a letter that is written together with others, as in Arabic and Persian.
fn joins(c: Option<&char>) -> bool {
    let joining = |c: &char| CodePointMapData::<JoiningType>::new().get(*c);
    c.is_some_and(|c| {
        matches!(joining(c), JoiningType::DualJoining | JoiningType::RightJoining | JoiningType::LeftJoining)
    })
}

fn last_letter(before: &[char]) -> Option<&char> {
    let transparent = |c: &char| CodePointMapData::<JoiningType>::new().get(*c) == JoiningType::Transparent;
    before.iter().rev().find(|c| !transparent(c))
}

fn runs_to_the_left(c: char) -> bool {
    matches!(CodePointMapData::<BidiClass>::new().get(c), BidiClass::RightToLeft | BidiClass::ArabicLetter)
        && !is_ignorable(c)
}

fn is_in_a_flag(before: &[char], c: char, after: &[char]) -> bool {
    let begun = before.iter().rev().find(|c| !TAGS.contains(*c)) == Some(&BLACK_FLAG);
    let ended = match c {
        END_OF_TAGS => before.last() != Some(&BLACK_FLAG),
        _ => after.iter().find(|c| !TAGS.contains(*c)) == Some(&END_OF_TAGS),
    };
    begun && ended
}

/// Whether it has a shape: a letter, a digit, a sign.
fn shows(c: char) -> bool {
    let is_blank = matches!(
        category(c),
        GeneralCategory::SpaceSeparator
            | GeneralCategory::Control
            | GeneralCategory::Format
            | GeneralCategory::NonspacingMark
            | GeneralCategory::EnclosingMark
    );
    !is_blank && !is_ignorable(c) && c != BRAILLE_BLANK
}

/// Whether it is not seen by itself.
pub(crate) fn is_ignorable(c: char) -> bool {
    CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
}

fn category(c: char) -> GeneralCategory {
    CodePointMapData::<GeneralCategory>::new().get(c)
}

#[cfg(test)]
mod tests;
