//! Looks through a message before it is read: two bytes on the wire can be a hundred in memory.

use http::StatusCode;
use prost_reflect::prost::DecodeError;
use prost_reflect::prost::encoding::{WireType, decode_key, decode_varint};
use prost_reflect::{Kind, MessageDescriptor};

use super::status::{Code, Status};

/// The most values of a message, with those that nobody here knows. The longest list of the contract has 2,000.
const MOST_VALUES: usize = 10_000;
/// The most messages within each other. Fields of one's own, in 8 levels, are 26.
const DEEPEST: usize = 32;

/// Looks whether this can be read as a message of this type, within bounds.
///
/// # Errors
/// It has too many values, is too deep, or is malformed.
pub(super) fn check(descriptor: &MessageDescriptor, message: &[u8]) -> Result<(), Status> {
    Walk::default().message(descriptor, message, 1)
}

#[derive(Default)]
struct Walk {
    values: usize,
}

impl Walk {
    fn message(&mut self, descriptor: &MessageDescriptor, mut rest: &[u8], depth: usize) -> Result<(), Status> {
        if depth > DEEPEST {
            return Err(Status::malformed(&format!("at most {DEEPEST} messages are taken within each other")));
        }
        while !rest.is_empty() {
            let (number, wire_type) = decode_key(&mut rest).map_err(torn)?;
            self.count(1)?;
            match wire_type {
                WireType::Varint => drop(decode_varint(&mut rest).map_err(torn)?),
                WireType::ThirtyTwoBit => drop(taken(&mut rest, 4)?),
                WireType::SixtyFourBit => drop(taken(&mut rest, 8)?),
                WireType::LengthDelimited => {
                    let length = decode_varint(&mut rest).map_err(torn)?;
                    let part = taken(&mut rest, length)?;
                    self.part(descriptor.get_field(number).map(|field| field.kind()), part, depth)?;
                }
                WireType::StartGroup | WireType::EndGroup => return Err(Status::malformed("groups are not taken")),
            }
        }
        Ok(())
    }

    /// What stands behind its length; `kind` is what the contract has there.
    fn part(&mut self, kind: Option<Kind>, part: &[u8], depth: usize) -> Result<(), Status> {
        match kind {
            None | Some(Kind::String | Kind::Bytes) => Ok(()),
            Some(Kind::Message(descriptor)) => self.message(&descriptor, part, depth + 1),
            // Numbers in a row have a byte each at least.
            Some(_) => self.count(part.len()),
        }
    }

    fn count(&mut self, values: usize) -> Result<(), Status> {
        self.values += values;
        if self.values <= MOST_VALUES {
            return Ok(());
        }
        let message = format!("at most {MOST_VALUES} values are taken in a message");
        Err(Status::new(Code::ResourceExhausted, StatusCode::PAYLOAD_TOO_LARGE, "BODY_TOO_LARGE", &message))
    }
}

fn taken<'a>(rest: &mut &'a [u8], length: u64) -> Result<&'a [u8], Status> {
    let parts = usize::try_from(length).ok().and_then(|length| rest.split_at_checked(length));
    let (part, after) = parts.ok_or_else(|| Status::malformed("a field of the message is not whole"))?;
    *rest = after;
    Ok(part)
}

fn torn(_: DecodeError) -> Status {
    Status::malformed("the message is no protobuf")
}

#[cfg(test)]
mod tests;
