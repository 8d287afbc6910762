use super::*;
use crate::markdown::to_safe_html;

fn sha256(letter: char) -> String {
    letter.to_string().repeat(64)
}

fn picture(alt: &str) -> Picture {
    let renditions = vec!["320w".to_owned(), "640w".to_owned()];
    Picture { sha256: sha256('a'), width: Some(700), height: Some(350), alt: alt.to_owned(), renditions }
}

fn shown(markdown: &str, picture: Picture) -> String {
    let pictures = Pictures { known: HashMap::from([(picture.sha256.clone(), picture)]), any: true };
    pictures.put_into(&to_safe_html(markdown)).unwrap()
}

#[test]
fn a_picture_has_its_sizes_and_its_own_description_where_the_text_has_none() {
    let address = format!("/media/{}", sha256('a'));
    let (html, told) =
        (shown(&format!("![]({address})"), picture("An \"engine\" <1>")), "alt=\"An &quot;engine&quot; &lt;1&gt;\"");
    let expected = format!(
        "<p><img src=\"{address}\" loading=\"lazy\" {told} width=\"700\" height=\"350\" \
         srcset=\"{address}/320w 320w, {address}/640w 640w, {address} 700w\" sizes=\"auto, 100vw\"></p>\n"
    );
    assert_eq!(html, expected);
    let html = shown(&format!("![Told & so]({address})"), picture("An engine"));
    assert!(html.contains("alt=\"Told &amp; so\"") && !html.contains("An engine"), "{html}");
    let html = shown(&format!("<img src=\"{address}\" width=\"50\">"), picture("x"));
    assert!(html.contains("width=\"50\"") && !html.contains("700\"") && html.contains("srcset"), "{html}");
    let none = Picture { width: None, height: None, renditions: Vec::new(), ..picture("A file") };
    let html = shown(&format!("![]({address})"), none);
    assert!(html.contains("alt=\"A file\">") && !html.contains("srcset"), "{html}");
}

#[test]
fn an_empty_description_of_the_author_s_is_meant() {
    let address = format!("/media/{}", sha256('a'));
    for img in [format!("<img src=\"{address}\" alt=\"\">"), format!("<img alt='' src='{address}'>")] {
        let html = shown(&img, picture("An engine"));
        assert!(html.contains("alt=\"\"") && !html.contains("An engine") && html.contains("srcset"), "{html}");
    }
    for nothing in [
        format!("<img src=\"{address}\">"),
        format!("![]({address})"),
        format!("![ ](<{address}> \"title\")"),
        format!("![][x]\n\n[x]: {address}"),
    ] {
        let html = shown(&nothing, picture("An engine"));
        assert_eq!(html.matches("alt=\"An engine\"").count(), 1, "{html}");
    }
}

#[test]
fn a_picture_that_is_not_there_has_no_words_and_no_mark() {
    let html = shown(&format!("![](/media/{})", sha256('b')), picture("An engine"));
    assert_eq!(html, format!("<p><img src=\"/media/{}\" loading=\"lazy\" alt=\"\"></p>\n", sha256('b')));
    let html = shown("![](https://example.org/a.png)", picture("An engine"));
    assert!(html.contains("alt=\"\""), "{html}");
}

#[test]
fn nothing_but_the_tag_of_the_picture_is_touched() {
    let address = format!("/media/{}", sha256('a'));
    let img = format!("<img src=\"{address}\">");
    for markdown in [
        format!("`{img}`"),
        format!("```\n{img}\n```"),
        format!("[x]({address}) <a title='{img}' href='https://example.org'>y</a>"),
        format!("![{}](https://example.org/a.png)", img.replace('"', "'")),
        format!("![x]({address}0) ![x]({address}/320w) ![x](/media/{})", sha256('b')),
        format!("![](https://example.org{address})"),
        "a < b <i>c".to_owned(),
        format!("<img title=\"<img src='{address}'\">"),
    ] {
        let plain = to_safe_html(&markdown);
        assert_eq!(shown(&markdown, picture("x")), plain, "{markdown}");
    }
}

#[test]
fn what_a_description_says_stays_a_text() {
    let html = shown(&format!("![](/media/{})", sha256('a')), picture("\"><script>alert(1)</script>"));
    assert!(!html.contains("<script") && html.matches('>').count() == 3, "{html}");
}

/// A short text had forty megabytes of one picture's description put into it.
#[test]
fn what_is_put_in_has_a_bound() {
    let words = "\"".repeat(1000);
    let html = shown(&format!("![](/media/{})", sha256('a')).repeat(6_000), picture(&words));
    assert_eq!(html.matches("srcset").count(), MOST);
    assert!(html.len() < 6_000 * 130 + MOST * 6_500, "{}", html.len());
}
