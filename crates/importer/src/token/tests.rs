use super::*;

fn token(payload: &str) -> String {
    format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(payload))
}

#[test]
fn the_subject_is_read_without_verification() {
    let id = Uuid::from_u128(9);
    assert_eq!(subject(&token(&format!("{{\"sub\":\"{id}\",\"exp\":1}}"))).unwrap(), id);
}

#[test]
fn an_error_does_not_repeat_the_token() {
    for bad in ["", "secret", "a.secret.b", "a.!!!.b", &token("{}"), &token("{\"sub\":\"secret\"}")] {
        let error = format!("{:?}", subject(bad).expect_err(bad));
        assert!(!error.contains("secret"), "{error}");
    }
}
