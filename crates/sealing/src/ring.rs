//! The keys that wrap data keys: a file outside the database, one key a line, `<id> <64 hexadecimal digits>`, the
//! newest first. The first wraps, all unwrap. The file is looked at again when it has changed, so no service has to be
//! restarted.

use std::fmt;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::SystemTime;

use uuid::Uuid;
use zeroize::Zeroizing;

use crate::cipher::{self, KEY_BYTES, KeyBytes, NONCE_BYTES};
use crate::data_key::DataKey;

/// The ring. Clones share what was read.
#[derive(Clone)]
pub struct KeyRing {
    path: PathBuf,
    read: Arc<RwLock<Read>>,
}

/// A data key, wrapped: what the vault keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrapped {
    /// The key of the ring that wraps it.
    pub key_id: String,
    /// A nonce, and the encrypted key.
    pub bytes: Vec<u8>,
}

/// Why a data key could not be unwrapped. It is there, so its person was not forgotten: an operator has to see to it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnwrapError {
    /// The ring has no such key: the file is older than the vault, or the key was removed too early.
    #[error("no key {0} is in the key ring")]
    UnknownKey(String),
    /// The ring's key did not wrap it for this account.
    #[error("a data key that is wrapped by {0} does not verify")]
    Damaged(String),
}

/// What is wrong with the file.
#[derive(Debug, thiserror::Error)]
pub enum RingError {
    /// It cannot be read or written.
    #[error("the key ring: {0}")]
    Io(#[from] std::io::Error),
    /// It is no key ring. What is in it is not quoted.
    #[error("the key ring, line {0}: is not an id of 1 to 32 letters, digits or '-', and 64 hexadecimal digits")]
    Line(usize),
    /// Two keys have one id, or there is none.
    #[error("the key ring holds no key, or one id twice")]
    Ids,
}

struct Read {
    keys: Vec<(String, KeyBytes)>,
    /// Length and time of change: tells whether the file is another by now.
    stamp: Stamp,
}

type Stamp = (u64, Option<SystemTime>);

impl KeyRing {
    /// Reads the ring.
    ///
    /// # Errors
    /// There is none, or it is damaged.
    pub fn open(path: &Path) -> Result<Self, RingError> {
        Ok(Self { path: path.to_owned(), read: Arc::new(RwLock::new(Read::of(path)?)) })
    }

    /// Makes a further key, which wraps from now on, or the first one, in a file that only its owner reads.
    ///
    /// # Errors
    /// The file cannot be read or written.
    pub fn add(path: &Path) -> Result<String, RingError> {
        let before = if path.exists() { Zeroizing::new(std::fs::read_to_string(path)?) } else { Zeroizing::default() };
        let id = format!("{:08x}", rand::random::<u32>());
        let hex: String = cipher::draw().iter().map(|byte| format!("{byte:02x}")).collect();
        let text = Zeroizing::new(format!("{id} {hex}\n{}", before.as_str()));
        parse(&text)?;
        let fresh = path.with_extension("new");
        // What a crash left there is of no use.
        let _ = std::fs::remove_file(&fresh);
        let mut options = std::fs::OpenOptions::new();
        let mut file = options.write(true).create_new(true).mode(0o600).open(&fresh)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(fresh, path)?;
        Ok(id)
    }

    /// The ids, the newest first.
    #[must_use]
    pub fn ids(&self) -> Vec<String> {
        self.look_again();
        self.with(|read| read.keys.iter().map(|(id, _)| id.clone()).collect())
    }

    /// Wraps an account's data key by the newest key.
    #[must_use]
    pub fn wrap(&self, account_id: Uuid, key: &DataKey) -> Wrapped {
        self.look_again();
        self.with(|read| {
            let (id, wrapping) = read.keys.first().expect("a ring that was read has a key");
            let nonce: [u8; NONCE_BYTES] = rand::random();
            let encrypted = cipher::encrypt(wrapping, nonce, key.bytes(), account_id.as_bytes());
            Wrapped { key_id: id.clone(), bytes: [nonce.as_slice(), &encrypted].concat() }
        })
    }

