use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use domain::values::DisplayName;
use uuid::Uuid;

use super::{KeyRing, UnwrapError};
use crate::DataKey;

const ADA: Uuid = Uuid::from_u128(1);

/// A file of a test's own, gone when the test is.
struct File(PathBuf);

impl File {
    fn of(test: &str) -> Self {
        Self(std::env::temp_dir().join(format!("inklog-ring-{test}-{}", std::process::id())))
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn same(one: &DataKey, other: &DataKey) -> bool {
    let seal = |key: &DataKey| key.seal(ADA, "Ada".parse::<DisplayName>().unwrap());
    seal(one) == seal(other)
}

#[test]
fn a_data_key_is_wrapped_for_one_account_and_differently_each_time() {
    let file = File::of("wrap");
    KeyRing::add(&file.0).unwrap();
    assert_eq!(std::fs::metadata(&file.0).unwrap().permissions().mode() & 0o777, 0o600);
    let (ring, key) = (KeyRing::open(&file.0).unwrap(), DataKey::draw());
    let wrapped = ring.wrap(ADA, &key);
    assert_ne!(wrapped, ring.wrap(ADA, &key));
    assert!(same(&ring.unwrap(ADA, &wrapped).unwrap(), &key));
    let moved = ring.unwrap(Uuid::from_u128(2), &wrapped);
    assert_eq!(moved.unwrap_err(), UnwrapError::Damaged(wrapped.key_id));
}

#[test]
fn a_newer_key_wraps_and_the_older_ones_unwrap_without_a_restart() {
    let file = File::of("rotate");
    let old = KeyRing::add(&file.0).unwrap();
    let (one, other) = (KeyRing::open(&file.0).unwrap(), KeyRing::open(&file.0).unwrap());
    let key = DataKey::draw();
    let by_old = one.wrap(ADA, &key);
    let new = KeyRing::add(&file.0).unwrap();
    let by_new = one.wrap(ADA, &key);
    assert_eq!((by_old.key_id.as_str(), by_new.key_id.as_str()), (old.as_str(), new.as_str()));
    assert!(same(&other.unwrap(ADA, &by_new).unwrap(), &other.unwrap(ADA, &by_old).unwrap()));
    assert_eq!(other.ids(), [new, old.clone()]);
    let newest = std::fs::read_to_string(&file.0).unwrap().lines().next().unwrap().to_owned();
    std::fs::write(&file.0, newest).unwrap();
    let fresh = KeyRing::open(&file.0).unwrap();
    assert_eq!(fresh.unwrap(ADA, &by_old).unwrap_err(), UnwrapError::UnknownKey(old));
    assert!(same(&fresh.unwrap(ADA, &by_new).unwrap(), &key));
}

#[test]
fn while_the_file_cannot_be_read_the_former_one_is_used() {
    let file = File::of("damaged");
    KeyRing::add(&file.0).unwrap();
    let ring = KeyRing::open(&file.0).unwrap();
    let wrapped = ring.wrap(ADA, &DataKey::draw());
    std::fs::write(&file.0, "half a ke").unwrap();
    assert_eq!(ring.wrap(ADA, &DataKey::draw()).key_id, wrapped.key_id);
    assert!(ring.unwrap(ADA, &wrapped).is_ok());
}

#[test]
fn what_is_no_ring_is_refused_without_being_quoted() {
    let file = File::of("bad");
    let (hex, short) = ("0123456789abcdef".repeat(4), "0123456789abcdef".repeat(3));
    for text in
        ["", "a", &format!("a {short}"), &format!("a_b {hex}"), &format!("a {hex}\na {hex}"), &format!("a {hex}g")]
    {
        std::fs::write(&file.0, text).unwrap();
        let error = KeyRing::open(&file.0).unwrap_err().to_string();
        assert!(!error.contains("0123"), "{error}");
    }
    assert!(KeyRing::open(std::path::Path::new("/nowhere/at/all")).is_err());
}
