//! The schemas that this program was built with, every version there ever was: it reads its own log without a registry.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use super::{ALL, Fingerprint, Layout};

/// Schemas that records were once written with: full name and text. They are no longer written.
const FORMER: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/former_schemas.rs"));

struct Own {
    by_fingerprint: HashMap<Fingerprint, Arc<Layout>>,
    texts: HashMap<Fingerprint, &'static str>,
    /// Today's first.
    by_name: HashMap<&'static str, Vec<Arc<Layout>>>,
}

static OWN: LazyLock<Own> = LazyLock::new(|| {
    let mut own = Own { by_fingerprint: HashMap::new(), texts: HashMap::new(), by_name: HashMap::new() };
    for (name, text) in ALL.iter().chain(FORMER) {
        let layout = Arc::new(Layout::parse(text).expect("the schemas of the repository are tested to be good"));
        own.by_fingerprint.insert(layout.fingerprint, Arc::clone(&layout));
        own.texts.insert(layout.fingerprint, text);
        own.by_name.entry(name).or_default().push(layout);
    }
    own
});

/// The schema with this fingerprint, if this program was built with it.
#[must_use]
pub fn of_fingerprint(fingerprint: Fingerprint) -> Option<&'static Arc<Layout>> {
    OWN.by_fingerprint.get(&fingerprint)
}

/// The text of the schema with this fingerprint.
#[must_use]
pub fn text_of(fingerprint: Fingerprint) -> Option<&'static str> {
    OWN.texts.get(&fingerprint).copied()
}

/// All versions of a record's schema, today's first; none of a record that is not ours.
#[must_use]
pub fn versions_of(name: &str) -> &'static [Arc<Layout>] {
    OWN.by_name.get(name).map_or(&[], Vec::as_slice)
}

/// The version that a record's body was written with, of a record that says only what it is called: the one that it
/// fits exactly, today's if none does.
#[must_use]
pub fn fitting(name: &str, body: &[u8]) -> Option<&'static Arc<Layout>> {
    let versions = versions_of(name);
    let fits = || versions.iter().find(|layout| layout.fits(body));
    if versions.len() > 1 { fits().or(versions.first()) } else { versions.first() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A record that names no fingerprint is of the one version that fits it exactly: there is one where each version
    /// is the one before with fields added at its end.
    #[test]
    fn a_version_only_adds_fields_at_the_end() {
        for (name, former) in FORMER {
            let fields = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap()["fields"].clone();
            let shape = |field: &serde_json::Value| (field["name"].clone(), field["type"].clone());
            let (old, new) = (fields(former), fields(super::super::text_of(name).expect("it is still written")));
            let (old, new) = (old.as_array().unwrap(), new.as_array().unwrap());
            assert!(old.len() < new.len(), "{name}");
            assert!(old.iter().map(shape).eq(new[..old.len()].iter().map(shape)), "{name}");
        }
    }

    #[test]
    fn no_two_schemas_have_one_fingerprint() {
        assert_eq!(OWN.by_fingerprint.len(), ALL.len() + FORMER.len());
    }
}
