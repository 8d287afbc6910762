//! The fields of an aggregate that its owner can change, told once: [`fields!`] makes the event with all of them, the
//! event with those that changed, and what a decision keeps of them.

use std::fmt::Debug;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use crate::media::{self, Reference};
use crate::personal::Personal;
use crate::values::{AltText, Bio, Comments, CoverImage, CustomFields, DisplayName, ImageUrl, Locale, Markdown};
use crate::values::{MetaDescription, Percent, Slug, Summary, Tag, Title, Visibility, WebAddress};
use crate::{Digest, Timestamp};

/// The type of a field that can be changed.
pub trait Field {
    /// What a change makes of it.
    type New;
    /// What a decision keeps of it, to tell whether a change differs.
    type Known: Clone + Debug + PartialEq;

    /// What a decision keeps of the field.
    fn known(&self) -> Self::Known;
    /// What it keeps of the field after a change.
    fn known_after(new: &Self::New) -> Self::Known;
    /// The change that makes the field be as it is here; `None` if it is missing here: then it stays.
    fn into_new(self) -> Option<Self::New>;

    /// Whether there is something that can be taken away.
    fn can_reset(_: &Self::Known) -> bool {
        false
    }

    /// Takes it away.
    fn reset(_: &mut Self::Known) {}
}

/// What may be missing of an aggregate, and what a decision keeps of it where it is there.
pub trait Kept: Clone {
    /// What is kept.
    type Known: Clone + Debug + PartialEq;

    /// What is kept of a value.
    fn kept(&self) -> Self::Known;
}

/// A field that may be missing. A change that takes it away names it among those that are reset: a null in its own
/// place means that it stays.
impl<T: Kept> Field for Option<T> {
    type New = T;
    type Known = Option<T::Known>;

    fn known(&self) -> Self::Known {
        self.as_ref().map(Kept::kept)
    }

    fn known_after(new: &T) -> Self::Known {
        Some(new.kept())
    }

    fn into_new(self) -> Self {
        self
    }

    fn can_reset(known: &Self::Known) -> bool {
        known.is_some()
    }

    fn reset(known: &mut Self::Known) {
        *known = None;
    }
}

/// What is kept as it is.
macro_rules! kept_whole {
    ($($type:ty)+) => {$(
        impl Kept for $type {
            type Known = Self;

            fn kept(&self) -> Self {
                *self
            }
        }
    )+};
}

/// Texts of which digests are kept, apart: few aggregates have any of them.
macro_rules! kept_as_digests {
    ($($type:ty)+) => {$(
        impl Kept for $type {
            type Known = Box<Digest>;

            fn kept(&self) -> Box<Digest> {
                Box::new(Digest::of(self.as_str()))
            }
        }
    )+};
}

kept_whole! { Timestamp Uuid bool Percent Visibility Comments }
/// Whole, for what a post uses is asked of it.
impl Kept for CoverImage {
    type Known = Box<Self>;

    fn kept(&self) -> Box<Self> {
        Box::new(self.clone())
    }
}

kept_as_digests! { Title WebAddress AltText Locale MetaDescription }

/// With the media that they name, for the same reason.
impl Kept for CustomFields {
    type Known = Box<Written>;

    fn kept(&self) -> Box<Written> {
        Box::new(Written::of(self.as_str()))
    }
}

/// A list that an event gained after it was first written: in the log null where it is empty, as it is in every event
/// of before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gained<T>(pub Vec<T>);

impl<T> Default for Gained<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Serialize> Serialize for Gained<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Some(&self.0).filter(|list| !list.is_empty()).serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Gained<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::deserialize(deserializer).map(|list| Self(list.unwrap_or_default()))
    }
}

/// In a change null means that it stays, so there an empty list is written as one.
impl Field for Gained<Uuid> {
    type New = Vec<Uuid>;
    type Known = Digest;

    fn known(&self) -> Digest {
        self.0.known()
    }

    fn known_after(new: &Vec<Uuid>) -> Digest {
        new.known()
    }

    fn into_new(self) -> Option<Vec<Uuid>> {
        Some(self.0)
    }
}

/// The names of fields, in the log null where there are none: an array of Avro has no default that all readers know.
pub(crate) mod names {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(crate) fn serialize<S: Serializer>(names: &[String], serializer: S) -> Result<S::Ok, S::Error> {
        Some(names).filter(|names| !names.is_empty()).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
        Option::deserialize(deserializer).map(Option::unwrap_or_default)
    }
}

/// What a decision keeps of a text that may refer to media.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    digest: Digest,
    /// The media that it refers to.
    pub media: Box<[Reference]>,
}

impl Written {
    fn of(text: &str) -> Self {
        Self { digest: Digest::of(text), media: media::references(text).into() }
    }
}

/// Fields that are always there, each with what is kept of it: those that can be long, as digests.
macro_rules! always_there {
    ($($type:ty as $known:ty = $keep:expr;)+) => {$(
        impl Field for $type {
            type New = Self;
            type Known = $known;

            fn known(&self) -> $known {
                $keep(self)
            }

            fn known_after(new: &Self) -> $known {
                $keep(new)
            }

            fn into_new(self) -> Option<Self> {
                Some(self)
            }
        }
    )+};
}

