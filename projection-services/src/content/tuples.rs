//! Rows as COPY takes them in Postgres's binary format: nothing is quoted by us and parsed by Postgres.

use uuid::Uuid;

/// So much is sent at once: enough to be worth a system call, little enough to be sent while more is encoded.
const PIECE: usize = 256 << 10;

/// Signature and flags. What follows is the length of an extension, and an extension, which Postgres skips.
const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0";
/// So much is sent at least, by way of an extension of zeros. The end of a COPY is a message of its own, and the client
/// library (which leaves Nagle's algorithm on, RFC 896) holds it back until what was sent before is acknowledged; but
/// for what fits a segment the other side puts that off for up to 40 ms. The longest segment is that of the loopback
/// device.
const LEAST: usize = 72 << 10;
const TRAILER: [u8; 2] = (-1_i16).to_be_bytes();
const NULL: i32 = -1;

/// Postgres's names for the types of elements.
const UUID: i32 = 2950;
const TEXT: i32 = 25;
const BIGINT: i32 = 20;

/// Tuples that are being encoded. Fields follow [`Tuples::tuple`] in the order of the table's columns.
#[derive(Debug)]
pub struct Tuples {
    bytes: Vec<u8>,
    /// Whether the header, or more, was taken to be sent.
    begun: bool,
}

impl Tuples {
    pub(super) fn begin() -> Self {
        Self { bytes: Vec::with_capacity(PIECE + (PIECE >> 2)), begun: false }
    }

    /// What is encoded so far, if it is worth sending.
    pub(super) fn piece(&mut self) -> Option<Vec<u8>> {
        (self.bytes.len() >= PIECE).then(|| {
            let next = Vec::with_capacity(PIECE + (PIECE >> 2));
            let piece = std::mem::replace(&mut self.bytes, next);
            if std::mem::replace(&mut self.begun, true) { piece } else { with_header(&piece) }
        })
    }

    /// The rest.
    pub(super) fn end(mut self) -> Vec<u8> {
        self.bytes.extend_from_slice(&TRAILER);
        if self.begun { self.bytes } else { with_header(&self.bytes) }
    }

    pub(super) fn tuple(&mut self, fields: i16) -> &mut Self {
        self.bytes.extend_from_slice(&fields.to_be_bytes());
        self
    }

    pub(super) fn uuid(&mut self, id: Uuid) -> &mut Self {
        self.field(id.as_bytes())
    }

    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        self.field(text.as_bytes())
    }

    pub(super) fn bool(&mut self, flag: bool) -> &mut Self {
        self.field(&[u8::from(flag)])
    }

    pub(super) fn bigint(&mut self, number: i64) -> &mut Self {
        self.field(&number.to_be_bytes())
    }

    pub(super) fn null(&mut self) {
        self.number(NULL);
    }

    pub(super) fn uuids(&mut self, ids: &[Uuid]) -> &mut Self {
        self.array(UUID, ids, |id| id.as_bytes())
    }

    pub(super) fn bigints(&mut self, numbers: &[i64]) -> &mut Self {
        let bytes: Vec<_> = numbers.iter().map(|number| number.to_be_bytes()).collect();
        self.array(BIGINT, &bytes, |bytes| bytes)
    }

    pub(super) fn texts(&mut self, texts: &[String]) -> &mut Self {
        self.array(TEXT, texts, |text| text.as_bytes())
    }

    fn array<T>(&mut self, of: i32, elements: &[T], bytes: impl Fn(&T) -> &[u8]) -> &mut Self {
        let begin = self.bytes.len();
        let dimensions = i32::from(!elements.is_empty());
        // Its length is known when it is written. Dimensions, whether there are nulls, the type.
        self.number(0).number(dimensions).number(0).number(of);
        if !elements.is_empty() {
            self.number(length(elements.len())).number(1);
        }
        for element in elements {
            self.field(bytes(element));
        }
        let written = length(self.bytes.len() - begin - size_of::<i32>());
        self.bytes[begin..begin + size_of::<i32>()].copy_from_slice(&written.to_be_bytes());
        self
    }

    fn field(&mut self, bytes: &[u8]) -> &mut Self {
        self.number(length(bytes.len())).bytes.extend_from_slice(bytes);
        self
    }

    fn number(&mut self, number: i32) -> &mut Self {
        self.bytes.extend_from_slice(&number.to_be_bytes());
        self
    }
}

fn with_header(tuples: &[u8]) -> Vec<u8> {
    let extension = LEAST.saturating_sub(tuples.len());
    let mut bytes = Vec::with_capacity(HEADER.len() + size_of::<i32>() + extension + tuples.len());
    bytes.extend_from_slice(HEADER);
    bytes.extend_from_slice(&length(extension).to_be_bytes());
    bytes.resize(bytes.len() + extension, 0);
    bytes.extend_from_slice(tuples);
    bytes
}

fn length(length: usize) -> i32 {
    i32::try_from(length).expect("an event has at most a few megabytes")
}

#[cfg(test)]
mod tests;
