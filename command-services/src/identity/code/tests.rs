use std::collections::BTreeSet;

use super::*;

fn code(text: &str) -> Result<Code, Invalid> {
    Code::try_from(text.to_owned())
}

#[test]
fn six_digits_are_a_code_however_they_are_spaced() {
    for text in ["012345", " 012 345 ", "012-345"] {
        assert_eq!(code(text), Ok(Code::Totp("012345".into())), "{text}");
    }
}

#[test]
fn ten_recovery_codes_are_drawn_and_all_differ() {
    let codes = RecoveryCode::draw();
    let hashes: BTreeSet<Vec<u8>> = codes.iter().map(RecoveryCode::hash).collect();
    assert_eq!((codes.len(), hashes.len()), (10, 10));
}

#[test]
fn a_recovery_code_is_read_however_it_was_copied() {
    let drawn = RecoveryCode::typed("0123456789abcdefghjkmnpqr").unwrap();
    assert_eq!(drawn.expose(), "01234-56789-abcde-fghjk-mnpqr");
    for text in ["01234-56789-abcde-fghjk-mnpqr", "OL234 56789 ABCDE FGHJK MNPQR", "oi23456789abcdefghjkmnpqr"] {
        assert_eq!(code(text), Ok(Code::Recovery(drawn.clone())), "{text}");
    }
    for drawn in RecoveryCode::draw() {
        assert_eq!(code(&drawn.expose()), Ok(Code::Recovery(drawn)));
    }
}

#[test]
fn anything_else_is_refused() {
    for text in ["", "12345", "1234567", "01234-56789-abcde-fghjk-mnpq", "u1234-56789-abcde-fghjk-mnpqr", "٠١٢٣٤٥"]
    {
        assert!(code(text).is_err(), "{text}");
    }
    assert!(code(&"0".repeat(10_000)).is_err());
}

#[test]
fn a_code_does_not_show() {
    assert_eq!(format!("{:?} {:?}", code("012345"), RecoveryCode::draw()[0]), "Ok(Code(***)) RecoveryCode(***)");
}
