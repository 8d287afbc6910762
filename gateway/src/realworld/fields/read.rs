//! Reads of a body no more than the interface knows: what a client sends besides is passed over, and takes no memory.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// All fields that any body has.
const NAMES: [&str; 9] = ["username", "email", "password", "bio", "image", "title", "description", "body", "tagList"];
/// A longer list is none that is meant.
const MOST_TEXTS: usize = 1_000;

/// A field.
#[derive(Debug)]
pub(super) enum Field {
    Null,
    Text(String),
    Texts(Vec<String>),
    Other,
}

/// The fields that are there.
#[derive(Debug, Default)]
pub(super) struct Known(BTreeMap<&'static str, Field>);

/// What the body has under the name.
pub(super) enum Found {
    Nothing,
    Fields(Known),
    Another,
}

impl Known {
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Each is read once.
    pub(super) fn take(&mut self, name: &str) -> Option<Field> {
        self.0.remove(name)
    }
}

/// What a body has under this name.
///
/// # Errors
/// It is no JSON, or no object.
pub(super) fn of(body: &[u8], name: &str) -> serde_json::Result<Found> {
    let mut reader = serde_json::Deserializer::from_slice(body);
    let found = Outer(name).deserialize(&mut reader)?;
    reader.end().map(|()| found)
}

struct Outer<'a>(&'a str);

impl<'de> DeserializeSeed<'de> for Outer<'_> {
    type Value = Found;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Found, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Outer<'_> {
    type Value = Found;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object with `{}`", self.0)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Found, A::Error> {
        let mut found = Found::Nothing;
        while let Some(name) = map.next_key::<String>()? {
            if name == self.0 {
                found = map.next_value()?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }
}

impl<'de> Deserialize<'de> for Found {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Any).map(|value| match value {
            Value::Object(known) => Self::Fields(known),
            Value::Field(Field::Null) => Self::Nothing,
            Value::Field(_) => Self::Another,
        })
    }
}

impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Any).map(|value| match value {
            Value::Object(_) => Self::Other,
            Value::Field(field) => field,
        })
    }
}

enum Value {
    Object(Known),
    Field(Field),
}

struct Any;

impl<'de> Visitor<'de> for Any {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Field(Field::Null))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Field(Field::Text(text.to_owned())))
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(Value::Field(Field::Text(text)))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Value, E> {
        Ok(Value::Field(Field::Other))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Value, E> {
        Ok(Value::Field(Field::Other))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Value, E> {
        Ok(Value::Field(Field::Other))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Value, E> {
        Ok(Value::Field(Field::Other))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut texts = Vec::new();
        while texts.len() < MOST_TEXTS {
            match seq.next_element::<Item>()? {
                Some(Item(Some(text))) => texts.push(text),
                Some(Item(None)) => break,
                None => return Ok(Value::Field(Field::Texts(texts))),
            }
        }
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Value::Field(Field::Other))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut known = Known::default();
        while let Some(name) = map.next_key::<String>()? {
            match NAMES.into_iter().find(|known| *known == name) {
                Some(name) => drop(known.0.insert(name, map.next_value()?)),
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(Value::Object(known))
    }
}

/// A part of a list, if it is a text.
struct Item(Option<String>);

impl<'de> Deserialize<'de> for Item {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ItemVisitor)
    }
}

struct ItemVisitor;

impl<'de> Visitor<'de> for ItemVisitor {
    type Value = Item;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_str<E>(self, text: &str) -> Result<Item, E> {
        Ok(Item(Some(text.to_owned())))
    }

    fn visit_unit<E>(self) -> Result<Item, E> {
        Ok(Item(None))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Item, E> {
        Ok(Item(None))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Item, E> {
        Ok(Item(None))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Item, E> {
        Ok(Item(None))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Item, E> {
        Ok(Item(None))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Item, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Item(None))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Item, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Item(None))
    }
}
