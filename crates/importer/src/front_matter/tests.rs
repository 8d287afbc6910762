use super::*;

const KNOWN: &[(&str, Shape)] = &[("title", Shape::Text), ("slug", Shape::Text), ("authors", Shape::List)];

fn page(text: &str) -> Page<'_> {
    read(text, KNOWN).unwrap_or_else(|refusal| panic!("{text:?} is refused: {refusal}"))
}

fn refusal(text: &str) -> (usize, String) {
    let Refusal { line, reason } = read(text, KNOWN).expect_err(text);
    (line, reason)
}

#[test]
fn a_file_is_split_at_its_fences() {
    let page = page("---\ntitle: A\n---\n\n\n  body\n\nmore\n\n");
    assert_eq!(page.fields.text("title"), Some(("A", 2)));
    assert_eq!((page.body, page.body_line), ("  body\n\nmore", 6));
    assert!(page.notes.is_empty());
}

#[test]
fn the_front_matter_may_begin_late_and_says_so() {
    let page = page("\n \n---\ntitle: A\n---\nbody");
    assert_eq!(page.fields.text("title"), Some(("A", 4)));
    assert_eq!(page.body_line, 6);
    assert_eq!(page.notes, [Note::new(NoteKind::LateFrontMatter, 3, "")]);
}

#[test]
fn fences_may_have_blanks_after_them_and_the_last_no_line_end() {
    assert_eq!(page("--- \ntitle: A\n---").body, "");
    assert_eq!(page("---\ntitle: A\n--- \t\nb").body, "b");
    assert_eq!(page("---\ntitle: A\n...\nb").body, "b");
}

#[test]
fn a_rule_in_the_text_is_not_a_fence() {
    assert_eq!(page("---\ntitle: A\n---\na\n\n---\nb").body, "a\n\n---\nb");
}

#[test]
fn an_empty_front_matter_has_no_fields() {
    for text in ["---\n---\nb", "---\n# only a comment\n\n---\nb"] {
        assert_eq!(page(text).fields.text("title"), None);
    }
}

#[test]
fn scalars_are_taken_as_they_are_written() {
    for (yaml, text) in [
        ("124062", "124062"),
        ("007", "007"),
        ("1.10", "1.10"),
        ("yes", "yes"),
        ("true", "true"),
        ("1e3", "1e3"),
        ("2019-01-01", "2019-01-01"),
        ("'a: b'", "a: b"),
        ("\"tab\\tin\"", "tab\tin"),
        (">-\n  two\n  lines", "two lines"),
        ("|\n  two\n  lines", "two\nlines"),
        ("é ’ 漢", "é ’ 漢"),
    ] {
        assert_eq!(page(&format!("---\ntitle: {yaml}\n---\n")).fields.text("title"), Some((text, 2)), "{yaml}");
    }
}

#[test]
fn null_and_blank_are_the_same_as_not_there() {
    for yaml in ["", "~", "null", "\"\"", "'  '"] {
        assert_eq!(page(&format!("---\ntitle: {yaml}\n---\n")).fields.text("title"), None, "{yaml}");
    }
}

#[test]
fn a_list_may_be_one_text_or_nothing() {
    for (yaml, list) in [
        ("\n  - a\n  - b", vec!["a", "b"]),
        ("\n- a", vec!["a"]),
        ("[a, 18, ~, '']", vec!["a", "18"]),
        ("a", vec!["a"]),
        ("18", vec!["18"]),
        ("true", vec!["true"]),
        ("3.10", vec!["3.10"]),
        ("007", vec!["007"]),
        ("yes", vec!["yes"]),
        ("0x1F", vec!["0x1F"]),
        ("0o17", vec!["0o17"]),
        ("1_000", vec!["1_000"]),
        ("123456789012345678901234567890", vec!["123456789012345678901234567890"]),
        ("[3.10, 007, yes, 0x1F, No, .5, 1e3, '~']", vec!["3.10", "007", "yes", "0x1F", "No", ".5", "1e3", "~"]),
        ("\n- 3.10\n- 'é'\n- 2.0", vec!["3.10", "é", "2.0"]),
        ("", vec![]),
        ("[]", vec![]),
        ("~", vec![]),
    ] {
        let text = format!("---\nauthors: {yaml}\n---\n");
        assert_eq!(page(&text).fields.list("authors").collect::<Vec<_>>(), list, "{yaml}");
    }
}

#[test]
fn a_repeated_key_is_noted_and_the_last_one_read() {
    let page = page("---\ntitle: A\nslug: s\ntitle: B\n---\n");
    assert_eq!(page.fields.text("title"), Some(("B", 4)));
    assert_eq!(page.notes, [Note::new(NoteKind::RepeatedKey, 4, "title")]);
}

#[test]
fn a_key_may_be_written_in_any_case() {
    for key in ["Title", "TITLE", "tiTle", "\"title\""] {
        let text = format!("---\n{key}: A\n---\n");
        let page = page(&text);
        assert_eq!((page.fields.text("title"), page.notes), (Some(("A", 2)), vec![]), "{key}");
    }
    let page = page("---\ntitle: A\nTitle: B\n---\n");
    assert_eq!(page.fields.text("title"), Some(("B", 3)));
    assert_eq!(page.notes, [Note::new(NoteKind::RepeatedKey, 3, "Title")]);
}

#[test]
fn an_alias_is_the_text_that_it_stands_for() {
    let page = page("---\nslug: &x 3.10\nauthors: [*x, *x]\n---\n");
    assert_eq!(page.fields.list("authors").collect::<Vec<_>>(), ["3.10", "3.10"]);
}

#[test]
fn a_field_without_a_place_is_noted_once() {
    let page = page("---\nkicker: {a: [1, 2]}\ntitle: A\nkicker: 2\n---\n");
    let notes = [Note::new(NoteKind::RepeatedKey, 4, "kicker"), Note::new(NoteKind::FieldNotKept, 2, "kicker")];
    assert_eq!(page.notes, notes);
}

#[test]
fn what_is_no_front_matter_is_refused_with_its_line() {
    assert_eq!(refusal(""), (1, "the file is empty".into()));
    assert_eq!(refusal("\n\nHello\n").0, 3);
    assert!(refusal("+++\ntitle = 'A'\n+++\n").1.contains("TOML"));
    let (line, reason) = refusal("\n---\ntitle: A\n\nbody\n");
    assert_eq!((line, reason.contains("no closing")), (2, true), "{reason}");
}

#[test]
fn an_error_in_the_yaml_is_refused_with_the_line_of_the_file() {
    for (text, line) in [
        ("\n---\nslug: s\ntitle: a: b\n---\n", 4),
        ("---\nslug: s\ntitle: \"open\n---\nbody\n", 3),
        ("---\nslug: s\n\ttitle: A\n---\n", 2),
        ("---\nslug: s\ntitle: [a]\n---\n", 3),
        ("---\nslug: s\nauthors: {a: b}\n---\n", 3),
        ("---\njust words\n---\n", 2),
        ("---\n- a\n- b\n---\n", 2),
    ] {
        let (at, reason) = refusal(text);
        assert!(reason.starts_with("the front matter cannot be read: "), "{reason}");
        assert!((line..=line + 1).contains(&at), "{text:?} is refused at {at}: {reason}");
    }
}
