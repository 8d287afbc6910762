use domain::personal::{Personal, Sealed};
use domain::values::{Bio, DisplayName};
use uuid::Uuid;

use super::{DataKey, NotAuthentic};

const ADA: Uuid = Uuid::from_u128(1);
const BOB: Uuid = Uuid::from_u128(2);

fn sealed(personal: &Personal<DisplayName>) -> &Sealed {
    match personal {
        Personal::Sealed(sealed) => sealed,
        Personal::Plain(_) => panic!("it is not sealed"),
    }
}

fn name(text: &str) -> DisplayName {
    text.parse().unwrap()
}

#[test]
fn what_is_sealed_can_be_opened_and_says_nothing() {
    let key = DataKey::draw();
    for text in ["A", "Ada Lovelace", "阿达·洛芙莱斯", &"x".repeat(31), &"x".repeat(32), &"x".repeat(200)] {
        let personal = key.seal(ADA, name(text));
        assert_eq!(key.open(ADA, "display_name", sealed(&personal)), Ok(Some(text.to_owned())));
        assert!(text.len() < 2 || !personal.as_str().contains(text));
    }
}

#[test]
fn equal_text_is_sealed_equally_and_only_for_one_person_and_field() {
    let key = DataKey::draw();
    let [one, again, bobs] = [(ADA, "Ada"), (ADA, "Ada"), (BOB, "Ada")].map(|(who, text)| key.seal(who, name(text)));
    assert_eq!(one, again);
    assert_ne!(one, bobs);
    assert_ne!(key.seal(ADA, "Ada".parse::<Bio>().unwrap()).as_str(), one.as_str());
    assert_ne!(DataKey::draw().seal(ADA, name("Ada")), one);
}

#[test]
fn no_text_stays_no_text() {
    assert_eq!(DataKey::draw().seal(ADA, name("")), Personal::Plain(name("")));
}

#[test]
fn the_length_is_told_to_32_bytes() {
    let key = DataKey::draw();
    let length = |text: &str| key.seal(ADA, name(text)).as_str().len();
    assert_eq!(length("x"), length(&"x".repeat(31)));
    assert!(length(&"x".repeat(31)) < length(&"x".repeat(32)));
}

#[test]
fn what_was_moved_or_changed_does_not_verify() {
    let key = DataKey::draw();
    let personal = key.seal(ADA, name("Ada"));
    assert_eq!(key.open(BOB, "display_name", sealed(&personal)), Err(NotAuthentic));
    assert_eq!(key.open(ADA, "bio", sealed(&personal)), Err(NotAuthentic));
    let text = sealed(&personal).base64url();
    let flipped = if text.ends_with('A') { "E" } else { "A" };
    for changed in [format!("{}{flipped}", &text[..text.len() - 1]), text[..40].to_owned(), "AbC".to_owned()] {
        let changed = Sealed::of_base64url(&changed).unwrap();
        assert_eq!(key.open(ADA, "display_name", &changed), Err(NotAuthentic), "{changed:?}");
    }
}

#[test]
fn under_another_key_it_is_gone() {
    let personal = DataKey::draw().seal(ADA, name("Ada"));
    assert_eq!(DataKey::draw().open(ADA, "display_name", sealed(&personal)), Ok(None));
}

#[test]
fn a_key_does_not_show_in_logs() {
    assert_eq!(format!("{:?}", DataKey::draw()), "DataKey(***)");
}
