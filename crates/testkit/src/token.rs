//! Access tokens: good ones, and forgeries.

use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};
use service_kit::auth::{KeyFolder, KeyPair, PrivateKey, TokenNames, mint};
use uuid::Uuid;

/// A pair of keys in a folder of its own, which is removed with it.
pub struct Keys {
    folder: PathBuf,
    private_pem: String,
    public_pem: String,
}

/// How a forged token is signed.
pub enum Signature {
    /// Not at all.
    None,
    /// With the right key.
    Right,
    /// As an HMAC whose secret is the public key: what a verifier that believes the header would accept.
    HmacOfPublicKey,
    /// With a key of the forger's own.
    OtherKey,
}

impl Keys {
    /// Draws a pair.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn generate() -> anyhow::Result<Self> {
        let KeyPair { private_pem, public_pem } = KeyPair::generate()?;
        let folder = std::env::temp_dir().join(format!("inklog-keys-{}", Uuid::new_v4().simple()));
        std::fs::create_dir(&folder)?;
        let keys = Self { folder, private_pem, public_pem };
        std::fs::create_dir(keys.media_folder())?;
        std::fs::write(keys.private_file(), &keys.private_pem)?;
        std::fs::write(keys.public_file(), &keys.public_pem)?;
        std::fs::write(keys.email_key_file(), format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple()))?;
        let ring_key = format!("first {}{}\n", Uuid::new_v4().simple(), Uuid::new_v4().simple());
        std::fs::write(keys.key_ring_file(), ring_key)?;
        KeyFolder(keys.signing_folder()).rotate(Duration::from_secs(600), false)?;
        Ok(keys)
    }

    /// The private key's file.
    #[must_use]
    pub fn private_file(&self) -> PathBuf {
        self.folder.join("token.pem")
    }

    /// The public key's file.
    #[must_use]
    pub fn public_file(&self) -> PathBuf {
        self.folder.join("token.pub.pem")
    }

    /// The folder of the keys that identity signs with.
    #[must_use]
    pub fn signing_folder(&self) -> PathBuf {
        self.folder.join("tokens")
    }

    /// The key of what stands for addresses in the log.
    #[must_use]
    pub fn email_key_file(&self) -> PathBuf {
        self.folder.join("email.key")
    }

    /// The keys that wrap data keys.
    #[must_use]
    pub fn key_ring_file(&self) -> PathBuf {
        self.folder.join("key-ring")
    }

    /// Where the password of the account that imports is.
    #[must_use]
    pub fn password_file(&self) -> PathBuf {
        self.folder.join("importer.password")
    }

    /// Where identity's mail goes.
    #[must_use]
    pub fn mail_folder(&self) -> PathBuf {
        self.folder.join("mail")
    }

    /// Where pictures and files are stored.
    #[must_use]
    pub fn media_folder(&self) -> PathBuf {
        self.folder.join("media")
    }

    /// A good token, for an hour.
    #[must_use]
    pub fn token(&self, subject: Uuid, roles: &[&str]) -> String {
        let key = PrivateKey::from_pem(&self.private_pem).expect("the key was just drawn");
        let roles = serde_json::from_value(json!(roles)).expect("these are roles");
        let names = TokenNames { token_issuer: "inklog".into(), token_audience: "inklog".into() };
        mint(&key, subject, &roles, Duration::from_secs(3600), &names).expect("an Ed25519 key signs")
    }

    /// The claims of a good token.
    #[must_use]
    pub fn claims(subject: Uuid) -> Value {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_secs());
        json!({"iss": "inklog", "aud": "inklog", "sub": subject, "iat": now, "exp": now + 3600, "roles": ["author"]})
    }

    /// A token that says whatever a forger likes.
    #[must_use]
    pub fn forge(&self, header: &Value, claims: &Value, signature: &Signature) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", part(header), part(claims));
        let sign = |key: &EncodingKey, algorithm| {
            jsonwebtoken::crypto::sign(message.as_bytes(), key, algorithm).expect("the key fits the algorithm")
        };
        let ed25519 = |pem: &str| EncodingKey::from_ed_pem(pem.as_bytes()).expect("the key was just drawn");
        let signature = match signature {
            Signature::None => String::new(),
            Signature::Right => sign(&ed25519(&self.private_pem), Algorithm::EdDSA),
            Signature::HmacOfPublicKey => sign(&EncodingKey::from_secret(self.public_pem.as_bytes()), Algorithm::HS256),
            Signature::OtherKey => {
                let other = KeyPair::generate().expect("keys can be drawn");
                sign(&ed25519(&other.private_pem), Algorithm::EdDSA)
            }
        };
        format!("{message}.{signature}")
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        let folder: &Path = &self.folder;
        // What is left in the temporary folder is a test's key, good for nothing.
        let _ = std::fs::remove_dir_all(folder);
    }
}
