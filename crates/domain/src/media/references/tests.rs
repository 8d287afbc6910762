use super::{Reference, references};

const ONE: &str = "1111111111111111111111111111111111111111111111111111111111111111";
const TWO: &str = "2222222222222222222222222222222222222222222222222222222222222222";

/// The items of a text by their first digits, and whether they are described.
fn found(text: &str) -> Vec<(String, bool)> {
    let short = |Reference { sha256, described }: Reference| (sha256.as_str()[..1].to_owned(), described);
    references(&text.replace("ONE", ONE).replace("TWO", TWO)).into_iter().map(short).collect()
}

#[test]
fn a_picture_is_described_by_its_text() {
    assert_eq!(found("![An engine](/media/ONE)"), [("1".into(), true)]);
    assert_eq!(found("![](/media/ONE)"), [("1".into(), false)]);
    assert_eq!(found("![ ](</media/ONE> \"title\")"), [("1".into(), false)]);
    assert_eq!(found("see ![An engine](https://example.org/media/ONE/640w)"), [("1".into(), true)]);
}

#[test]
fn an_element_is_described_by_its_attribute() {
    assert_eq!(found(r#"<img src="/media/ONE" alt="An engine">"#), [("1".into(), true)]);
    assert_eq!(found(r#"<img alt="An engine" src="/media/ONE">"#), [("1".into(), true)]);
    assert_eq!(found(r#"<img src="/media/ONE">"#), [("1".into(), false)]);
    assert_eq!(found(r#"<img src="/media/ONE" alt=>"#), [("1".into(), false)]);
    assert_eq!(found(r#"<IMG ALT="An engine" SRC="/media/ONE">"#), [("1".into(), true)]);
    assert_eq!(found(r#"<img src="/media/ONE" alt = "An engine">"#), [("1".into(), true)]);
    assert_eq!(found(r#"<img src=/media/ONE alt=engine/>"#), [("1".into(), true)]);
}

#[test]
fn no_other_attribute_is_its_description() {
    assert_eq!(found(r#"<img data-alt="" src="/media/ONE">"#), [("1".into(), false)]);
    assert_eq!(found(r#"<img title="alt='x'" src="/media/ONE">"#), [("1".into(), false)]);
    assert_eq!(found(r#"<img title=alt= src="/media/ONE" =alt="x">"#), [("1".into(), false)]);
}

#[test]
fn an_element_whose_description_is_empty_tells_nothing_on_purpose() {
    assert_eq!(found(r#"<img src="/media/ONE" alt="">"#), [("1".into(), true)]);
    assert_eq!(found("<img alt='' src='/media/ONE'>"), [("1".into(), true)]);
    assert_eq!(found(r#"<img src="/media/ONE" ALT = "">"#), [("1".into(), true)]);
}

#[test]
fn a_description_may_go_over_several_lines() {
    assert_eq!(found("An engine:\n\n![An engine,\nand its driver](/media/ONE)\n"), [("1".into(), true)]);
    assert_eq!(found("<img alt=\"An engine\"\r\n  src=\"/media/ONE\">"), [("1".into(), true)]);
    assert_eq!(found("[An engine\n\n](/media/ONE) ![](/media/TWO)"), [("1".into(), false), ("2".into(), false)]);
    assert_eq!(found("<b>An engine</b>\n/media/ONE"), [("1".into(), false)]);
}

#[test]
fn what_says_nothing_of_a_description_has_none() {
    assert_eq!(found("[x]: /media/ONE"), [("1".into(), false)]);
    assert_eq!(found("/media/ONE"), [("1".into(), false)]);
}

#[test]
fn a_picture_that_is_shown_by_a_label_is_described_where_it_is_shown() {
    assert_eq!(found("![An engine][e]\n\n[e]: /media/ONE\n"), [("1".into(), true)]);
    assert_eq!(found("[An  Engine]: </media/ONE> \"title\"\n\n![an engine]\n"), [("1".into(), true)]);
    assert_eq!(found("![e][], and ![][e]\n\n[e]:/media/ONE"), [("1".into(), false)]);
    assert_eq!(found("![ ][e]\n\n  [e]: /media/ONE\n[f]: /media/TWO\n"), [("1".into(), false), ("2".into(), false)]);
    assert_eq!(found("![a [b] c][e] ![d](/media/TWO)\n\n[e]: /media/ONE"), [("1".into(), true), ("2".into(), true)]);
    assert_eq!(found(r"\[e] ![x](y) a [e]: /media/ONE"), [("1".into(), false)]);
}

#[test]
fn an_item_is_there_once_and_described_if_it_is_so_everywhere() {
    assert_eq!(found("![a](/media/TWO) ![a](/media/ONE) ![](/media/ONE)"), [("1".into(), false), ("2".into(), true)]);
}

#[test]
fn what_is_no_address_of_an_item_is_none() {
    assert_eq!(found("/media/ONE0 /media/abc /media/"), []);
    assert_eq!(found(&format!("ü/media/{}", "ü".repeat(60))), []);
}

#[test]
fn brackets_belong_together() {
    assert_eq!(found("[![An engine](/media/ONE)](/media/TWO)"), [("1".into(), true), ("2".into(), true)]);
    assert_eq!(found("[a [b] c](/media/ONE) ![](/media/TWO)"), [("1".into(), true), ("2".into(), false)]);
    assert_eq!(found(r"[a \] b](/media/ONE) \[c\](/media/TWO)"), [("1".into(), true), ("2".into(), false)]);
}

/// Each went back over all that stands before it.
#[test]
#[expect(clippy::disallowed_methods, reason = "how long it takes is what is tested")]
fn a_text_of_twice_the_length_takes_twice_the_time() {
    let address = format!("/media/{ONE}");
    let of = |begin: &str, each: &str, times: usize| format!("{}{}", begin.repeat(times), each.repeat(times));
    let cases = [
        ("x\n", format!("{address}\n")),
        ("x", format!("{address},")),
        ("[", format!("](x {address}")),
        ("<", format!("{address} ")),
        ("", format!("<{address}")),
        (" ", format!("](   {address}")),
        ("[", format!("][e]\n[e]: {address}\n")),
        ("[a", format!("]\n[e]: {address}\n")),
        ("", format!("<a b='{address} ")),
    ];
    for (begin, each) in cases {
        let takes = |times: usize| {
            let text = of(begin, &each, times);
            let best = (0..5).map(|_| {
                let began = std::time::Instant::now();
                assert_eq!(references(&text).len(), 1);
                began.elapsed()
            });
            best.min().unwrap()
        };
        // Sixteen times, where it goes back; four, but for what else the machine does.
        assert!((0..5).any(|_| takes(6_000) < takes(1_500) * 10), "{begin:?} {each:?}");
    }
}
