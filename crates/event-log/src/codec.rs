//! Events and control records as bytes: Confluent wire format (magic 0, schema id, Avro body) with CloudEvents headers.

mod wire;

pub use wire::{Headers, Raw, Wire, header};

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use domain::context::{PayloadDecoder, PayloadEncoder};
use domain::{Decider, Event, Recorded, Timestamp};
use futures::{StreamExt as _, TryStreamExt as _};
use parking_lot::RwLock;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::record::{CommandRef, EventRecord, Record, Stamp, TermStarted};
use crate::registry::{Registry, RegistryError, subject};
use crate::schemas::{self, Layout};

/// The first byte of the wire format.
const MAGIC: u8 = 0;
/// Magic and schema id.
const PREFIX: usize = 5;
/// Questions to the registry at the same time: each takes a connection, which costs it more than the answer.
const LOOKUPS: usize = 4;

/// Encodes and decodes the records of all contexts. Cheap to clone.
#[derive(Clone)]
pub struct Codec {
    inner: Arc<Inner>,
}

/// The records of one topic: their schema ids and layouts.
type Ids = HashMap<&'static str, (u32, Arc<Layout>)>;

struct Inner {
    registry: Registry,
    by_id: RwLock<HashMap<u32, Arc<Layout>>>,
    /// By topic and name.
    ids: RwLock<HashMap<String, Ids>>,
}

#[derive(Serialize, Deserialize)]
struct Envelope {
    event_type: String,
    aggregate_id: String,
    aggregate_version: i64,
    occurred_at: i64,
    actor_id: Uuid,
}

#[derive(Serialize, Deserialize)]
struct Term {
    event_type: String,
    term: i64,
    owner: Uuid,
    address: String,
    nonce: Uuid,
}

/// Why bytes are no record of ours.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// They never will be: to be parked.
    #[error("{0}")]
    Undecodable(String),
    /// The registry does not answer: to be tried again.
    #[error(transparent)]
    Registry(RegistryError),
}

impl Codec {
    /// A codec that asks `registry` for the schemas it does not know.
    #[must_use]
    pub fn new(registry: Registry) -> Self {
        let (by_id, ids) = (RwLock::default(), RwLock::default());
        Self { inner: Arc::new(Inner { registry, by_id, ids }) }
    }

    /// Looks up the ids of all records that go to `topic`, without which nothing can be encoded for it.
    ///
    /// # Errors
    /// The registry does not answer, or a schema is not registered.
    pub async fn prepare(&self, topic: &str, context: &str) -> Result<(), RegistryError> {
        let lookups = schemas::of_context(context).map(|name| async move {
            let text = schemas::text_of(name).unwrap_or_default();
            self.inner.registry.id_of(&subject(topic, name), text).await.map(|id| (name, id))
        });
        let lookups: Vec<_> = lookups.collect();
        let mut found = futures::stream::iter(lookups).buffer_unordered(LOOKUPS);
        while let Some((name, id)) = found.try_next().await? {
            self.know(topic, name, id)?;
        }
        Ok(())
    }

    /// Takes it that the record `name` has this id on `topic`.
    ///
    /// # Errors
    /// There is no such schema, or it is not ours.
    pub fn know(&self, topic: &str, name: &'static str, id: u32) -> Result<(), RegistryError> {
        let text = schemas::text_of(name).unwrap_or_default();
        let layout = Layout::parse(text).map_err(|error| RegistryError::Refused(error.to_string()))?;
        let layout = Arc::new(layout);
        self.inner.by_id.write().insert(id, Arc::clone(&layout));
        self.inner.ids.write().entry(topic.to_owned()).or_default().insert(name, (id, layout));
        Ok(())
    }

    /// Encodes a record for `topic`.
    ///
    /// # Errors
    /// The record does not fit its schema, or [`Codec::prepare`] was not called for the topic.
    pub fn encode<C: Decider>(&self, topic: &str, record: &Record<C::Event>) -> Result<Wire, String> {
        match record {
            Record::TermStarted(started) => self.encode_term(topic, started),
            Record::Event(event) => self.encode_event::<C>(topic, event),
            Record::Unreadable { .. } | Record::Foreign => Err("only events and terms are written".into()),
        }
    }

