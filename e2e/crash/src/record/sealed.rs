//! Opening what is personal, as docs/topics.md describes it; the code is this program's own.

use std::collections::HashMap;
use std::path::Path;

use aes_gcm_siv::aead::{Aead as _, KeyInit as _, Payload};
use aes_gcm_siv::{Aes256GcmSiv, Nonce};
use anyhow::Context;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};
use sqlx::ConnectOptions as _;
use uuid::Uuid;

use crate::site::Site;

const PREFIX: &str = "sealed.v1.";

type Key = [u8; 32];

/// People's keys, by account.
pub(super) struct Keys(HashMap<String, Key>);

impl Keys {
    /// All that the vault has.
    pub(super) async fn read(site: &Site) -> anyhow::Result<Self> {
        let ring = ring(&site.stack.key_ring_file)?;
        let mut connection = site.database()?.connect().await.context("connecting to Postgres")?;
        let rows: Vec<(Uuid, String, Vec<u8>)> =
            sqlx::query_as("SELECT account_id, key_id, wrapped_key FROM vault.data_keys")
                .fetch_all(&mut connection)
                .await?;
        let key = |(account, id, wrapped): (Uuid, String, Vec<u8>)| {
            let wrapping = ring.get(&id).with_context(|| format!("the key ring has no key {id}"))?;
            let (nonce, sealed) = wrapped.split_first_chunk::<12>().context("a wrapped key is too short")?;
            let key = decrypt(wrapping, *nonce, sealed, account.as_bytes())?;
            Ok((account.to_string(), Key::try_from(key).ok().context("a data key has not 256 bits")?))
        };
        Ok(Self(rows.into_iter().map(key).collect::<anyhow::Result<_>>()?))
    }

    /// Puts plain text in the place of what is sealed of an account; where the key is gone,
    /// that it is forgotten.
    pub(super) fn open(&self, account: &str, fields: &mut Map<String, Value>) -> anyhow::Result<()> {
        for (name, field) in fields {
            if let Some(encoded) = field.as_str().and_then(|text| text.strip_prefix(PREFIX)) {
                let bytes = URL_SAFE_NO_PAD.decode(encoded).with_context(|| format!("{name} is not base64url"))?;
                // The first four say under which of an account's keys it is; here each has one.
                let sealed = bytes.get(4..).with_context(|| format!("{name} is too short"))?;
                *field = match self.0.get(account) {
                    Some(key) => plain(key, account, name, sealed).with_context(|| format!("opening {name}"))?.into(),
                    None => json!({"forgotten": true}),
                };
            }
        }
        Ok(())
    }
}

fn plain(key: &Key, account: &str, field: &str, sealed: &[u8]) -> anyhow::Result<String> {
    let about = [account.parse::<Uuid>()?.as_bytes(), field.as_bytes()].concat();
    let mut bytes = decrypt(key, [0; 12], sealed, &about)?;
    let end = bytes.iter().rposition(|byte| *byte == 0x80).context("the padding has no beginning")?;
    bytes.truncate(end);
    Ok(String::from_utf8(bytes)?)
}

fn decrypt(key: &Key, nonce: [u8; 12], sealed: &[u8], about: &[u8]) -> anyhow::Result<Vec<u8>> {
    let cipher = Aes256GcmSiv::new(key.into());
    let opened = cipher.decrypt(&Nonce::from(nonce), Payload { msg: sealed, aad: about });
    opened.map_err(|_| anyhow::anyhow!("it does not verify"))
}

/// `<id> <64 hexadecimal digits>` a line.
fn ring(file: &Path) -> anyhow::Result<HashMap<String, Key>> {
    let text = std::fs::read_to_string(file).context("reading INKLOG_KEY_RING_FILE")?;
    let key = |line: &str| {
        let (id, hex) = line.split_once(' ').context("a line of the key ring has no key")?;
        let mut key = Key::default();
        for (place, byte) in key.iter_mut().enumerate() {
            let digits = hex.get(2 * place..2 * place + 2).context("a key of the ring is too short")?;
            *byte = u8::from_str_radix(digits, 16)?;
        }
        Ok((id.to_owned(), key))
    };
    text.lines().filter(|line| !line.is_empty()).map(key).collect()
}