always_there! {
    Slug as Self = Self::clone;
    Title as Digest = |title: &Self| Digest::of(title.as_str());
    Summary as Digest = |summary: &Self| Digest::of(summary.as_str());
    Markdown as Written = |text: &Self| Written::of(text.as_str());
    Vec<Tag> as Digest = |tags: &Self| Digest::of_all(tags);
    Vec<Uuid> as Digest = |ids: &Self| Digest::of_all(ids.iter().map(Uuid::to_string));
    Personal<DisplayName> as Digest = |name: &Self| Digest::of(name.as_str());
    Personal<Bio> as Digest = |bio: &Self| Digest::of(bio.as_str());
    Personal<ImageUrl> as Digest = |url: &Self| Digest::of(url.as_str());
}

/// Declares the fields of an aggregate, in the order in which they are stored: those that are `fixed` from the
/// beginning, and the `changeable` ones, each of a type that is a [`Field`].
///
/// ```text
/// fields! {
///     Drafted {
///         fixed { author_id: Uuid, }
///         changeable { title: Title, originally_published_at: Option<Timestamp>, }
///     }
///     Edited(reset_fields)
///     Known
/// }
/// ```
///
/// becomes three structs: `Drafted { author_id: Uuid, title: Title, originally_published_at: Option<Timestamp> }`;
/// `Edited { title: Option<Title>, originally_published_at: Option<Timestamp>, reset_fields: Vec<String> }`, in which
/// what is `None` stays as it is unless it is named at the end (which no event needs whose fields are always there);
/// and `Known { title: Digest, originally_published_at: Option<Timestamp> }`, what a decision keeps of them. What can
/// be asked of them: `Drafted::into_change`, `Known::of`, `Known::change` and `Known::without_what_stays`.
macro_rules! fields {
    (
        $(#[$wdoc:meta])* $whole:ident {
            fixed { $($(#[$bdoc:meta])* $before:ident: $btype:ty,)* }
            changeable { $($(#[$doc:meta])* $field:ident: $type:ty,)+ }
            $(fixed { $($(#[$adoc:meta])* $after:ident: $atype:ty,)* })?
        }
        $(#[$cdoc:meta])* $change:ident $(($reset:ident))?
        $(#[$kdoc:meta])* $known:ident
    ) => {
        $(#[$wdoc])*
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        pub struct $whole {
            $($(#[$bdoc])* pub $before: $btype,)*
            $($(#[$doc])* pub $field: $type,)+
            $($($(#[$adoc])* pub $after: $atype,)*)?
        }

        $(#[$cdoc])*
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
        pub struct $change {
            $($(#[$doc])* pub $field: Option<<$type as $crate::fields::Field>::New>,)+
            $(
                /// The names of the fields that were taken away. One that this version does not know means nothing.
                #[serde(default, with = "crate::fields::names")]
                pub $reset: Vec<String>,
            )?
        }

        $(#[$kdoc])*
        #[derive(Clone, Debug, PartialEq)]
        pub(super) struct $known { $($(#[$doc])* pub $field: <$type as $crate::fields::Field>::Known,)+ }

        impl $whole {
            /// The change that makes the fields be as they are here.
            pub(super) fn into_change(self) -> $change {
                $change {
                    $($field: $crate::fields::Field::into_new(self.$field),)+
                    $($reset: Vec::new())?
                }
            }
        }

        impl $change {
            /// Whether the field of this name was taken away.
            pub(crate) fn resets(&self, field: &str) -> bool {
                let reset: &[&Vec<String>] = &[$(&self.$reset)?];
                reset.iter().any(|names| names.iter().any(|name| name == field))
            }
        }

        impl $known {
            /// What a decision keeps of the fields at first.
            pub(super) fn of(whole: &$whole) -> Self {
                Self { $($field: $crate::fields::Field::known(&whole.$field),)+ }
            }

            /// The same after a change.
            pub(super) fn change(&mut self, change: &$change) {
                $(if change.resets(stringify!($field)) {
                    <$type as $crate::fields::Field>::reset(&mut self.$field);
                } else if let Some(new) = &change.$field {
                    self.$field = <$type as $crate::fields::Field>::known_after(new);
                })+
            }

            /// The change without what would stay as it is.
            pub(super) fn without_what_stays(&self, change: $change) -> $change {
                let mut _reset = Vec::new();
                $(if change.resets(stringify!($field)) && <$type as $crate::fields::Field>::can_reset(&self.$field) {
                    _reset.push(stringify!($field).to_owned());
                })+
                $change {
                    $($field: change.$field.filter(|new| {
                        <$type as $crate::fields::Field>::known_after(new) != self.$field
                    }),)+
                    $($reset: _reset)?
                }
            }
        }
    };
}

pub(crate) use fields;
