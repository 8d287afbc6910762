//! Where the next page of a list begins. A cursor says which list it belongs to: one of another list, or of the same
//! list with other filters, is refused instead of skipping entries unseen.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::Digest;
use service_kit::{FieldError, Problem};

/// Which list: its name and its filters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ListId(u64);

impl ListId {
    /// Of a list's name and filters.
    pub(crate) fn of<'a>(parts: impl IntoIterator<Item = &'a str>) -> Self {
        Self(Digest::of_all(parts).short())
    }

    /// A cursor of this list that points after the entry with these keys; only the last may hold any text.
    pub(crate) fn cursor(self, keys: [&str; 2]) -> String {
        URL_SAFE_NO_PAD.encode(format!("{:016x}/{}/{}", self.0, keys[0], keys[1]))
    }

    /// The keys in a cursor of this list.
    pub(crate) fn keys<A, B>(self, cursor: &str) -> Result<(A, B), Problem>
    where
        A: std::str::FromStr,
        B: std::str::FromStr,
    {
        self.read(cursor).ok_or_else(|| {
            let detail = "is not a cursor of this list; begin without one, or repeat the list's own filters";
            Problem::invalid(vec![FieldError::parameter("cursor", detail)])
        })
    }

    fn read<A: std::str::FromStr, B: std::str::FromStr>(self, cursor: &str) -> Option<(A, B)> {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
        let mut parts = text.splitn(3, '/');
        let list = u64::from_str_radix(parts.next()?, 16).ok()?;
        let (first, second) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        (list == self.0).then_some((first, second))
    }
}

#[cfg(test)]
mod tests;
