use super::*;

/// RFC 6238, appendix B: the secret (`12345678901234567890`), and for each time the last six of the eight digits there.
const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const CODES: [(u64, &str); 6] = [
    (59, "287082"),
    (1_111_111_109, "081804"),
    (1_111_111_111, "050471"),
    (1_234_567_890, "005924"),
    (2_000_000_000, "279037"),
    (20_000_000_000, "353130"),
];

fn secret() -> TotpSecret {
    TotpSecret::of_base32(SECRET).unwrap()
}

#[test]
fn codes_are_those_of_the_rfc() {
    for (time, code) in CODES {
        assert_eq!(secret().step_of(code, time), i64::try_from(time / 30).ok(), "{time}");
    }
}

#[test]
fn a_clock_may_be_off_by_one_step_and_no_more() {
    let (time, code) = CODES[2];
    let step = i64::try_from(time / 30).ok();
    assert_eq!(secret().step_of(code, time - 30), step);
    assert_eq!(secret().step_of(code, time + 30), step);
    assert_eq!(secret().step_of(code, time - 60), None);
    assert_eq!(secret().step_of(code, time + 60), None);
}

#[test]
fn what_is_no_code_is_of_no_step() {
    for text in ["", "0", "28708", "2870820", "28708x", "２８７０８２"] {
        assert_eq!(secret().step_of(text, 59), None, "{text}");
    }
}

#[test]
fn an_authenticator_is_told_all_it_needs() {
    let uri = secret().uri("My blog", "ada.l");
    assert_eq!(uri, "otpauth://totp/My%20blog:ada.l?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=My%20blog");
    assert_eq!(secret().base32(), SECRET);
}

#[test]
fn a_secret_does_not_show_and_is_drawn_anew() {
    assert_eq!(format!("{:?}", secret()), "TotpSecret(***)");
    assert_ne!(TotpSecret::draw(), TotpSecret::draw());
    for text in ["", "GEZDGNBV", "not base 32"] {
        assert_eq!(TotpSecret::of_base32(text), None, "{text}");
    }
}