    fn layout(&self, topic: &str, name: &'static str) -> Result<(Arc<Layout>, Vec<u8>), String> {
        let ids = self.inner.ids.read();
        let known = ids.get(topic).and_then(|names| names.get(name));
        let (id, layout) = known.ok_or_else(|| format!("{name} has no id on {topic}"))?;
        let mut bytes = Vec::with_capacity(512);
        bytes.push(MAGIC);
        bytes.extend_from_slice(&id.to_be_bytes());
        Ok((Arc::clone(layout), bytes))
    }

    fn encode_term(&self, topic: &str, started: &TermStarted) -> Result<Wire, String> {
        let (layout, mut value) = self.layout(topic, schemas::TERM_STARTED)?;
        let term = Term {
            event_type: schemas::TERM_STARTED.into(),
            term: signed(started.term)?,
            owner: started.owner,
            address: started.address.clone(),
            nonce: started.nonce,
        };
        layout.write_payload(&mut value, &term)?;
        let mut headers = Headers::for_event(schemas::TERM_STARTED);
        headers.push("ce_id", started.nonce);
        headers.push("ce_source", "inklog");
        Ok(Wire { key: "term".into(), value, headers })
    }

    fn encode_event<C: Decider>(&self, topic: &str, record: &EventRecord<C::Event>) -> Result<Wire, String> {
        let EventRecord { stamp, command, recorded } = record;
        let name = recorded.event.name();
        let (layout, mut value) = self.layout(topic, name)?;
        let envelope = Envelope {
            event_type: name.into(),
            aggregate_id: recorded.aggregate_id.clone(),
            aggregate_version: signed(recorded.version)?,
            occurred_at: recorded.occurred_at.0,
            actor_id: recorded.actor_id,
        };
        layout.write_envelope(&mut value, &envelope)?;
        recorded.event.encode(Encode { layout: &layout, bytes: &mut value })?;
        let mut headers = Headers::for_event(name);
        headers.push("ce_id", record.event_id());
        headers.push("ce_source", format_args!("inklog/{}", C::NAME));
        headers.push("ce_time", rfc3339(recorded.occurred_at));
        headers.push("ce_subject", &recorded.aggregate_id);
        headers.push("ce_sequence", recorded.version);
        headers.push(header::COMMAND, command.id);
        headers.push(header::CORRELATION, command.correlation_id);
        headers.push(header::DIGEST, format_args!("{:016x}", command.digest));
        headers.push(header::TERM, stamp.term);
        headers.push(header::SEQ, stamp.seq);
        if let Some(trace) = &command.traceparent {
            headers.push(header::TRACEPARENT, trace);
        }
        Ok(Wire { key: recorded.aggregate_id.clone(), value, headers })
    }

    /// Decodes a record of the context `C`. What carries a stamp and cannot be decoded is [`Record::Unreadable`]: it
    /// still counts for the sequence.
    ///
    /// # Errors
    /// The registry does not answer; nothing is known of the record yet.
    pub async fn decode<'a, C: Decider, H: Fn(&str) -> Option<&'a str>>(
        &self,
        raw: Raw<'a, H>,
    ) -> Result<Record<C::Event>, RegistryError> {
        let layout = match self.layout_of(raw.value).await {
            Ok(layout) => Ok(layout),
            Err(DecodeError::Undecodable(reason)) => Err(reason),
            Err(DecodeError::Registry(error)) => return Err(error),
        };
        if let Some(layout) = layout.as_ref().ok().filter(|layout| layout.name == schemas::TERM_STARTED) {
            return Ok(match decode_term(layout, &raw.value[PREFIX..]) {
                Ok(started) => Record::TermStarted(started),
                Err(reason) => {
                    // Every record of that term would be void for this reader alone.
                    tracing::error!(context = C::NAME, reason, "a term cannot be read");
                    Record::Foreign
                }
            });
        }
        let number = |name| (raw.header)(name).and_then(|text| text.parse::<u64>().ok());
        let (Some(term), Some(seq)) = (number(header::TERM), number(header::SEQ)) else { return Ok(Record::Foreign) };
        let stamp = Stamp { term, seq };
        let decoded = layout.and_then(|layout| decode_event::<C>(&layout, &raw.value[PREFIX..]));
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

    /// Asks the registry, several at a time, for the schemas that these values were written with and that are not known
    /// yet: asked for one by one when each is met, they hold up the reading.
    ///
    /// # Errors
    /// The registry does not answer. What it has no schema for is [`Codec::decode`]'s to say.
    pub async fn learn<'a>(&self, values: impl Iterator<Item = &'a [u8]>) -> Result<(), RegistryError> {
        let unknown: BTreeSet<u32> = {
            let known = self.inner.by_id.read();
            values.filter_map(|value| schema_id(value).ok()).filter(|id| !known.contains_key(id)).collect()
        };
        let lookups: Vec<_> = unknown.into_iter().map(|id| self.ask_for(id)).collect();
        let mut found = futures::stream::iter(lookups).buffer_unordered(LOOKUPS);
        while let Some(found) = found.next().await {
            match found {
                Ok(_) | Err(DecodeError::Undecodable(_)) => {}
                Err(DecodeError::Registry(error)) => return Err(error),
            }
        }
        Ok(())
    }

