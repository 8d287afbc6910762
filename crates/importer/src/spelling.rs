//! When two names are the same. Ids, tags and user names are made of Latin letters, and different names may come to
//! the same ones: 王伟 and 汪维, Groß and Gross. So names are compared by their words, in which nothing is transliterated,
//! and those that differ there and come to the same letters are refused: to merge them would be to mistake one for the
//! other.

use std::collections::{BTreeSet, HashMap};

use domain::values::kebab_of;
use unicode_normalization::UnicodeNormalization;

/// A name as it was typed, and the Latin letters that it comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spelled {
    /// The Latin letters.
    pub latin: String,
    /// The name.
    pub name: String,
    /// Its line in the file.
    pub line: usize,
}

/// The words of a name: in NFC and lower case, joined by single hyphens. Marks that change what is meant stay (`C++`,
/// `.NET`), apostrophes do not count.
#[must_use]
pub fn words(name: &str) -> String {
    let mut words = String::new();
    let name: String = name.trim().nfc().collect();
    for (index, c) in name.chars().enumerate() {
        let leads = index == 0 && c == '.';
        if leads || !is_separator(c) {
            words.extend(c.to_lowercase());
        } else if !matches!(c, '\'' | '’') && !words.is_empty() && !words.ends_with('-') {
            words.push('-');
        }
    }
    words.trim_end_matches('-').to_owned()
}

/// White space and punctuation. A mark that is part of a name, such as `+`, `#`, `%` or a symbol, is neither.
fn is_separator(c: char) -> bool {
    let is_punctuation = matches!(c, '\u{2000}'..='\u{206f}' | '\u{3000}'..='\u{303f}' | '«' | '»' | '·' | '¡' | '¿');
    let is_mark = matches!(c, '+' | '#' | '%' | '*' | '$' | '@' | '=' | '<' | '>' | '^');
    c.is_whitespace() || c.is_control() || is_punctuation || (c.is_ascii_punctuation() && !is_mark)
}

/// The Latin letters of a tag: as of any text, but `+` and a `#` behind a letter are spelled out: C, C++ and C# are
/// three.
#[must_use]
pub fn latin_tag(name: &str) -> String {
    let mut spelled = String::new();
    let mut before = ' ';
    for c in name.chars() {
        match c {
            '+' => spelled.push_str(" plus "),
            '#' if before.is_alphanumeric() => spelled.push_str(" sharp "),
            c => spelled.push(c),
        }
        before = c;
    }
    kebab_of(&spelled, 64)
}

/// How names are spelled that come to the same Latin letters.
#[derive(Clone, Debug, Default)]
pub struct Spellings(HashMap<String, BTreeSet<String>>);

impl Spellings {
    /// Takes note of a name.
    pub fn add(&mut self, spelled: &Spelled) {
        self.0.entry(spelled.latin.clone()).or_default().insert(words(&spelled.name));
    }

    /// Another name that comes to the same Latin letters; `None` if there is none, or if this one is spelled in them.
    #[must_use]
    pub fn clash(&self, spelled: &Spelled) -> Option<&str> {
        let own = words(&spelled.name);
        let others = self.0.get(&spelled.latin).filter(|_| own != spelled.latin)?;
        others.iter().find(|other| **other != own).map(String::as_str)
    }
}

#[cfg(test)]
mod tests;
