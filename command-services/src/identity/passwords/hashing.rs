use std::sync::LazyLock;

use argon2::password_hash::{Output, ParamsString, Salt, SaltString};
use argon2::{Algorithm, Argon2, Block, Params, PasswordHash, Version};

use super::Verdict;

/// OWASP's first recommendation for Argon2id: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// What a password is compared with when there is no account to compare it with: the same work, and always wrong.
static NO_ACCOUNT: LazyLock<String> = LazyLock::new(|| Hasher::default().hash(&rand::random::<u128>().to_string()));

/// Hashes, in memory that it keeps: to get 19 MiB from the system and give them back costs as much as hashing, and
/// holds up every other thread of the process.
#[derive(Default)]
pub(super) struct Hasher {
    blocks: Vec<Block>,
}

impl Hasher {
    /// Gives the memory back.
    pub(super) fn rest(&mut self) {
        self.blocks = Vec::new();
    }

    /// The hash of a password, with a salt of its own, in PHC format.
    pub(super) fn hash(&mut self, password: &str) -> String {
        let params = Params::new(MEMORY_KIB, PASSES, LANES, None).expect("these are within Argon2's bounds");
        let salt = SaltString::encode_b64(&rand::random::<[u8; 16]>()).expect("16 bytes are a salt");
        let mut bytes = [0; Params::DEFAULT_OUTPUT_LEN];
        let kept = "a password of a bounded length and a salt of ours can be hashed";
        self.fill(Algorithm::Argon2id, Version::V0x13, params.clone(), password, salt.as_salt(), &mut bytes)
            .expect(kept);
        let hash = PasswordHash {
            algorithm: Algorithm::Argon2id.ident(),
            version: Some(Version::V0x13.into()),
            params: ParamsString::try_from(&params).expect("Argon2's parameters have a text form"),
            salt: Some(salt.as_salt()),
            hash: Some(Output::new(&bytes).expect("32 bytes are an output")),
        };
        hash.to_string()
    }

    /// Whether a password is the hashed one. The parameters are those of the hash.
    pub(super) fn verify(&mut self, password: &str, stored: Option<&str>) -> Verdict {
        let text = stored.unwrap_or(&NO_ACCOUNT);
        let Ok(parsed) = PasswordHash::new(text) else {
            tracing::error!("a password hash in the vault cannot be read");
            return Verdict::Wrong;
        };
        let good = self.is_of(&parsed, password).unwrap_or(false) && stored.is_some();
        match good {
            false => Verdict::Wrong,
            true => Verdict::Good(is_weak(&parsed).then(|| self.hash(password))),
        }
    }

    /// Nothing if the hash is none of Argon2.
    fn is_of(&mut self, hash: &PasswordHash<'_>, password: &str) -> Option<bool> {
        let (salt, expected) = (hash.salt?, hash.hash?);
        let algorithm = Algorithm::try_from(hash.algorithm).ok()?;
        let version = hash.version.and_then(|version| Version::try_from(version).ok())?;
        let mut bytes = vec![0; expected.len()];
        self.fill(algorithm, version, Params::try_from(hash).ok()?, password, salt, &mut bytes).ok()?;
        // Two outputs are compared in constant time.
        Some(Output::new(&bytes).ok()? == expected)
    }

    fn fill(
        &mut self,
        algorithm: Algorithm,
        version: Version,
        params: Params,
        password: &str,
        salt: Salt<'_>,
        out: &mut [u8],
    ) -> Result<(), argon2::Error> {
        let mut bytes = [0; Salt::MAX_LENGTH];
        let salt = salt.decode_b64(&mut bytes).map_err(|_| argon2::Error::SaltTooShort)?;
        if self.blocks.len() < params.block_count() {
            self.blocks.resize(params.block_count(), Block::default());
        }
        Argon2::new(algorithm, version, params).hash_password_into_with_memory(
            password.as_bytes(),
            salt,
            out,
            &mut self.blocks,
        )
    }
}

/// Whether a hash was made with less than is asked for today.
fn is_weak(hash: &PasswordHash<'_>) -> bool {
    let Ok(params) = Params::try_from(hash) else { return true };
    hash.algorithm != Algorithm::Argon2id.ident() || params.m_cost() < MEMORY_KIB || params.t_cost() < PASSES
}