    async fn layout_of(&self, value: &[u8]) -> Result<Arc<Layout>, DecodeError> {
        let id = schema_id(value)?;
        let known = self.inner.by_id.read().get(&id).map(Arc::clone);
        match known {
            Some(layout) => Ok(layout),
            None => self.ask_for(id).await,
        }
    }

    async fn ask_for(&self, id: u32) -> Result<Arc<Layout>, DecodeError> {
        let undecodable = |reason: String| DecodeError::Undecodable(reason);
        let text = match self.inner.registry.schema(id).await {
            Ok(text) => text,
            Err(RegistryError::Refused(_)) => return Err(undecodable(format!("the registry has no schema {id}"))),
            Err(error) => return Err(DecodeError::Registry(error)),
        };
        let layout = Arc::new(Layout::parse(&text).map_err(|error| undecodable(error.to_string()))?);
        self.inner.by_id.write().insert(id, Arc::clone(&layout));
        Ok(layout)
    }
}

/// The id of the schema that a value was written with.
fn schema_id(value: &[u8]) -> Result<u32, DecodeError> {
    let undecodable = |reason: &str| Err(DecodeError::Undecodable(reason.into()));
    match value.split_first_chunk::<PREFIX>() {
        None => undecodable("is too short for the wire format"),
        Some((&[MAGIC, a, b, c, d], _)) => Ok(u32::from_be_bytes([a, b, c, d])),
        Some(_) => undecodable("does not begin with the magic byte 0"),
    }
}

fn decode_term(layout: &Layout, mut body: &[u8]) -> Result<TermStarted, String> {
    let term: Term = layout.read_payload(&mut body)?;
    let Term { term, owner, address, nonce, .. } = term;
    Ok(TermStarted { term: unsigned(term)?, owner, address, nonce })
}

fn decode_event<C: Decider>(layout: &Layout, mut body: &[u8]) -> Result<Recorded<C::Event>, String> {
    let envelope: Envelope = layout.read_envelope(&mut body)?;
    // A registry that was lost and begun anew gives old ids to other schemas, and some have the same shape.
    if envelope.event_type != layout.name {
        return Err(format!("is a {} by its own account, and a {} by its schema", envelope.event_type, layout.name));
    }
    let event = C::Event::decode(&layout.name, Decode { layout, bytes: &mut body })
        .unwrap_or_else(|| Err(format!("{} is no event of {}", layout.name, C::NAME)))?;
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

struct Encode<'a> {
    layout: &'a Layout,
    bytes: &'a mut Vec<u8>,
}

impl PayloadEncoder for Encode<'_> {
    type Output = Result<(), String>;
    fn encode<T: Serialize>(self, payload: &T) -> Result<(), String> {
        self.layout.write_payload(self.bytes, payload)
    }
}

struct Decode<'a, 'b> {
    layout: &'a Layout,
    bytes: &'a mut &'b [u8],
}

impl PayloadDecoder for Decode<'_, '_> {
    type Error = String;
    fn decode<T: DeserializeOwned>(self) -> Result<T, String> {
        self.layout.read_payload(self.bytes)
    }
}

fn signed(number: u64) -> Result<i64, String> {
    i64::try_from(number).map_err(|error| error.to_string())
}

fn unsigned(number: i64) -> Result<u64, String> {
    u64::try_from(number).map_err(|error| error.to_string())
}

/// RFC 3339 in UTC with milliseconds, which CloudEvents asks for.
fn rfc3339(at: Timestamp) -> String {
    let format = time::format_description::well_known::Rfc3339;
    time::OffsetDateTime::from_unix_timestamp_nanos(i128::from(at.0) * 1_000_000)
        .ok()
        .and_then(|at| at.format(&format).ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests;
