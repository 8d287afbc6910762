//! What fields of a body mean that a client left out, or set to null.
//!
//! A PATCH is a JSON merge patch (RFC 7396): what is missing stays as it is, and null takes a field away. One that is
//! always there is then empty, as in a body that creates it; a title cannot be, and null is no title.

use std::str::FromStr;

use domain::accounts::Patch;
use domain::values::Invalid;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What a text is that the client left out.
pub(crate) fn empty<T: FromStr<Err = Invalid>>() -> T {
    "".parse().expect("it is asked only of types that an empty text fits")
}

/// A text that a person typed: by the rule of today, which is stricter than what may be in the log.
pub(crate) fn typed<'de, D: Deserializer<'de>, T: FromStr<Err = Invalid>>(deserializer: D) -> Result<T, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
}

/// The new text of a field that cannot be taken away.
pub(crate) fn new_text<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err = Invalid>,
{
    typed(deserializer).map(Some)
}

/// The new text of a field that may be empty.
pub(crate) fn new_text_or_empty<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err = Invalid>,
{
    let text = Option::<String>::deserialize(deserializer)?.unwrap_or_default();
    text.parse().map(Some).map_err(D::Error::custom)
}

/// The new value of a field that is empty where it was not given.
pub(crate) fn new_or_empty<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Option::deserialize(deserializer).map(|value| Some(value.unwrap_or_default()))
}

/// A field that is there: null, or a value.
pub(crate) fn patch<'de, T: Deserialize<'de>, D: Deserializer<'de>>(field: D) -> Result<Patch<T>, D::Error> {
    Ok(Option::deserialize(field)?.map_or(Patch::Default, Patch::Set))
}

/// A field of a merge patch as a client sends it, but for one that stays: that is left out.
pub(crate) fn as_sent<T: Serialize, S: Serializer>(field: &Patch<T>, serializer: S) -> Result<S::Ok, S::Error> {
    match field {
        Patch::Keep | Patch::Default => serializer.serialize_none(),
        Patch::Set(value) => value.serialize(serializer),
    }
}

/// How many entries a list has at most, where nothing else is said.
pub(crate) const FEW: usize = 50;

/// A list of at most so many.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(
    try_from = "Vec<T>",
    into = "Vec<T>",
    bound(deserialize = "T: serde::de::DeserializeOwned", serialize = "T: Clone + Serialize")
)]
pub struct BoundedVec<T, const MOST: usize = FEW>(pub Vec<T>);

impl<T, const MOST: usize> Default for BoundedVec<T, MOST> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T, const MOST: usize> TryFrom<Vec<T>> for BoundedVec<T, MOST> {
    type Error = String;

    fn try_from(list: Vec<T>) -> Result<Self, String> {
        if list.len() > MOST {
            Err(format!("has {} entries; at most {MOST} are allowed", list.len()))
        } else {
            Ok(Self(list))
        }
    }
}

impl<T, const MOST: usize> From<BoundedVec<T, MOST>> for Vec<T> {
    fn from(few: BoundedVec<T, MOST>) -> Self {
        few.0
    }
}
