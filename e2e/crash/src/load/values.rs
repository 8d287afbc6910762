//! Values to write: unique ones, to tell every command's effect by, and contended ones.

use rand::Rng as _;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use uuid::Uuid;

/// Tags that all posts share.
const TAGS: [&str; 6] = ["ink", "log", "paper", "press", "quill", "type"];

/// A drawn id.
pub(super) fn id(rng: &mut StdRng) -> Uuid {
    uuid::Builder::from_random_bytes(rng.random()).into_uuid()
}

/// A short word that no other is like.
pub(super) fn unique(rng: &mut StdRng) -> String {
    format!("{:012x}", rng.random_range(0..1u64 << 48))
}

/// A value that a handful of clients try to have at about the same time: every few draws it is another.
pub(super) fn contended(stem: &str, draws: u64) -> String {
    const CONTENDERS: u64 = 6;
    format!("{stem}-{}", draws / CONTENDERS)
}

/// Up to three tags, perhaps with repeats.
pub(super) fn tags(rng: &mut StdRng) -> Vec<&'static str> {
    let count = rng.random_range(0..=3);
    (0..count).map(|_| one_of(rng, &TAGS)).collect()
}

/// One of these.
pub(super) fn one_of<T: Copy>(rng: &mut StdRng, all: &[T]) -> T {
    *all.choose(rng).expect("there is something to choose from")
}

/// The header of an `If-Match`, and the version that it names: that which was seen, any, or an old one.
pub(super) fn if_match(rng: &mut StdRng, seen: u64) -> (Option<String>, Option<u64>) {
    let version = match rng.random_range(0..100) {
        0..30 => return (Some("*".to_owned()), None),
        30..40 => seen.saturating_sub(1).max(1),
        // What never was there has no version.
        _ => seen.max(1),
    };
    (Some(format!("\"{version}\"")), Some(version))
}
