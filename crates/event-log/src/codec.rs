//! Events and control records as bytes: Confluent wire format (magic 0, schema id, Avro body) with CloudEvents headers.

mod decoding;
mod lookup;
mod wire;

pub(crate) use lookup::schema_of;
pub use wire::{Headers, Raw, Wire, header};

use std::collections::HashMap;
use std::sync::Arc;

use domain::context::PayloadEncoder;
use domain::{Decider, Event, Timestamp};
use futures::{StreamExt as _, TryStreamExt as _};
use parking_lot::RwLock;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::record::{EventRecord, Record, TermStarted};
use crate::registry::{Registry, RegistryError, subject};
use crate::schemas::{self, Layout, own};

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
    /// Schemas that are not ours.
    by_id: RwLock<HashMap<u32, Arc<Layout>>>,
    /// By topic and name.
    ids: RwLock<HashMap<String, Ids>>,
    /// What each of these ids is, whatever the topic: a registry gives an id once.
    registered: RwLock<HashMap<u32, Arc<Layout>>>,
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

/// Why a reader cannot go past a record yet: what it says decides which records after it count.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// Its schema is not one of ours, and the registry does not answer, or contradicts the record.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// It says that it begins a term, and cannot be read.
    #[error("a record that begins a term cannot be read: {0}")]
    Term(String),
}

impl Codec {
    /// A codec that asks `registry` for the schemas it does not know.
    #[must_use]
    pub fn new(registry: Registry) -> Self {
        let (by_id, ids, registered) = (RwLock::default(), RwLock::default(), RwLock::default());
        Self { inner: Arc::new(Inner { registry, by_id, ids, registered }) }
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
        let layout = own::versions_of(name).first().map(Arc::clone);
        let layout = layout.ok_or_else(|| RegistryError::Refused(format!("{name} is no schema of ours")))?;
        self.inner.registered.write().insert(id, Arc::clone(&layout));
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

    pub(crate) fn encode_term(&self, topic: &str, started: &TermStarted) -> Result<Wire, String> {
        let (layout, mut value) = self.layout(topic, schemas::TERM_STARTED)?;
        let term = Term {
            event_type: schemas::TERM_STARTED.into(),
            term: signed(started.term)?,
            owner: started.owner,
            address: started.address.clone(),
            nonce: started.nonce,
        };
        layout.write_payload(&mut value, &term)?;
        let mut headers = Headers::for_record(&layout);
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
        let mut headers = Headers::for_record(&layout);
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

fn signed(number: u64) -> Result<i64, String> {
    i64::try_from(number).map_err(|error| error.to_string())
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
