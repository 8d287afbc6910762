//! E-mail addresses.

use std::fmt;
use std::str::FromStr;

use domain::values::{Invalid, Limited, Limits};
use serde::{Deserialize, Serialize};
use service_kit::schemas;
use unicode_normalization::UnicodeNormalization as _;

/// An e-mail address that mail can be sent to: at most 254 characters. It does not show in logs.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Email(String);

impl Email {
    /// The address as it was typed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form that is unique: lower case, composed, and the domain as the DNS has it, for `bücher.example` and
    /// `xn--bcher-kva.example` are one (UTS 46). Mail systems may tell cases apart; people do not.
    #[must_use]
    pub fn canonical(&self) -> String {
        let (local, domain) = self.0.rsplit_once('@').unwrap_or((&self.0, ""));
        let plain = |text: &str| text.nfkc().collect::<String>().to_lowercase();
        let domain = idna::domain_to_ascii(domain).unwrap_or_else(|_| plain(domain));
        format!("{}@{domain}", plain(local))
    }
}

impl Limited for Email {
    const LIMITS: Limits = Limits::of(5, 254);
}

service_kit::describe! {
    Email as "Email" = schemas::text_of_format(Email::LIMITS, "email");
}

impl TryFrom<String> for Email {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        let wrong = || Invalid("is not an e-mail address".into());
        Self::LIMITS.check(&text)?;
        // What counts for a mail server is bytes.
        if text.len() > Self::LIMITS.most {
            return Err(Invalid(format!("must have at most {} bytes", Self::LIMITS.most)));
        }
        let text: String = text.trim().nfc().collect();
        // A header that mail is sent with must not be broken out of.
        if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(wrong());
        }
        let address = lettre::Address::from_str(&text).map_err(|_| wrong())?;
        // A name of this network only is not where people read mail.
        if address.domain().contains('.') { Ok(Self(text)) } else { Err(wrong()) }
    }
}

impl FromStr for Email {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        Self::try_from(text.to_owned())
    }
}

impl From<Email> for String {
    fn from(email: Email) -> Self {
        email.0
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(***)")
    }
}

#[cfg(test)]
mod tests;
