//! The boxes of ISO media files (ISO 14496-12): each has its length and its name.

use super::{Refused, bad};

/// A box within bytes: its name and where its data are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part<'a> {
    pub(super) name: [u8; 4],
    pub(super) data: &'a [u8],
    /// Where the data begin among the bytes.
    pub(super) at: usize,
}

/// The boxes that bytes are made of.
pub(super) fn parts(bytes: &[u8]) -> Result<Vec<Part<'_>>, Refused> {
    let (mut parts, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        let mut reader = Reader { bytes: &bytes[at..], at: 0 };
        let (length, name) = (reader.number(4)?, reader.name()?);
        let length = match length {
            0 => bytes.len() - at,
            1 => usize::try_from(reader.number(8)?).map_err(|_| bad("a part is too long"))?,
            length => usize::try_from(length).map_err(|_| bad("a part is too long"))?,
        };
        let data = bytes.get(at + reader.at..at.saturating_add(length)).ok_or_else(|| bad("a part is too long"))?;
        parts.push(Part { name, data, at: at + reader.at });
        at += length;
    }
    Ok(parts)
}

/// Reads numbers.
pub(super) struct Reader<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) at: usize,
}

impl Reader<'_> {
    /// A number of so many bytes, 8 at most; 0 of none.
    pub(super) fn number(&mut self, bytes: usize) -> Result<u64, Refused> {
        let number = self.bytes.get(self.at..self.at + bytes).ok_or_else(|| bad("a part ends early"))?;
        self.at += bytes;
        Ok(number.iter().fold(0, |number, byte| (number << 8) | u64::from(*byte)))
    }

    pub(super) fn name(&mut self) -> Result<[u8; 4], Refused> {
        let number = u32::try_from(self.number(4)?).map_err(|_| bad("a part ends early"))?;
        Ok(number.to_be_bytes())
    }
}
