use super::places::{is_relative, linked, places, spliced};

fn urls(text: &str) -> Vec<(String, bool, usize)> {
    linked(text).into_iter().map(|linked| (linked.url, linked.is_picture, linked.line)).collect()
}

/// A text in which these addresses became others, and those that stay.
fn rewritten(text: &str, urls: &[&str]) -> (String, Vec<String>) {
    let (places, stays) = places(text, |url| urls.contains(&url));
    let text = spliced(text, places.iter().map(|place| (place.range.clone(), "/m")));
    (text, stays.into_iter().map(|linked| linked.url).collect())
}

#[test]
fn relative_addresses_are_found_where_they_are_addresses() {
    let text = "![a](one.png) and [file](two.pdf)\n\n`![x](code.png)` ![b](https://example.org/c.png)\n\n\
        <p><img class='x' src=\"../three.jpg\"></p>\n\n    ![y](indented.png)\n";
    let expected = [("one.png", true, 1), ("two.pdf", false, 1), ("../three.jpg", true, 5)];
    assert_eq!(urls(text), expected.map(|(url, picture, line)| (url.to_owned(), picture, line)));
}

#[test]
fn elements_are_found_in_whichever_way_they_are_written() {
    let text =
        "<img src=one.png> <IMG SRC=two.png> <img alt='src=x' src = \"three.png\"/> <a class=x href='four.pdf'>f</a>";
    let expected = [("one.png", true, 1), ("two.png", true, 1), ("three.png", true, 1), ("four.pdf", false, 1)];
    assert_eq!(urls(text), expected.map(|(url, picture, line)| (url.to_owned(), picture, line)));
    let (text, stays) = rewritten(text, &["one.png", "two.png", "three.png", "four.pdf"]);
    let expected = "<img src=/m> <IMG SRC=/m> <img alt='src=x' src = \"/m\"/> <a class=x href='/m'>f</a>";
    assert_eq!((text.as_str(), stays.len()), (expected, 0));
    assert_eq!(urls("<image src=one.png> <img data-src=one.png> <img src>"), []);
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
    assert_eq!(rewritten(text, &["a.png"]), (expected.to_owned(), vec![]));
}

/// These were brought, and the text went on naming what was not there.
#[test]
fn an_address_is_replaced_however_it_is_written() {
    let cases = [
        ("![a]( one.png)", "one.png", "![a]( /m)"),
        ("![a](\n  one.png\n'title')", "one.png", "![a](\n  /m\n'title')"),
        (r"![a](a\_b.png)", "a_b.png", "![a](/m)"),
        ("![a](a&amp;b.png)", "a&b.png", "![a](/m)"),
        ("![a](a(1).png) ![a](<b c.png>)", "a(1).png", "![a](/m) ![a](<b c.png>)"),
        ("![a](<b c.png>)", "b c.png", "![a](</m>)"),
        ("![a][e]\n\n[e]:one.png", "one.png", "![a][e]\n\n[e]:/m"),
        ("> ![a][e]\n>\n> [e]: one.png 'title'", "one.png", "> ![a][e]\n>\n> [e]: /m 'title'"),
        ("![a][e]\n\n[e]:\n one.png", "one.png", "![a][e]\n\n[e]:\n /m"),
        ("[![a](one.png)](one.png)", "one.png", "[![a](/m)](/m)"),
        ("- x\n\n  ![ä](one.png)", "one.png", "- x\n\n  ![ä](/m)"),
    ];
    for (text, url, expected) in cases {
        assert_eq!(rewritten(text, &[url]), (expected.to_owned(), vec![]));
    }
}

#[test]
fn code_stays_as_it_is() {
    let text = "`![x](a.png)` ![x](a.png)\n\n```\n![x](a.png)\n```\n\n    [a]: a.png\n\n<pre>\n[x](a.png)\n</pre>\n";
    let expected = text.replacen("` ![x](a.png)", "` ![x](/m)", 1);
    assert_eq!(rewritten(text, &["a.png"]), (expected, vec![]));
}

#[test]
fn what_is_not_found_again_stays_and_is_told() {
    // It stands in a list, or on another line of a quotation, where it is not looked for.
    for text in ["![a][e]\n\n- [e]: a.png\n", "> ![a][e]\n>\n> [e]:\n> a.png\n"] {
        assert_eq!(rewritten(text, &["a.png"]), (text.to_owned(), vec!["a.png".to_owned()]));
    }
}
