//! The way from bytes to a record.

use domain::context::PayloadDecoder;
use domain::{AnyEvent, Decider, Event, Recorded, Timestamp};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::lookup::Unread;
use super::{Codec, DecodeError, Envelope, PREFIX, Raw, Term, header};
use crate::record::{CommandRef, EventRecord, Record, Stamp, TermStarted};
use crate::schemas::{self, Layout};

impl Codec {
    /// Decodes a record of the context `C`. What carries a stamp and cannot be decoded is [`Record::Unreadable`]: it
    /// still counts for the sequence.
    ///
    /// # Errors
    /// Nothing is known of the record yet: the reader must not go on.
    pub async fn decode<'a, C: Decider, H: Fn(&str) -> Option<&'a str>>(
        &self,
        raw: Raw<'a, H>,
    ) -> Result<Record<C::Event>, DecodeError> {
        self.decode_by(C::NAME, raw, |name, payload| C::Event::decode(name, payload)).await
    }

    /// The same for a record of the context of this name.
    ///
    /// # Errors
    /// See [`Codec::decode`].
    pub async fn decode_any<'a, H: Fn(&str) -> Option<&'a str>>(
        &self,
        context: &str,
        raw: Raw<'a, H>,
    ) -> Result<Record<AnyEvent>, DecodeError> {
        self.decode_by(context, raw, |name, payload| AnyEvent::decode(context, name, payload)).await
    }

    /// `payload` decodes the part after the envelope; it is given the name of the record.
    async fn decode_by<'a, E, H: Fn(&str) -> Option<&'a str>>(
        &self,
        context: &str,
        raw: Raw<'a, H>,
        payload: impl FnOnce(&str, Payload<'_, '_>) -> Option<Result<E, String>>,
    ) -> Result<Record<E>, DecodeError> {
        let layout = match self.layout_of(&raw).await {
            Ok(layout) => Ok(layout),
            Err(Unread::Undecodable(reason)) => Err(reason),
            Err(Unread::Registry(error)) => return Err(error.into()),
        };
        let begins_term = |name: &str| name == schemas::TERM_STARTED;
        if (raw.header)(header::TYPE).is_some_and(begins_term) || layout.as_ref().is_ok_and(|it| begins_term(&it.name))
        {
            let started = layout.and_then(|layout| decode_term(&layout, &raw.value[PREFIX..]));
            return started.map(Record::TermStarted).map_err(DecodeError::Term);
        }
        let number = |name| (raw.header)(name).and_then(|text| text.parse::<u64>().ok());
        let (Some(term), Some(seq)) = (number(header::TERM), number(header::SEQ)) else { return Ok(Record::Foreign) };
        let stamp = Stamp { term, seq };
        let decoded = layout.and_then(|layout| decode_event(context, &layout, &raw.value[PREFIX..], payload));
        Ok(match (decoded, command_ref(&raw)) {
            (Ok(recorded), Some(command)) => Record::Event(EventRecord { stamp, command, recorded }),
            (Ok(recorded), None) => Record::Unreadable {
                stamp,
                aggregate_id: recorded.aggregate_id,
                reason: "its command's headers are missing".into(),
            },
            (Err(reason), _) => {
                Record::Unreadable { stamp, aggregate_id: String::from_utf8_lossy(raw.key).into_owned(), reason }
            }
        })
    }
}

fn decode_term(layout: &Layout, mut body: &[u8]) -> Result<TermStarted, String> {
    if layout.name != schemas::TERM_STARTED {
        return Err(format!("its schema is that of {}", layout.name));
    }
    let term: Term = layout.read_payload(&mut body)?;
    let Term { term, owner, address, nonce, .. } = term;
    Ok(TermStarted { term: unsigned(term)?, owner, address, nonce })
}

fn decode_event<E>(
    context: &str,
    layout: &Layout,
    mut body: &[u8],
    payload: impl FnOnce(&str, Payload<'_, '_>) -> Option<Result<E, String>>,
) -> Result<Recorded<E>, String> {
    let envelope: Envelope = layout.read_envelope(&mut body)?;
    // A registry that was lost and begun anew gives old ids to other schemas, and some have the same shape.
    if envelope.event_type != layout.name {
        return Err(format!("is a {} by its own account, and a {} by its schema", envelope.event_type, layout.name));
    }
    let event = payload(&layout.name, Payload { layout, bytes: &mut body })
        .unwrap_or_else(|| Err(format!("{} is no event of {}", layout.name, context)))?;
    if !body.is_empty() {
        return Err(format!("does not end where its schema does: bytes left over: {}", body.len()));
    }
    Ok(Recorded {
        aggregate_id: envelope.aggregate_id,
        version: unsigned(envelope.aggregate_version)?,
        occurred_at: Timestamp(envelope.occurred_at),
        actor_id: envelope.actor_id,
        event,
    })
}

fn command_ref<'a, H: Fn(&str) -> Option<&'a str>>(raw: &Raw<'a, H>) -> Option<CommandRef> {
    let id: Uuid = (raw.header)(header::COMMAND)?.parse().ok()?;
    let digest = u64::from_str_radix((raw.header)(header::DIGEST)?, 16).ok()?;
    let correlation_id = (raw.header)(header::CORRELATION).and_then(|text| text.parse().ok()).unwrap_or(id);
    let traceparent = (raw.header)(header::TRACEPARENT).map(str::to_owned);
    Some(CommandRef { id, digest, correlation_id, traceparent })
}

/// A payload that is to be decoded.
struct Payload<'a, 'b> {
    layout: &'a Layout,
    bytes: &'a mut &'b [u8],
}

impl PayloadDecoder for Payload<'_, '_> {
    type Error = String;
    fn decode<T: DeserializeOwned>(self) -> Result<T, String> {
        self.layout.read_payload(self.bytes)
    }
}

fn unsigned(number: i64) -> Result<u64, String> {
    u64::try_from(number).map_err(|error| error.to_string())
}
