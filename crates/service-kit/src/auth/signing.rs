//! Signing access tokens, with keys that are rotated without any client noticing: a new key is published before it
//! signs, and an old one for as long as anything it signed is good.

use std::collections::{BTreeSet, HashMap};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use domain::Role;
use jsonwebtoken::{Algorithm, Header, encode, get_current_timestamp};
use serde::Serialize;
use uuid::Uuid;

use super::jwks::{Jwk, Jwks};
use super::mint::KeyPair;
use super::names::TokenNames;
use super::pem::PrivateKey;

/// How long an access token is good, in seconds.
pub const ACCESS_TOKEN_SECONDS: u64 = 600;
/// An old key stays published for so long after the last token that it signed has expired, in seconds.
const SKEW_SECONDS: u64 = 60;
/// The folder is read again so often.
const REREAD: Duration = Duration::from_secs(2);
/// The published keys within the folder.
const PUBLISHED: &str = "jwks.json";

/// A folder of keys: `jwks.json` says which there are and when each begins to sign, `<kid>.pem` are their private
/// halves.
#[derive(Clone, Debug)]
pub struct KeyFolder(pub PathBuf);

/// What signs.
pub struct SigningKeys {
    source: Source,
    names: TokenNames,
    known: Mutex<Known>,
}

enum Source {
    /// One key, never rotated: for development.
    One(Box<PrivateKey>),
    Folder(KeyFolder),
}

#[derive(Default)]
struct Known {
    read: Option<Instant>,
    published: Jwks,
    private: HashMap<String, PrivateKey>,
}

/// What a session's access token says.
#[derive(Clone, Copy, Debug)]
pub struct SessionClaims<'a> {
    /// The account.
    pub subject: Uuid,
    /// The session.
    pub session: Uuid,
    /// What the account may do.
    pub roles: &'a BTreeSet<Role>,
    /// Whether its address is confirmed.
    pub confirmed: bool,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    aud: &'a str,
    /// RFC 9068 asks for it: who got the token.
    client_id: &'a str,
    sub: Uuid,
    sid: Uuid,
    iat: u64,
    exp: u64,
    jti: Uuid,
    roles: &'a BTreeSet<Role>,
    /// As in OpenID Connect.
    email_verified: bool,
}

#[derive(Serialize)]
struct LastingClaims<'a> {
    iss: &'a str,
    sub: Uuid,
    sid: Uuid,
    iat: u64,
    exp: u64,
    jti: &'a str,
}

impl SigningKeys {
    /// With the keys of a folder.
    ///
    /// # Errors
    /// It holds no key that signs now.
    pub fn of_folder(folder: KeyFolder, names: TokenNames) -> anyhow::Result<Self> {
        let keys = Self { source: Source::Folder(folder), names, known: Mutex::default() };
        keys.current()?;
        Ok(keys)
    }

    /// With one key.
    #[must_use]
    pub fn of_key(key: PrivateKey, names: TokenNames) -> Self {
        Self { source: Source::One(Box::new(key)), names, known: Mutex::default() }
    }

    /// A token for a session, good for [`ACCESS_TOKEN_SECONDS`].
    ///
    /// # Errors
    /// There is no key that signs now.
    pub fn sign(&self, claims: SessionClaims<'_>) -> anyhow::Result<String> {
        let key = self.current()?;
        let (now, TokenNames { token_issuer, token_audience }) = (get_current_timestamp(), &self.names);
        let claims = Claims {
            iss: token_issuer,
            aud: token_audience,
            client_id: token_audience,
            sub: claims.subject,
            sid: claims.session,
            iat: now,
            exp: now + ACCESS_TOKEN_SECONDS,
            jti: Uuid::new_v4(),
            roles: claims.roles,
            email_verified: claims.confirmed,
        };
        let kid = Some(key.public.kid.clone());
        let header = Header { typ: Some("at+jwt".into()), kid, ..Header::new(Algorithm::EdDSA) };
        encode(&header, &claims, &key.key).context("signing the token")
    }

    /// What the client of a lasting session shows for access tokens, good for so many seconds as far as it says itself:
    /// a JWT, so that clients can read of whom it is, which no service takes for an access token. What makes it good is
    /// the secret in it.
    ///
    /// # Errors
    /// There is no key that signs now.
    pub fn sign_lasting(&self, (subject, session): (Uuid, Uuid), secret: &str, seconds: u64) -> anyhow::Result<String> {
        let key = self.current()?;
        let now = get_current_timestamp();
        let iss = &self.names.token_issuer;
        let claims = LastingClaims { iss, sub: subject, sid: session, iat: now, exp: now + seconds, jti: secret };
        let kid = Some(key.public.kid.clone());
        let header = Header { typ: Some("session+jwt".into()), kid, ..Header::new(Algorithm::EdDSA) };
        encode(&header, &claims, &key.key).context("signing the token")
    }

