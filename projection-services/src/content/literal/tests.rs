use super::{array, bare};

#[test]
fn quotes_and_backslashes_are_escaped() {
    assert_eq!(array(["a", "b \"c\"", "d\\e", ""]), r#"{"a","b \"c\"","d\\e",""}"#);
}

#[test]
fn nothing_is_an_empty_array() {
    assert_eq!(array::<&str>([]), "{}");
    assert_eq!(bare::<u8>([]), "{}");
}

#[test]
fn ids_need_no_quotes() {
    assert_eq!(bare([1, 2]), "{1,2}");
}
