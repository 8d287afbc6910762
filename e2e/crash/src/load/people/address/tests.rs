use super::*;

#[test]
fn an_address_is_stood_for_by_an_hmac_that_another_program_made_too() {
    let keys = EmailKeys(b"0123456789abcdef0123456789abcdef".to_vec());
    let made = "a0789895752352798b09e455594e705264200b3d4a437ed2a5f16f6faddc22c1";
    assert_eq!(keys.of("ada@example.org"), made);
    assert_eq!(keys.of("Ada@Example.org"), made);
    assert_ne!(keys.of("bea@example.org"), made);
}