    /// The keys to be published now.
    ///
    /// # Errors
    /// The folder cannot be read, and never could.
    pub fn published(&self) -> anyhow::Result<Jwks> {
        match &self.source {
            Source::One(key) => Ok(Jwks { keys: vec![key.public.clone()] }),
            Source::Folder(folder) => {
                let known = self.fresh(folder)?;
                let now = get_current_timestamp();
                let good = |key: &&Jwk| key.exp.is_none_or(|exp| exp > now);
                Ok(Jwks { keys: known.published.keys.iter().filter(good).cloned().collect() })
            }
        }
    }

    /// The key that signs now: of those whose time has come, the last.
    fn current(&self) -> anyhow::Result<PrivateKey> {
        let folder = match &self.source {
            Source::One(key) => return Ok((**key).clone()),
            Source::Folder(folder) => folder,
        };
        let known = self.fresh(folder)?;
        let now = get_current_timestamp();
        let begun = known.published.keys.iter().filter(|key| key.nbf.unwrap_or_default() <= now);
        let last =
            begun.max_by_key(|key| key.nbf).context("no key in the folder signs now; `token rotate` makes one")?;
        known.private.get(&last.kid).cloned().context("the private half of the key that signs now is not there")
    }

    fn fresh(&self, folder: &KeyFolder) -> anyhow::Result<std::sync::MutexGuard<'_, Known>> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.read.is_none_or(|read| read.elapsed() > REREAD) {
            match folder.read() {
                Ok((published, private)) => *known = Known { read: Some(Instant::now()), published, private },
                Err(error) if known.read.is_none() => return Err(error),
                // What was read before stays good: a folder that is away for a moment ends nothing.
                Err(error) => {
                    tracing::warn!(error = format!("{error:#}"), "signing keys could not be read again");
                    known.read = Some(Instant::now());
                }
            }
        }
        Ok(known)
    }
}

impl KeyFolder {
    /// Draws a key that begins to sign after `lead`, by when every verifier has it, and says until when the others are
    /// published. The first key signs at once. `at_once` is for a key that got into wrong hands: the new one signs now,
    /// and nothing that an old one signed is believed any more. Returns the new key's id.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn rotate(&self, lead: Duration, at_once: bool) -> anyhow::Result<String> {
        std::fs::create_dir_all(&self.0).with_context(|| format!("making {}", self.0.display()))?;
        let now = get_current_timestamp();
        let mut jwks = if self.file(PUBLISHED).exists() { self.read_published()? } else { Jwks::default() };
        let gone = |key: &Jwk| at_once || key.exp.is_some_and(|exp| exp <= now);
        let (withdrawn, kept): (Vec<Jwk>, Vec<Jwk>) = jwks.keys.into_iter().partition(gone);
        let begins = if kept.is_empty() { now } else { now + lead.as_secs() };
        let pair = KeyPair::generate()?;
        let public = PrivateKey::from_pem(&pair.private_pem).map_err(anyhow::Error::msg)?.public;
        let kid = public.kid.clone();
        self.write(&format!("{kid}.pem"), pair.private_pem.as_bytes(), 0o600)?;
        jwks.keys = kept;
        for key in &mut jwks.keys {
            key.exp = key.exp.or(Some(begins + ACCESS_TOKEN_SECONDS + SKEW_SECONDS));
        }
        jwks.keys.push(Jwk { nbf: Some(begins), ..public });
        self.write(PUBLISHED, &serde_json::to_vec_pretty(&jwks)?, 0o644)?;
        for key in withdrawn {
            // What is left behind is listed nowhere.
            let _ = std::fs::remove_file(self.file(&format!("{}.pem", key.kid)));
        }
        Ok(kid)
    }

    /// Whether there is no key in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.read_published().is_ok_and(|jwks| jwks.keys.is_empty()) || !self.file(PUBLISHED).exists()
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    fn read(&self) -> anyhow::Result<(Jwks, HashMap<String, PrivateKey>)> {
        let jwks = self.read_published()?;
        let mut private = HashMap::new();
        for key in &jwks.keys {
            let path = self.file(&format!("{}.pem", key.kid));
            let pem = std::fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
            let pem = PrivateKey::from_pem(&pem).map_err(anyhow::Error::msg);
            private.insert(key.kid.clone(), pem.with_context(|| path.display().to_string())?);
        }
        Ok((jwks, private))
    }

    fn read_published(&self) -> anyhow::Result<Jwks> {
        let path = self.file(PUBLISHED);
        let text = std::fs::read(&path).with_context(|| format!("reading {}", path.display()))?;
        serde_json::from_slice(&text).with_context(|| format!("{} is no JWKS", path.display()))
    }

    /// Whole or not at all: a reader never sees half a file.
    fn write(&self, name: &str, bytes: &[u8], mode: u32) -> anyhow::Result<()> {
        let (path, fresh) = (self.file(name), self.file(&format!("{name}.new")));
        let write = |fresh: &Path| -> std::io::Result<()> {
            let mut options = std::fs::OpenOptions::new();
            let mut file = options.write(true).create(true).truncate(true).mode(mode).open(fresh)?;
            file.write_all(bytes)?;
            file.sync_all()?;
            std::fs::rename(fresh, &path)
        };
        write(&fresh).with_context(|| format!("writing {}", path.display()))
    }
}
