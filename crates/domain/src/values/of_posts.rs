//! What a post has beside its text: where else it stands, its cover, what search engines are told, fields of one's own.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::rules::{image_url, one_line, text};
use super::{Invalid, Limited, Limits, Sha256, TEXT, choice, seen};

/// What the addresses of items of media begin with.
pub const WITHIN: &str = "/media/";
/// An http or https address that is not empty.
const ADDRESS: &str = r#"^https?://[^\s"<>`\\]+$"#;

text_value!(
    /// The address of a page or picture somewhere: http or https, at most 2,000 characters.
    WebAddress, Limits::of(8, 2_000).matching(ADDRESS), address; typed: seen::address
);
text_value!(
    /// The picture at the head of a post: the address of one somewhere, or that of an item of media here,
    /// `/media/<sha256>`.
    CoverImage, Limits::of(8, 2_000), |t, limits| match hosted(&t) {
        Some(_) => Ok(t),
        None => address(t, limits),
    }
);
text_value!(
    /// What is to be read where a picture is not seen: one line of at most 1,000 characters; empty where it shows
    /// nothing of note.
    AltText, Limits::of(0, 1_000), |t, limits| one_line(&t, limits); typed: |text| seen::line(text.trim())
);
text_value!(
    /// What search engines and previews show of a post: 1 to 500 characters.
    MetaDescription, Limits::of(1, 500).matching(TEXT), |t, limits| text(t.trim().to_owned(), limits);
    typed: seen::text
);
text_value!(
    /// Fields of one's own: a JSON object of at most 16,384 bytes and 8 levels, kept in its canonical form (keys in
    /// order, no spaces). What they may be a schema says that the service is configured with.
    CustomFields, Limits::of(2, 16_384), |t, limits| custom_fields(&t, limits)
);

empty_by_default!(AltText);

choice! {
    /// Who can read a published post.
    Visibility {
        /// Everyone, and it is in the lists.
        Public = "public",
        /// Everyone who has its address: it is in no list, and counted nowhere.
        Unlisted = "unlisted",
        /// It is in the lists; its text is for members.
        Members = "members",
    }
}

choice! {
    /// Who may comment on a post.
    Comments {
        /// Anyone with an account.
        Open = "open",
        /// Who has confirmed their e-mail address.
        Confirmed = "confirmed",
        /// Who follows the post's author.
        Followers = "followers",
        /// No one: it takes no further ones.
        Closed = "closed",
    }
}

/// How many levels custom fields may have: an object in an object has two.
const MOST_LEVELS: usize = 8;

impl CustomFields {
    /// How many fields there may be, not counting those in others.
    pub const MOST: usize = 200;
}

impl CoverImage {
    /// The item of media that is the picture; `None` if it is somewhere else.
    #[must_use]
    pub fn sha256(&self) -> Option<Sha256> {
        hosted(&self.0)
    }
}

fn hosted(address: &str) -> Option<Sha256> {
    address.strip_prefix(WITHIN)?.parse().ok()
}

impl From<WebAddress> for CoverImage {
    fn from(address: WebAddress) -> Self {
        Self(address.0)
    }
}

impl From<Sha256> for CoverImage {
    fn from(sha256: Sha256) -> Self {
        Self(format!("{WITHIN}{sha256}"))
    }
}

impl TryFrom<&Value> for CustomFields {
    type Error = Invalid;

    fn try_from(value: &Value) -> Result<Self, Invalid> {
        if !value.is_object() {
            return Err(Invalid("is not a JSON object".into()));
        }
        if value.as_object().is_some_and(|fields| fields.len() > Self::MOST) {
            return Err(Invalid(format!("has more than {} fields", Self::MOST)));
        }
        if levels(value) > MOST_LEVELS {
            return Err(Invalid(format!("has more than {MOST_LEVELS} levels")));
        }
        let canonical = value.to_string();
        let most = Self::LIMITS.most;
        if canonical.len() > most {
            return Err(Invalid(format!("is {} bytes long; at most {most} are allowed", canonical.len())));
        }
        Ok(Self(canonical))
    }
}

impl CustomFields {
    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0 == "{}"
    }

    /// The object.
    #[must_use]
    pub fn value(&self) -> Value {
        serde_json::from_str(&self.0).unwrap_or_default()
    }
}

/// A place along a side of a picture, in percent of its length: 0 to 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub struct Percent(i64);

impl Percent {
    /// The middle.
    pub const MIDDLE: Self = Self(50);
    /// The most there can be.
    pub const MOST: i64 = 100;
}

impl TryFrom<i64> for Percent {
    type Error = Invalid;

    fn try_from(number: i64) -> Result<Self, Invalid> {
        let fits = (0..=Self::MOST).contains(&number);
        fits.then_some(Self(number)).ok_or_else(|| Invalid(format!("must be 0 to {}", Self::MOST)))
    }
}

impl From<Percent> for i64 {
    fn from(Percent(number): Percent) -> Self {
        number
    }
}

fn address(text: String, limits: Limits) -> Result<String, Invalid> {
    let host = text.strip_prefix("https://").or(text.strip_prefix("http://")).unwrap_or_default();
    if host.is_empty() || host.starts_with('/') {
        return Err(Invalid("is not an http or https address".into()));
    }
    image_url(text, limits)
}

fn custom_fields(text: &str, limits: Limits) -> Result<String, Invalid> {
    // In bytes first, so that no large text is read.
    if text.len() > limits.most {
        return Err(Invalid(format!("is {} bytes long; at most {} are allowed", text.len(), limits.most)));
    }
    let value: Value = serde_json::from_str(text).map_err(|_| Invalid("is not a JSON object".into()))?;
    CustomFields::try_from(&value).map(String::from)
}

/// How many levels of lists and objects a value has. What is read from JSON has 128 at most.
fn levels(value: &Value) -> usize {
    let below = match value {
        Value::Array(list) => list.iter().map(levels).max(),
        Value::Object(fields) => fields.values().map(levels).max(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return 0,
    };
    1 + below.unwrap_or(0)
}
