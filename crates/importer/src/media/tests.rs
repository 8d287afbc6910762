use super::{is_relative, linked, replaced};

fn urls(text: &str) -> Vec<(String, bool, usize)> {
    linked(text).into_iter().map(|linked| (linked.url, linked.is_picture, linked.line)).collect()
}

#[test]
fn relative_addresses_are_found_where_they_are_addresses() {
    let text = "![a](one.png) and [file](two.pdf)\n\n`![x](code.png)` ![b](https://example.org/c.png)\n\n\
        <p><img class='x' src=\"../three.jpg\"></p>\n\n    ![y](indented.png)\n";
    let expected = [("one.png", true, 1), ("two.pdf", false, 1), ("../three.jpg", true, 5)];
    assert_eq!(urls(text), expected.map(|(url, picture, line)| (url.to_owned(), picture, line)));
}

#[test]
fn what_is_of_another_place_is_not_relative() {
    for url in ["https://example.org/a", "mailto:a@example.org", "//example.org/a", "#part", "?a=b", "", "{{ x }}"] {
        assert!(!is_relative(url), "{url}");
    }
    assert!(is_relative("a.png") && is_relative("/a.png") && is_relative("../b/a.png"));
}

#[test]
fn an_address_is_replaced_where_it_stands_as_one() {
    let text = "![a](a.png \"t\") [a.png](a.png) ![](<a.png>) <img src='a.png'> a.png ![b](ba.png) ![c](a.png.bak)";
    let expected = "![a](/m \"t\") [a.png](/m) ![](</m>) <img src='/m'> a.png ![b](ba.png) ![c](a.png.bak)";
    assert_eq!(replaced(text, "a.png", "/m"), expected);
}
