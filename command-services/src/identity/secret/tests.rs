use super::*;

fn key() -> EmailHmacKey {
    EmailHmacKey(vec![7; 32])
}

#[test]
fn tokens_differ_and_do_not_show() {
    let (one, two) = (Token::draw(), Token::draw());
    assert_ne!(one, two);
    assert_eq!(one.expose().len(), 43);
    assert!(!format!("{one:?}").contains(one.expose()));
}

#[test]
fn a_successor_follows_from_token_and_salt() {
    let (one, two) = (Token::draw(), Token::draw());
    assert_eq!(one.successor(b"salt"), one.successor(b"salt"));
    assert_ne!(one.successor(b"salt"), one.successor(b"other"));
    assert_ne!(one.successor(b"salt"), two.successor(b"salt"));
}

#[test]
fn what_is_too_long_is_no_token() {
    assert!(Token::presented(Token::draw().expose()).is_some());
    for none in ["", &"x".repeat(42), &"x".repeat(44), &"é".repeat(43), &"/".repeat(43)] {
        assert!(Token::presented(none).is_none(), "{none}");
    }
}

#[test]
fn an_address_has_one_key_whatever_its_case() {
    let email = |text: &str| -> Email { text.parse().unwrap() };
    assert_eq!(key().email(&email("Ada@Example.org")), key().email(&email("ada@example.ORG")));
    assert_ne!(key().email(&email("ada@example.org")), key().email(&email("bob@example.org")));
    assert_ne!(key().email(&email("ada@example.org")), EmailHmacKey(vec![8; 32]).email(&email("ada@example.org")));
}

#[test]
fn parts_do_not_run_together() {
    assert_ne!(key().subject(&["ab", "c"]), key().subject(&["a", "bc"]));
}
