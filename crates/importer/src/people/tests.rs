use super::*;

#[test]
fn a_key_is_told_from_a_name() {
    for key in ["ada", "ada-l", "18f-team"] {
        assert!(is_key(key), "{key}");
    }
    for name in ["Ada", "ada l", "zoë", "a--b", "ada_l"] {
        assert!(!is_key(name), "{name}");
    }
}

#[test]
fn a_name_without_letters_names_no_one() {
    assert!(matches!(People::default().find("—", 1), Ok(Who::NoName)));
}
