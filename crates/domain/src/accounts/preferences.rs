//! What a person prefers: what can be chosen, what holds where nothing was chosen, and what is decided of it.
//!
//! Three forms. [`PreferencesChange`] is what is asked: typed, a [`Patch`] for each field. [`PreferencesChanged`] is
//! the stored format: plain texts and numbers, so that a value of a newer version does not make an event unreadable.
//! [`Chosen`] is what a history of events leaves; [`Preferences::of`] makes values of it, with the defaults filled in.

use serde::{Deserialize, Serialize};

use crate::values::{Invalid, Locale, TimeZone, choice};

choice! {
    /// How pages look.
    Theme {
        /// As the reader's device has it.
        System = "system",
        /// Dark on light.
        Light = "light",
        /// Light on dark.
        Dark = "dark",
    }
}

choice! {
    /// How often a summary of what was published comes by mail.
    EmailDigest {
        /// Never.
        None = "none",
        /// Every day.
        Daily = "daily",
        /// Every week.
        Weekly = "weekly",
    }
}

choice! {
    /// Who may see something.
    Visibility {
        /// Everyone.
        Public = "public",
        /// Its owner.
        Private = "private",
    }
}

/// How many posts a page has: 10 to 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub struct PostsPerPage(i64);

impl PostsPerPage {
    /// The least there can be.
    pub const LEAST: i64 = 10;
    /// The most there can be.
    pub const MOST: i64 = 100;
}

impl TryFrom<i64> for PostsPerPage {
    type Error = Invalid;
    fn try_from(number: i64) -> Result<Self, Invalid> {
        let fits = (Self::LEAST..=Self::MOST).contains(&number);
        fits.then_some(Self(number)).ok_or_else(|| Invalid(format!("must be {} to {}", Self::LEAST, Self::MOST)))
    }
}

impl From<PostsPerPage> for i64 {
    fn from(number: PostsPerPage) -> Self {
        number.0
    }
}

/// What is to become of a field.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Patch<T> {
    /// It stays as it is.
    #[default]
    Keep,
    /// It is as it is by default, now and should the default change.
    Default,
    /// It is this.
    Set(T),
}

impl<T> Patch<T> {
    /// Whether the field stays as it is.
    #[must_use]
    pub fn is_keep(&self) -> bool {
        matches!(self, Self::Keep)
    }
}

/// Declares the forms of all preferences: each with its type, the type by which it is stored, and its default. Behind
/// a semicolon is when an instance says nothing of it to another one, which may be of a version that does not know it,
/// and refuses what it does not know.
macro_rules! forms {
    ($($(#[$doc:meta])* $field:ident: $type:ty as $stored:ty = $default:expr $(; $unsaid:literal)?,)+) => {
        /// What a person prefers, with the defaults filled in.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        pub struct Preferences { $($(#[$doc])* pub $field: $type,)+ }

        /// What is to become of each preference.
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
        // What an instance that does not know a preference says nothing of stays as it is.
        #[serde(default)]
        pub struct PreferencesChange {
            $($(#[$doc])* $(#[serde(skip_serializing_if = $unsaid)])? pub $field: Patch<$type>,)+
        }

        /// What a person has chosen so far, as it is stored; `None` for what is as it is by default.
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct Chosen { $($(#[$doc])* pub $field: Option<$stored>,)+ }

        /// Some preferences were changed: what is null stayed as it was, unless `reset_fields` names it.
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
        pub struct PreferencesChanged {
            $($(#[$doc])* pub $field: Option<$stored>,)+
            /// The names of those that went back to their defaults. One that this version does not know means nothing.
            pub reset_fields: Vec<String>,
        }

        impl Default for Preferences {
            fn default() -> Self {
                Self { $($field: $default,)+ }
            }
        }

        impl Preferences {
            /// What holds. A value that this version does not know is as if nothing had been chosen.
            #[must_use]
            pub fn of(chosen: &Chosen) -> Self {
                let default = Self::default();
                Self { $($field: chosen.$field.clone().and_then(Stored::read).unwrap_or(default.$field),)+ }
            }
        }

        impl Chosen {
            /// What holds after some were changed.
            #[must_use]
            pub fn after(self, changed: &PreferencesChanged) -> Self {
                let reset = |name: &str| changed.reset_fields.iter().any(|field| field == name);
                Self {
                    $($field: if reset(stringify!($field)) { None } else { changed.$field.clone().or(self.$field) },)+
                }
            }

            /// What has to change to make them so; `None` if they are.
            pub(super) fn changed(&self, change: &PreferencesChange) -> Option<PreferencesChanged> {
                let mut changed = PreferencesChanged::default();
                $(match &change.$field {
                    Patch::Keep => {}
                    Patch::Default if self.$field.is_none() => {}
                    Patch::Default => changed.reset_fields.push(stringify!($field).to_owned()),
                    Patch::Set(value) => {
                        let value = Some(<$stored>::from(value.clone()));
                        changed.$field = value.filter(|value| self.$field.as_ref() != Some(value));
                    }
                })+
                (changed != PreferencesChanged::default()).then_some(changed)
            }
        }
    };
}

forms! {
    /// In which language pages and mails are: a BCP 47 tag; `en` by default.
    locale: Locale as String = "en".parse().expect("it is a tag"),
    /// In which time zone times are shown: an IANA name; `UTC` by default.
    time_zone: TimeZone as String = "UTC".parse().expect("it is in the list"),
    /// How pages look; `system` by default.
    theme: Theme as String = Theme::System,
    /// How many posts a page has; 20 by default.
    posts_per_page: PostsPerPage as i64 = PostsPerPage(20),
    /// Whether a mail tells of a new follower; by default it does not.
    email_new_follower: bool as bool = false,
    /// Whether a mail tells of a comment on one's own post; by default it does not.
    email_comment: bool as bool = false,
    /// How often a summary comes by mail; `none` by default.
    email_digest: EmailDigest as String = EmailDigest::None,
    /// Who may see the list of whom one follows; `public` by default.
    following_list: Visibility as String = Visibility::Public,
    /// Who may see what one reacts to; `public` by default.
    reactions_list: Visibility as String = Visibility::Public; "Patch::is_keep",
    /// Who may see the list of what one comments; `public` by default.
    comments_list: Visibility as String = Visibility::Public; "Patch::is_keep",
}

/// A stored value that may be one of type `T`.
trait Stored<T> {
    fn read(self) -> Option<T>;
}

impl<T: std::str::FromStr> Stored<T> for String {
    fn read(self) -> Option<T> {
        self.parse().ok()
    }
}

impl Stored<PostsPerPage> for i64 {
    fn read(self) -> Option<PostsPerPage> {
        self.try_into().ok()
    }
}

impl Stored<bool> for bool {
    fn read(self) -> Option<bool> {
        Some(self)
    }
}

#[cfg(test)]
mod tests;
