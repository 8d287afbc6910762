use std::fmt;

use domain::values::{Invalid, Limited, Limits};
use serde::Deserialize;
use service_kit::schemas;
use unicode_normalization::UnicodeNormalization as _;

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

impl Limited for Password {
    const LIMITS: Limits = Limits::of(8, 128);
}

impl Limited for Presented {
    /// In bytes. No text of a new password's length is longer, whatever is added when it is composed.
    const LIMITS: Limits = Limits::of(0, 1024);
}

service_kit::describe! {
    Password as "Password" = schemas::text_of_format(Password::LIMITS, "password");
    Presented as "PresentPassword" = schemas::text_of_format(Presented::LIMITS, "password");
}

impl TryFrom<String> for Password {
    type Error = Invalid;

    /// As typed and as composed it has the length of a password.
    fn try_from(text: String) -> Result<Self, Invalid> {
        let wrong = || Invalid(format!("must have {} to {} characters", Self::LIMITS.least, Self::LIMITS.most));
        // Before anything is done with it that takes the longer the longer it is.
        Self::LIMITS.check(&text).map_err(|_| wrong())?;
        let password = normal(&text).ok_or_else(wrong)?;
        Self::LIMITS.check(&password).map(|()| Self(password)).map_err(|_| wrong())
    }
}

impl TryFrom<String> for Presented {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        normal(&text).map(Self).ok_or_else(|| Invalid("is longer than any password".into()))
    }
}

fn normal(text: &str) -> Option<String> {
    (text.len() <= Presented::LIMITS.most).then(|| text.nfkc().collect())
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
