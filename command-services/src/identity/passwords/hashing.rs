use std::sync::LazyLock;

use argon2::password_hash::SaltString;
use argon2::{Algorithm, Argon2, Params, PasswordHash, PasswordHasher as _, PasswordVerifier as _, Version};

use super::Verdict;

/// OWASP's first recommendation for Argon2id: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// What a password is compared with when there is nobody to compare it with: the same work, and always wrong.
static NOBODY: LazyLock<String> = LazyLock::new(|| hash(&rand::random::<u128>().to_string()));

fn argon2() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).expect("these are within Argon2's bounds");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// The hash of a password, with a salt of its own, in PHC format.
pub(super) fn hash(password: &str) -> String {
    let salt = SaltString::encode_b64(&rand::random::<[u8; 16]>()).expect("16 bytes are a salt");
    let hash = argon2().hash_password(password.as_bytes(), &salt);
    hash.expect("a password of a bounded length can be hashed").to_string()
}

/// Whether a password is the hashed one. The parameters are those of the hash.
pub(super) fn verify(password: &str, stored: Option<&str>) -> Verdict {
    let text = stored.unwrap_or(&NOBODY);
    let Ok(parsed) = PasswordHash::new(text) else {
        tracing::error!("a password hash in the vault cannot be read");
        return Verdict::Wrong;
    };
    let good = argon2().verify_password(password.as_bytes(), &parsed).is_ok() && stored.is_some();
    match good {
        false => Verdict::Wrong,
        true => Verdict::Good(is_weak(&parsed).then(|| hash(password))),
    }
}

/// Whether a hash was made with less than is asked for today.
fn is_weak(hash: &PasswordHash<'_>) -> bool {
    let Ok(params) = Params::try_from(hash) else { return true };
    hash.algorithm != Algorithm::Argon2id.ident() || params.m_cost() < MEMORY_KIB || params.t_cost() < PASSES
}
