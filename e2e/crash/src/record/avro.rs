//! Decoding with the writer's schema from the registry, as any registry-aware client does.

use std::collections::HashMap;
use std::time::Duration;

use anyhow::Context;
use apache_avro::Schema;
use apache_avro::reader::datum::GenericDatumReader;
use apache_avro::types::Value as Avro;
use serde_json::{Map, Value};

/// The registry's schemas by id, fetched when they are first met.
pub(super) struct Decoder {
    registry_url: String,
    http: reqwest::Client,
    readers: HashMap<u32, GenericDatumReader<'static>>,
}

impl Decoder {
    pub(super) fn new(registry_url: &str) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(10)).build()?;
        Ok(Self { registry_url: registry_url.to_owned(), http, readers: HashMap::new() })
    }

    /// The fields of a record in Confluent wire format: a zero, the schema's id, the body.
    pub(super) async fn decode(&mut self, value: &[u8]) -> anyhow::Result<Map<String, Value>> {
        let [0, a, b, c, d, body @ ..] = value else { anyhow::bail!("it is not in Confluent wire format") };
        let id = u32::from_be_bytes([*a, *b, *c, *d]);
        if !self.readers.contains_key(&id) {
            let reader = self.fetch(id).await.with_context(|| format!("schema {id}"))?;
            self.readers.insert(id, reader);
        }
        let mut rest = body;
        match json(self.readers[&id].read_value(&mut rest)?)? {
            Value::Object(fields) if rest.is_empty() => Ok(fields),
            _ => anyhow::bail!("it is not a record and nothing else"),
        }
    }

    async fn fetch(&self, id: u32) -> anyhow::Result<GenericDatumReader<'static>> {
        let url = format!("{}/schemas/ids/{id}", self.registry_url);
        let bytes = self.http.get(url).send().await?.error_for_status()?.bytes().await?;
        let answer: Value = serde_json::from_slice(&bytes)?;
        let schema = Schema::parse_str(answer["schema"].as_str().context("the registry names no schema")?)?;
        // A dozen schemas, for as long as the program runs.
        Ok(GenericDatumReader::builder(Box::leak(Box::new(schema))).build()?)
    }
}

fn json(value: Avro) -> anyhow::Result<Value> {
    Ok(match value {
        Avro::Null => Value::Null,
        Avro::Boolean(flag) => flag.into(),
        Avro::Int(number) => number.into(),
        Avro::Long(number) | Avro::TimestampMillis(number) => number.into(),
        Avro::String(text) => text.into(),
        Avro::Union(_, inner) => json(*inner)?,
        Avro::Array(items) => items.into_iter().map(json).collect::<anyhow::Result<Vec<_>>>()?.into(),
        Avro::Record(fields) => {
            let field = |(name, value)| anyhow::Ok((name, json(value)?));
            Value::Object(fields.into_iter().map(field).collect::<anyhow::Result<_>>()?)
        }
        other => anyhow::bail!("no schema of ours has such a value: {other:?}"),
    })
}
