//! What a text can be, as far as a schema can say it: told once, for the rule that is enforced and for the description
//! that clients read.

use super::Invalid;

/// The limits of a text as it is sent. A type may ask for more than a schema can say: that each character is seen, that
/// a time zone is one that there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The least number of characters.
    pub least: usize,
    /// The greatest number of characters.
    pub most: usize,
    /// What it matches: a regular expression as ECMA-262, Python and Rust read it alike. The type's own rule sees to
    /// it; nothing is matched with this when a text is taken.
    pub pattern: Option<&'static str>,
}

/// A type that is made of texts within limits.
pub trait Limited {
    /// Outside of these no text is taken.
    const LIMITS: Limits;
}

impl Limits {
    /// From so many characters to so many.
    #[must_use]
    pub const fn of(least: usize, most: usize) -> Self {
        Self { least, most, pattern: None }
    }

    /// The same, matching a pattern.
    #[must_use]
    pub const fn matching(self, pattern: &'static str) -> Self {
        Self { pattern: Some(pattern), ..self }
    }

    /// Looks at the length.
    ///
    /// # Errors
    /// It has fewer or more characters.
    pub fn check(self, text: &str) -> Result<(), Invalid> {
        let Self { least, most, .. } = self;
        let length = text.chars().count();
        if (least..=most).contains(&length) {
            Ok(())
        } else {
            Err(Invalid(format!("must have {least} to {most} characters, has {length}")))
        }
    }
}
