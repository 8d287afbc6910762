use std::fmt;

use domain::values::Invalid;
use serde::Deserialize;
use unicode_normalization::UnicodeNormalization as _;

/// Least and most characters of a new password.
const LEAST: usize = 8;
const MOST: usize = 128;
/// No text of [`MOST`] characters is longer, whatever is added when it is composed.
const LONGEST_BYTES: usize = 1024;
/// What an attacker who knows what people choose tries first. A random password of eight letters needs 10^8 tries.
const FEW_TRIES: u64 = 1_000_000;

/// Which passwords are taken beyond their length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// Not those that are common, or that are made of the account's own name or address; judged offline.
    Uncommon,
    /// Any.
    Any,
}

/// A new password: 8 to 128 characters of any kind, in Unicode's form NFKC, so that it is the same whatever keyboard it
/// is typed on. It does not show.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Password(String);

/// A password that a caller shows: of any length up to a bound. It does not show.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Presented(String);

impl Password {
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    /// The same, as a caller shows it.
    #[must_use]
    pub fn presented(&self) -> Presented {
        Presented(self.0.clone())
    }
}

impl Presented {
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Password {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        let wrong = || Invalid(format!("must have {LEAST} to {MOST} characters"));
        // Before anything is done with it that takes the longer the longer it is.
        let password = normal(&text).ok_or_else(wrong)?;
        if (LEAST..=MOST).contains(&password.chars().count()) { Ok(Self(password)) } else { Err(wrong()) }
    }
}

impl TryFrom<String> for Presented {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        normal(&text).map(Self).ok_or_else(|| Invalid("is longer than any password".into()))
    }
}

fn normal(text: &str) -> Option<String> {
    (text.len() <= LONGEST_BYTES).then(|| text.nfkc().collect())
}

impl Policy {
    /// # Errors
    /// The password is not taken, and why.
    pub(super) fn check(self, password: &Password, about: &[String]) -> Result<(), Invalid> {
        match self {
            Self::Any => Ok(()),
            Self::Uncommon => {
                let about: Vec<&str> = about.iter().map(String::as_str).collect();
                if zxcvbn::zxcvbn(password.expose(), &about).guesses() < FEW_TRIES {
                    Err(Invalid("is too common, or too easy to guess".into()))
                } else {
                    Ok(())
                }
            }
        }
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(***)")
    }
}

impl fmt::Debug for Presented {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Presented(***)")
    }
}
