//! The boxes of ISO media files (ISO 14496-12): each has its length and its name.

use super::steps::Steps;
use super::{Refused, bad};

/// So many boxes side by side.
const MOST: usize = 10_000;

/// A box within bytes: its name and where its data are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part<'a> {
    pub(super) name: [u8; 4],
    pub(super) data: &'a [u8],
    /// Where the data begin among the bytes.
    pub(super) at: usize,
    /// Where the name stands among them.
    named_at: usize,
}

/// Bytes of a file that become others: these, and then zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Cleared {
    pub(super) from: u64,
    pub(super) count: u64,
    pub(super) begin: &'static [u8],
}

impl Cleared {
    pub(super) fn zeros(from: u64, count: u64) -> Self {
        Self { from, count, begin: &[] }
    }
}

impl Part<'_> {
    /// Its bytes from there on, which must be there.
    pub(super) fn from(&self, from: usize) -> Result<&[u8], Refused> {
        self.data.get(from..).ok_or_else(|| bad("a part ends early"))
    }

    /// Bytes of it become zeros: so many from there on, or all.
    pub(super) fn zeroed(&self, begin: u64, from: usize, count: Option<usize>) -> Result<Cleared, Refused> {
        let left = self.from(from)?.len();
        let count = count.unwrap_or(left);
        let is_there = count <= left;
        let zeros = Cleared::zeros(begin + (self.at + from) as u64, count as u64);
        is_there.then_some(zeros).ok_or_else(|| bad("a part ends early"))
    }

    /// Leaves nothing of it but its place, among bytes that begin there: nothing else of the file is moved.
    pub(super) fn emptied(&self, begin: u64) -> [Cleared; 2] {
        let named = Cleared { from: begin + self.named_at as u64, count: 4, begin: b"free" };
        [named, Cleared::zeros(begin + self.at as u64, self.data.len() as u64)]
    }
}

/// The boxes that bytes are made of.
pub(super) fn parts<'a>(bytes: &'a [u8], steps: &Steps) -> Result<Vec<Part<'a>>, Refused> {
    let (mut parts, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        let mut reader = Reader { bytes: &bytes[at..], at: 0, steps };
        let (length, name) = (reader.number(4)?, reader.name()?);
        let length = match length {
            0 => bytes.len() - at,
            1 => usize::try_from(reader.number(8)?).map_err(|_| bad("a part is too long"))?,
            length => usize::try_from(length).map_err(|_| bad("a part is too long"))?,
        };
        let data = bytes.get(at + reader.at..at.saturating_add(length)).ok_or_else(|| bad("a part is too long"))?;
        if parts.len() == MOST {
            return Err(bad("it has too many parts"));
        }
        parts.push(Part { name, data, at: at + reader.at, named_at: at + 4 });
        at += length;
    }
    Ok(parts)
}

/// The first of these boxes that has this name.
pub(super) fn find<'a, 'b>(parts: &'b [Part<'a>], name: &[u8; 4]) -> Option<&'b Part<'a>> {
    parts.iter().find(|part| part.name == *name)
}

/// Leaves of the boxes in these bytes, which begin there, those that have these names.
pub(super) fn only(bytes: &[u8], begin: u64, names: &[&[u8; 4]], steps: &Steps) -> Result<Vec<Cleared>, Refused> {
    let others = parts(bytes, steps)?.into_iter().filter(|part| !names.contains(&&part.name));
    Ok(others.flat_map(move |part| part.emptied(begin)).collect())
}

/// Leaves of a handler, among bytes that begin there, what it is of, and not what it is called.
pub(super) fn nameless(handler: &Part<'_>, begin: u64) -> Result<[Cleared; 2], Refused> {
    Ok([handler.zeroed(begin, 4, Some(4))?, handler.zeroed(begin, 12, None)?])
}

/// Reads numbers.
pub(super) struct Reader<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) at: usize,
    pub(super) steps: &'a Steps,
}

impl Reader<'_> {
    /// A number of so many bytes, 8 at most; 0 of none.
    pub(super) fn number(&mut self, bytes: usize) -> Result<u64, Refused> {
        self.steps.take(1)?;
        let number = self.bytes.get(self.at..self.at + bytes).ok_or_else(|| bad("a part ends early"))?;
        self.at += bytes;
        Ok(number.iter().fold(0, |number, byte| (number << 8) | u64::from(*byte)))
    }

    pub(super) fn name(&mut self) -> Result<[u8; 4], Refused> {
        let number = u32::try_from(self.number(4)?).map_err(|_| bad("a part ends early"))?;
        Ok(number.to_be_bytes())
    }
}
