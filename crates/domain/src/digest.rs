use sha2::{Digest as _, Sha256};

/// The first 128 bits of a SHA-256: enough for an owner to tell whether a text changed without keeping the text.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest([u8; 16]);

impl Digest {
    /// Of one text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self::of_all([text])
    }

    /// Of a list of texts; each is preceded by its length, so that ("ab", "c") and ("a", "bc") differ.
    #[must_use]
    pub fn of_all<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> Self {
        let mut hasher = Sha256::new();
        for text in texts {
            let text = text.as_ref();
            hasher.update((text.len() as u64).to_le_bytes());
            hasher.update(text.as_bytes());
        }
        let mut digest = [0; 16];
        digest.copy_from_slice(&hasher.finalize()[..16]);
        Self(digest)
    }

    /// The first eight bytes as a number: what a command's payload is remembered by.
    #[must_use]
    pub fn short(self) -> u64 {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&self.0[..8]);
        u64::from_be_bytes(bytes)
    }
}

impl std::fmt::Debug for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:016x}…", self.short())
    }
}
