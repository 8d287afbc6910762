//! What is personal: text about a person that is in the log only sealed, under a key that can be thrown away.
//!
//! This crate does not seal or open anything (that needs keys); it says which fields are personal, and tells sealed
//! text from plain. Commands and decisions carry sealed text and never look inside: equal text of one person and field
//! is sealed equally, so whether a profile differs can be told without opening it. Folds see plain text, for the
//! projector that feeds them opens it first.

use serde::{Deserialize, Serialize};

use crate::values::{Bio, CommentText, DisplayName, Explanation, ImageUrl, Invalid, SEALED_PREFIX, Statement};

/// A text of a person, sealed in the log. It is one string on the wire, so plain text of older records is read as such.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    try_from = "String",
    into = "String",
    bound(serialize = "T: Clone + Into<String>", deserialize = "T: TryFrom<String, Error = Invalid>")
)]
pub enum Personal<T> {
    /// As its owner typed it: opened, empty, or from before such text was sealed.
    Plain(T),
    /// As it is in the log.
    Sealed(Sealed),
}

/// Sealed text: [`SEALED_PREFIX`] and base64url. Whether it can be opened is not said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed(String);

/// A text that is personal.
pub trait PersonalText: TryFrom<String, Error = Invalid> + AsRef<str> {
    /// The field's name in the log: what is sealed for one field is nothing in another.
    const FIELD: &'static str;

    /// No text: what is left of it when its key is gone.
    #[must_use]
    fn none() -> Self {
        Self::try_from(String::new()).unwrap_or_else(|_| unreachable!("a personal text may be empty"))
    }
}

impl PersonalText for DisplayName {
    const FIELD: &'static str = "display_name";
}

impl PersonalText for Bio {
    const FIELD: &'static str = "bio";
}

impl PersonalText for ImageUrl {
    const FIELD: &'static str = "image_url";
}

impl PersonalText for CommentText {
    const FIELD: &'static str = "text";
}

impl PersonalText for Statement {
    const FIELD: &'static str = "statement";
}

impl PersonalText for Explanation {
    const FIELD: &'static str = "explanation";
}

impl Sealed {
    /// Sealed text of what a cipher gave, in base64url without padding.
    ///
    /// # Errors
    /// It is not base64url.
    pub fn of_base64url(encoded: &str) -> Result<Self, Invalid> {
        Self::try_from(format!("{SEALED_PREFIX}{encoded}"))
    }

    /// What the cipher gave, in base64url without padding.
    #[must_use]
    pub fn base64url(&self) -> &str {
        &self.0[SEALED_PREFIX.len()..]
    }
}

impl TryFrom<String> for Sealed {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        let fine = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        match text.strip_prefix(SEALED_PREFIX) {
            Some(encoded) if !encoded.is_empty() && encoded.chars().all(fine) => Ok(Self(text)),
            Some(_) | None => Err(Invalid("is not sealed text".into())),
        }
    }
}

impl<T: TryFrom<String, Error = Invalid>> TryFrom<String> for Personal<T> {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        if text.starts_with(SEALED_PREFIX) {
            Sealed::try_from(text).map(Self::Sealed)
        } else {
            T::try_from(text).map(Self::Plain)
        }
    }
}

impl<T: TryFrom<String, Error = Invalid>> std::str::FromStr for Personal<T> {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        Self::try_from(text.to_owned())
    }
}

impl<T: Into<String>> From<Personal<T>> for String {
    fn from(personal: Personal<T>) -> Self {
        match personal {
            Personal::Plain(text) => text.into(),
            Personal::Sealed(Sealed(text)) => text,
        }
    }
}

impl<T: AsRef<str>> Personal<T> {
    /// The text as it is, sealed or plain: what tells whether it differs from another.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Plain(text) => text.as_ref(),
            Self::Sealed(Sealed(text)) => text,
        }
    }

    /// What a reader is shown: nothing of what is sealed.
    #[must_use]
    pub fn shown(&self) -> &str {
        match self {
            Self::Plain(text) => text.as_ref(),
            Self::Sealed(_) => "",
        }
    }
}

impl<T> Personal<T> {
    /// Whether it is sealed.
    #[must_use]
    pub fn is_sealed(&self) -> bool {
        matches!(self, Self::Sealed(_))
    }
}

impl<T: PersonalText> Personal<T> {
    /// Opens it, if it is sealed: `open` is given the field's name, and gives the text, or nothing if its key is gone.
    ///
    /// # Errors
    /// What `open` says, or the text breaks its type's rule.
    pub fn open(&mut self, open: &mut Open<'_>) -> Result<(), Invalid> {
        if let Self::Sealed(sealed) = self {
            let opened = open(T::FIELD, sealed)?;
            *self = Self::Plain(opened.map_or_else(|| Ok(T::none()), T::try_from)?);
        }
        Ok(())
    }
}

/// What opens sealed text of one account: given the field's name, gives the text, or nothing if its key is gone.
pub type Open<'a> = dyn FnMut(&'static str, &Sealed) -> Result<Option<String>, Invalid> + 'a;

/// Nothing personal in a log line.
impl<T> std::fmt::Debug for Personal<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.is_sealed() { "Sealed(***)" } else { "Plain(***)" })
    }
}

#[cfg(test)]
mod tests;
