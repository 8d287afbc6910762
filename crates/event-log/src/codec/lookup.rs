//! Which schema a record was written with: the program knows its own, the registry all others.

use std::sync::Arc;

use super::{Codec, MAGIC, PREFIX, Raw, header};
use crate::registry::RegistryError;
use crate::schemas::{Layout, own};

/// Why the schema of a record is not known.
pub(super) enum Unread {
    /// There is none, for good: the record is to be parked.
    Undecodable(String),
    Registry(RegistryError),
}

impl Codec {
    /// The schema that a record was written with: the one of ours that it names, else what the registry has.
    pub(super) async fn layout_of<'a, H: Fn(&str) -> Option<&'a str>>(
        &self,
        raw: &Raw<'a, H>,
    ) -> Result<Arc<Layout>, Unread> {
        let id = schema_id(raw.value).map_err(Unread::Undecodable)?;
        if let Some(layout) = own_layout(raw) {
            return Ok(Arc::clone(layout));
        }
        let known = self.inner.by_id.read().get(&id).map(Arc::clone);
        let layout = match known {
            Some(known) => known,
            None => self.ask_for(id).await?,
        };
        if let Some(named) = (raw.header)(header::SCHEMA).filter(|named| named.parse() != Ok(layout.fingerprint)) {
            let (name, has) = (&layout.name, layout.fingerprint);
            let why =
                format!("schema {id} has the fingerprint {named} by the log, and is {name} ({has}) by the registry");
            return Err(Unread::Registry(RegistryError::Contradicts(why)));
        }
        self.inner.by_id.write().entry(id).or_insert_with(|| Arc::clone(&layout));
        Ok(layout)
    }

    async fn ask_for(&self, id: u32) -> Result<Arc<Layout>, Unread> {
        let text = self.inner.registry.schema(id).await.map_err(|error| match error {
            RegistryError::Refused(_) => Unread::Undecodable(format!("the registry has no schema {id}")),
            RegistryError::Unavailable(_) | RegistryError::Unsupported(_) | RegistryError::Contradicts(_) => {
                Unread::Registry(error)
            }
        })?;
        let layout = Layout::parse(&text).map_err(|error| Unread::Undecodable(error.to_string()))?;
        Ok(Arc::new(layout))
    }

    /// Whether a record of ours has an id under which this program would write another schema: a registry that was lost
    /// and begun anew in the middle of the log. What is written then, others cannot tell from what was. Asks nothing.
    ///
    /// # Errors
    /// It has, which says so.
    pub(crate) fn agree<'a, H: Fn(&str) -> Option<&'a str>>(&self, raw: &Raw<'a, H>) -> Result<(), RegistryError> {
        let Some((id, ours)) = schema_of(raw) else { return Ok(()) };
        let registered = self.inner.registered.read();
        match registered.get(&id).filter(|registered| registered.fingerprint != ours.fingerprint) {
            None => Ok(()),
            Some(registered) => {
                let (name, has) = (&ours.name, &registered.name);
                Err(RegistryError::Contradicts(format!("schema {id} is {name} by the log, and {has} by the registry")))
            }
        }
    }

    /// Whether the registry has the schema of one of our records under the id that the record says: others read it so.
    ///
    /// # Errors
    /// It has not, or does not answer.
    pub async fn check<'a, H: Fn(&str) -> Option<&'a str>>(&self, raw: &Raw<'a, H>) -> Result<(), RegistryError> {
        let Some((id, ours)) = schema_of(raw) else { return Ok(()) };
        let has = match self.ask_for(id).await {
            Ok(layout) if layout.fingerprint == ours.fingerprint => return Ok(()),
            Ok(layout) => layout.name.clone(),
            Err(Unread::Undecodable(reason)) => reason,
            Err(Unread::Registry(error)) => return Err(error),
        };
        let why = format!("schema {id} is {} by the log, and by the registry: {has}", ours.name);
        Err(RegistryError::Contradicts(why))
    }
}

/// The schema of ours that a record was written with, and the id that the record says it has.
pub(crate) fn schema_of<'a, H: Fn(&str) -> Option<&'a str>>(raw: &Raw<'a, H>) -> Option<(u32, &'static Arc<Layout>)> {
    Some((schema_id(raw.value).ok()?, own_layout(raw)?))
}

/// Which schema of ours a record was written with, if it says so: by fingerprint, or, as long ago, by name only.
fn own_layout<'a, H: Fn(&str) -> Option<&'a str>>(raw: &Raw<'a, H>) -> Option<&'static Arc<Layout>> {
    match (raw.header)(header::SCHEMA) {
        Some(fingerprint) => own::of_fingerprint(fingerprint.parse().ok()?),
        None => own::fitting((raw.header)(header::TYPE)?, raw.value.get(PREFIX..)?),
    }
}

/// The id of the schema that a value was written with.
pub(crate) fn schema_id(value: &[u8]) -> Result<u32, String> {
    match value.split_first_chunk::<PREFIX>() {
        None => Err("is too short for the wire format".into()),
        Some((&[MAGIC, a, b, c, d], _)) => Ok(u32::from_be_bytes([a, b, c, d])),
        Some(_) => Err("does not begin with the magic byte 0".into()),
    }
}
