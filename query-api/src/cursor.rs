//! Where the next page of a list begins. A cursor says which list it belongs to: one of another list, or of the same
//! list with other filters, is refused instead of skipping entries unseen.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::{Digest, Timestamp};
use service_kit::{FieldError, Problem};
use sqlx::Postgres;
use sqlx::query_builder::Separated;
use utoipa::openapi::ObjectBuilder;
use utoipa::openapi::schema::Type;
use uuid::Uuid;

use crate::database::Time;

/// What places an entry in a list: texts in a cursor, and values that the list's columns are compared with.
pub(crate) trait Key: Sized {
    /// As a cursor has it.
    fn text(&self) -> String;

    /// Reads it from a cursor; `None` for a text that no entry's key has.
    fn parse(text: &str) -> Option<Self>;

    /// Binds its values, in the order of the list's columns.
    fn bind(self, values: &mut Separated<'_, Postgres, &'static str>);
}

/// The key of a list by time: since when an entry is in it, and its id where the times are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TimeKey(pub(crate) Time, pub(crate) Uuid);

impl Key for TimeKey {
    fn text(&self) -> String {
        format!("{}/{}", self.0.timestamp().0, self.1)
    }

    fn parse(text: &str) -> Option<Self> {
        let (millis, id) = text.split_once('/')?;
        Some(Self(Time::exactly(Timestamp(millis.parse().ok()?))?, id.parse().ok()?))
    }

    fn bind(self, values: &mut Separated<'_, Postgres, &'static str>) {
        values.push_bind(self.0).push_bind(self.1);
    }
}

/// How the description has a cursor.
pub(crate) fn schema() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).pattern(Some("^[A-Za-z0-9_-]+$"))
}

/// Which list: its name and its filters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ListId(u64);

impl ListId {
    /// Of a list's name and filters.
    pub(crate) fn of<'a>(parts: impl IntoIterator<Item = &'a str>) -> Self {
        Self(Digest::of_all(parts).short())
    }

    /// A cursor of this list that points after the entry with this key.
    pub(crate) fn cursor(self, key: &impl Key) -> String {
        URL_SAFE_NO_PAD.encode(format!("{:016x}/{}", self.0, key.text()))
    }

    /// The key in a cursor of this list.
    ///
    /// # Errors
    /// 422, naming the parameter `cursor`: the text is not a cursor of this list.
    pub(crate) fn key<K: Key>(self, cursor: &str) -> Result<K, Problem> {
        self.read(cursor).ok_or_else(foreign)
    }

    /// The same place in another list, which has become of this one: a cursor of that; `None` if it is none of this.
    pub(crate) fn moved<K: Key>(self, cursor: &str, to: Self) -> Option<String> {
        self.read::<K>(cursor).map(|key| to.cursor(&key))
    }

    fn read<K: Key>(self, cursor: &str) -> Option<K> {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
        let (list, key) = text.split_once('/')?;
        (u64::from_str_radix(list, 16).ok()? == self.0).then(|| K::parse(key))?
    }
}

/// What the reader is told of a cursor that is not this list's.
fn foreign() -> Problem {
    let detail = "is not a cursor of this list; begin without one, or repeat the list's own filters";
    Problem::invalid(vec![FieldError::parameter("cursor", detail)])
}

#[cfg(test)]
mod tests;
