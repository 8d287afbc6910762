//! What requests to S3 are signed with, by the hashes that are here already: TLS is the system's, and no second library
//! of ciphers comes in for it.

use hmac::{Hmac, Mac as _};
use object_store::client::{CryptoProvider, DigestAlgorithm, DigestContext, HmacContext, Signer, SigningAlgorithm};
use object_store::{Error, Result};
use sha2::{Digest as _, Sha256};

// reqwest's TLS is chosen here, for the HTTP client that object_store has.
use reqwest_of_store as _;

/// SHA-256, and HMAC with it.
#[derive(Debug)]
pub(super) struct Hashes;

struct Hashing {
    hasher: Sha256,
    digest: [u8; 32],
}

struct Keyed {
    mac: Option<Hmac<Sha256>>,
    digest: [u8; 32],
}

impl CryptoProvider for Hashes {
    fn digest(&self, algorithm: DigestAlgorithm) -> Result<Box<dyn DigestContext>> {
        match algorithm {
            DigestAlgorithm::Sha256 => Ok(Box::new(Hashing { hasher: Sha256::new(), digest: [0; 32] })),
            _ => Err(unknown()),
        }
    }

    fn hmac(&self, algorithm: DigestAlgorithm, secret: &[u8]) -> Result<Box<dyn HmacContext>> {
        match algorithm {
            DigestAlgorithm::Sha256 => {
                let mac = Hmac::new_from_slice(secret).map_err(|_| unknown())?;
                Ok(Box::new(Keyed { mac: Some(mac), digest: [0; 32] }))
            }
            _ => Err(unknown()),
        }
    }

    fn sign(&self, _: SigningAlgorithm, _: &[u8]) -> Result<Box<dyn Signer>> {
        Err(unknown())
    }
}

fn unknown() -> Error {
    Error::NotSupported { source: "S3 is signed with SHA-256 alone".into() }
}

impl DigestContext for Hashing {
    fn update(&mut self, data: &[u8]) {
        self.hasher.update(data);
    }

    fn finish(&mut self) -> Result<&[u8]> {
        self.digest = self.hasher.finalize_reset().into();
        Ok(&self.digest)
    }
}

impl HmacContext for Keyed {
    fn update(&mut self, data: &[u8]) {
        if let Some(mac) = &mut self.mac {
            mac.update(data);
        }
    }

    fn finish(&mut self) -> Result<&[u8]> {
        let mac = self.mac.take().ok_or_else(unknown)?;
        self.digest = mac.finalize().into_bytes().into();
        Ok(&self.digest)
    }
}