    /// Unwraps an account's data key.
    ///
    /// # Errors
    /// The ring cannot: never because the account's person was forgotten.
    pub fn unwrap(&self, account_id: Uuid, wrapped: &Wrapped) -> Result<DataKey, UnwrapError> {
        match self.with(|read| read.unwrap(account_id, wrapped)) {
            Err(UnwrapError::UnknownKey(_)) if self.look_again() => self.with(|read| read.unwrap(account_id, wrapped)),
            outcome => outcome,
        }
    }

    /// Reads the file if it has changed; whether it had. While it cannot be read, what was read before is good.
    fn look_again(&self) -> bool {
        if stamp(&self.path).is_ok_and(|stamp| self.with(|read| read.stamp == stamp)) {
            return false;
        }
        match Read::of(&self.path) {
            Ok(read) => {
                *self.read.write().unwrap_or_else(PoisonError::into_inner) = read;
                true
            }
            Err(error) => {
                tracing::warn!(%error, "the key ring has changed and cannot be read; the former one is used");
                false
            }
        }
    }

    fn with<T>(&self, f: impl FnOnce(&Read) -> T) -> T {
        f(&self.read.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Read {
    fn of(path: &Path) -> Result<Self, RingError> {
        // Before the text: a change between the two is noticed later.
        let stamp = stamp(path)?;
        let text = Zeroizing::new(std::fs::read_to_string(path)?);
        Ok(Self { keys: parse(&text)?, stamp })
    }

    fn unwrap(&self, account_id: Uuid, wrapped: &Wrapped) -> Result<DataKey, UnwrapError> {
        let found = self.keys.iter().find(|(id, _)| *id == wrapped.key_id);
        let (_, wrapping) = found.ok_or_else(|| UnwrapError::UnknownKey(wrapped.key_id.clone()))?;
        let split = wrapped.bytes.split_first_chunk::<NONCE_BYTES>();
        split
            .and_then(|(nonce, encrypted)| cipher::decrypt(wrapping, *nonce, encrypted, account_id.as_bytes()))
            .and_then(|bytes| DataKey::of_bytes(&bytes))
            .ok_or_else(|| UnwrapError::Damaged(wrapped.key_id.clone()))
    }
}

fn stamp(path: &Path) -> std::io::Result<Stamp> {
    let metadata = std::fs::metadata(path)?;
    Ok((metadata.len(), metadata.modified().ok()))
}

fn parse(text: &str) -> Result<Vec<(String, KeyBytes)>, RingError> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let key = |(number, line): (usize, &str)| {
        let (id, hex) = line.trim().split_once(' ').ok_or(RingError::Line(number + 1))?;
        let fine = (1..=32).contains(&id.len()) && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        let bytes = if fine { bytes(hex.trim()) } else { None };
        bytes.map(|bytes| (id.to_owned(), bytes)).ok_or(RingError::Line(number + 1))
    };
    let keys: Vec<(String, KeyBytes)> = lines.map(key).collect::<Result<_, _>>()?;
    let twice = keys.iter().enumerate().any(|(place, (id, _))| keys[..place].iter().any(|(other, _)| other == id));
    if keys.is_empty() || twice { Err(RingError::Ids) } else { Ok(keys) }
}

fn bytes(hex: &str) -> Option<KeyBytes> {
    let mut bytes = KeyBytes::default();
    if hex.len() != 2 * KEY_BYTES || !hex.is_ascii() {
        return None;
    }
    for (byte, place) in bytes.iter_mut().zip((0..).step_by(2)) {
        *byte = u8::from_str_radix(&hex[place..place + 2], 16).ok()?;
    }
    Some(bytes)
}

impl FromStr for KeyRing {
    type Err = String;

    fn from_str(path: &str) -> Result<Self, String> {
        Self::open(Path::new(path)).map_err(|error| error.to_string())
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyRing({})", self.path.display())
    }
}

#[cfg(test)]
mod tests;
