use super::*;

#[test]
fn origins_are_read_in_the_form_of_browsers() {
    assert_eq!("*".parse(), Ok(Origins::All));
    assert_eq!("".parse(), Ok(Origins::These(Arc::from([]))));
    let two = "https://Blog.example:443/, http://127.0.0.1:3000".parse();
    let expected = ["https://blog.example", "http://127.0.0.1:3000"].map(str::to_owned);
    assert_eq!(two, Ok(Origins::These(Arc::from(expected))));
    for bad in ["blog.example", "https://blog.example/path", "ftp://a", "null", "https://a?b", "https://u@a"] {
        assert!(bad.parse::<Origins>().is_err(), "{bad}");
    }
}
