use super::*;

#[test]
fn only_a_plain_address_is_asked_plainly() {
    assert!(is_plain("http://127.0.0.1:18081/apis/ccompat/v7"));
    assert!(!is_plain("https://registry.example"));
    assert!(!is_plain("http://key:secret@registry.example/"));
    assert!(is_plain("http://registry.example/path@1"));
}
