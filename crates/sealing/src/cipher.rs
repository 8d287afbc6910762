//! AES-256-GCM-SIV (RFC 8452), for all that is sealed here: what it says stays secret even where a nonce comes twice.

use aes_gcm_siv::aead::{Aead as _, KeyInit as _, Payload};
use aes_gcm_siv::{Aes256GcmSiv, Nonce};
use zeroize::Zeroizing;

/// Bytes of a key.
pub(crate) const KEY_BYTES: usize = 32;
/// Bytes of a nonce.
pub(crate) const NONCE_BYTES: usize = 12;

/// 256 bits.
pub(crate) type KeyBytes = Zeroizing<[u8; KEY_BYTES]>;

/// Draws a key.
pub(crate) fn draw() -> KeyBytes {
    Zeroizing::new(rand::random())
}

/// The plain text, encrypted and authenticated together with what it belongs to.
pub(crate) fn encrypt(key: &KeyBytes, nonce: [u8; NONCE_BYTES], plain: &[u8], about: &[u8]) -> Vec<u8> {
    let payload = Payload { msg: plain, aad: about };
    cipher(key).encrypt(&Nonce::from(nonce), payload).expect("only 2^36 bytes would be too many")
}

/// The plain text; nothing if this key did not encrypt it, or it belongs to something else.
pub(crate) fn decrypt(
    key: &KeyBytes,
    nonce: [u8; NONCE_BYTES],
    encrypted: &[u8],
    about: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let payload = Payload { msg: encrypted, aad: about };
    cipher(key).decrypt(&Nonce::from(nonce), payload).ok().map(Zeroizing::new)
}

fn cipher(key: &KeyBytes) -> Aes256GcmSiv {
    Aes256GcmSiv::new((&**key).into())
}
