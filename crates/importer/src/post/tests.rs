use time::macros::datetime;

use super::*;
use crate::date::Zone;

/// A folder without topics, imported on a day in 2025.
fn setting() -> Setting {
    let rules = Rules { now: datetime!(2025-06-01 12:00 UTC), publish_expired: false, zone: Zone::UTC };
    Setting { topics: Topics::default(), rules }
}

fn post(front_matter: &str) -> ParsedPost {
    let text = format!("---\n{front_matter}\n---\nText.\n");
    parse("news/2019/03/2019-03-01-a-file.md", &text, &setting()).unwrap_or_else(|e| panic!("{text}: {e}"))
}

fn refused(front_matter: &str) -> Refusal {
    parse("a.md", &format!("---\n{front_matter}\n---\nText.\n"), &setting()).expect_err(front_matter)
}

fn kinds(post: &ParsedPost) -> Vec<NoteKind> {
    post.notes.iter().map(|note| note.kind).collect()
}

const DATE: &str = "date: 2019-03-01 9:05:00 -0400";

#[test]
fn a_clean_post_is_read_without_notes() {
    let post = post(&format!("slug: s\ntitle: T\nsummary: Sum\nauthors: [a, b]\ntopics: [x]\n{DATE}"));
    assert_eq!(
        (post.slug.as_str(), post.title.as_str(), post.summary.as_str(), post.body.as_str()),
        ("s", "T", "Sum", "Text.")
    );
    assert_eq!((post.authors, post.tags), (vec!["a".to_owned(), "b".to_owned()], vec!["x".parse().unwrap()]));
    assert_eq!(post.date.unwrap().unix_timestamp(), 1_551_445_500);
    assert!(!post.draft);
    assert_eq!(post.notes, []);
    assert_eq!(
        (post.lines.of("/summary"), post.lines.of("/tags/3"), post.lines.of("/body"), post.lines.of("/x")),
        (4, 6, 9, 1)
    );
}

#[test]
fn a_missing_title_is_the_first_heading_or_the_files_name() {
    assert_eq!(post("slug: s").title.as_str(), "A file");
    let heading = parse("a.md", "---\nslug: s\n---\nx\n# The heading \n", &setting()).unwrap();
    assert_eq!(heading.title.as_str(), "The heading");
    assert!(kinds(&heading).contains(&NoteKind::NoTitle));
}

#[test]
fn a_title_over_several_lines_is_joined() {
    let post = post(&format!("slug: s\ntitle: |\n  One\n  two\n{DATE}"));
    assert_eq!(post.title.as_str(), "One two");
    assert_eq!(kinds(&post), [NoteKind::TitleJoined]);
}

#[test]
fn a_title_that_is_too_long_is_refused_at_its_line() {
    let refusal = refused(&format!("slug: s\ntitle: {}", "x".repeat(301)));
    assert_eq!((refusal.line, refusal.reason.starts_with("title: ")), (3, true), "{refusal}");
}

#[test]
fn a_missing_slug_is_made_from_the_files_name_without_its_date() {
    assert_eq!(post("title: T").slug.as_str(), "a-file");
    for (path, slug) in [
        ("2019-03-01-x.md", "x"),
        ("Größe & mehr.md", "grosse-mehr"),
        ("n/x/index.md", "x"),
        ("2019-03-01.md", "2019-03-01"),
        ("gsa’s-cloud.md", "gsas-cloud"),
        ("…/???.md", "the-title"),
        ("a.markdown", "a"),
        ("a.mkd", "a"),
        ("A.MD", "a"),
        ("n/2019-03-01-x/index.markdown", "x"),
        ("n/x/index.de.md", "x-de"),
        ("n/x/index.pt-BR.md", "x-pt-br"),
        ("n/x/part.md", "part"),
        ("index.md", "index"),
        ("n/x.de.md", "x-de"),
    ] {
        let post = parse(path, "---\ntitle: The title\n---\n", &setting()).unwrap();
        assert_eq!(post.slug.as_str(), slug, "{path}");
    }
}

#[test]
fn a_slug_that_is_none_is_made_valid() {
    for (slug, valid) in [
        ("sin%e2%80%8a-%e2%80%8aready", "sin-ready"),
        ("Ein_Größen Slug", "ein-grossen-slug"),
        ("/a//b/", "a-b"),
        ("'100%'", "100"),
        ("'%zz'", "zz"),
        ("'???'", "t"),
        ("124062", "124062"),
    ] {
        assert_eq!(post(&format!("title: T\nslug: {slug}")).slug.as_str(), valid, "{slug}");
    }
    assert!(kinds(&post("title: T\nslug: A B")).contains(&NoteKind::SlugRepaired));
}

#[test]
fn a_date_that_is_not_there_is_noted_and_one_that_is_none_refused() {
    assert_eq!(kinds(&post("slug: s\ntitle: T")), [NoteKind::NoDate]);
    assert_eq!(kinds(&post("slug: s\ntitle: T\ndate: 2019-03-01")), [NoteKind::DateWithoutTime]);
    assert_eq!(kinds(&post("slug: s\ntitle: T\ndate: 2019-03-01 10:00:00")), [NoteKind::TimeWithoutZone]);
    assert_eq!(refused("title: T\ndate: tomorrow"), Refusal::new(3, "date: `tomorrow` cannot be read as a date"));
}

#[test]
fn the_deck_stands_in_for_a_summary() {
    let taken = post(&format!("slug: s\ntitle: T\nsummary: \ndeck: The deck\n{DATE}"));
    assert_eq!((taken.summary.as_str(), kinds(&taken)), ("The deck", vec![NoteKind::SummaryFromDeck]));
    let left = post(&format!("slug: s\ntitle: T\nsummary: Sum\ndeck: The deck\n{DATE}"));
    assert_eq!((left.summary.as_str(), kinds(&left)), ("Sum", vec![NoteKind::FieldNotKept]));
}

#[test]
fn topics_and_tags_become_valid_tags_once_each() {
    let post =
        post(&format!("slug: s\ntitle: T\ntopics: [a, artificial intelligence, Analytics, a, '…']\ntags: b\n{DATE}"));
    let tags: Vec<_> = post.tags.iter().map(Tag::as_str).collect();
    assert_eq!(tags, ["a", "artificial-intelligence", "analytics", "b"]);
    let expected = [NoteKind::TagRepaired, NoteKind::TagRepaired, NoteKind::RepeatedTag, NoteKind::TagRepaired];
    assert_eq!(kinds(&post)[..3], expected[..3]);
}

#[test]
fn one_text_with_commas_is_many_tags_but_a_title_with_one_is_a_title() {
    let tags = |yaml: &str| post(&format!("title: T\n{yaml}")).tags.iter().map(Tag::to_string).collect::<Vec<_>>();
    assert_eq!(tags("tags: one, Two three,, four,"), ["one", "two-three", "four"]);
    assert_eq!(tags("tags: ['one, two']"), ["one-two"]);
    assert_eq!(tags("tags: 3.10"), ["3-10"]);
    assert_eq!(tags("topics: 007\ntags: [yes, 0x1F, 2.0]"), ["007", "yes", "0x1f", "2-0"]);
    let mut topics = Topics::default();
    topics.read("customer-experience", "---\ntitle: CX, in short\n---\n").unwrap();
    let setting = Setting { topics, ..setting() };
    let titled = parse("a.md", "---\ntitle: T\ntags: CX, in short\n---\n", &setting).unwrap();
    assert_eq!(titled.tags[0].as_str(), "customer-experience");
}

#[test]
fn a_topic_may_be_named_by_its_title() {
    let mut topics = Topics::default();
    topics.read("customer-experience", "---\ntitle: CX, in short\n---\n").unwrap();
    let setting = Setting { topics, ..setting() };
    let post = parse("a.md", "---\ntitle: T\ntopics: ['CX, in short']\n---\n", &setting).unwrap();
    assert_eq!(post.tags[0].as_str(), "customer-experience");
}

#[test]
fn an_author_may_be_one_text_and_is_named_once() {
    let post = post(&format!("slug: s\ntitle: T\nauthors: a\nauthor: [a, b]\n{DATE}"));
    assert_eq!(post.authors, ["a", "b"]);
    assert_eq!(kinds(&post), [NoteKind::RepeatedAuthor]);
}

#[test]
fn a_draft_is_a_draft_and_a_riddle_is_refused() {
    assert!(post("title: T\ndraft: true").draft && post("title: T\ndraft: Yes").draft);
    assert!(!post("title: T\ndraft: false").draft && !post("title: T\ndraft:").draft);
    assert_eq!(refused("title: T\ndraft: maybe").line, 3);
}

#[test]
fn expiry_to_come_and_shortcodes_are_noted() {
    let text =
        format!("---\nslug: s\ntitle: T\nexpirydate: 2030-01-01\nweight: 0\n{DATE}\n---\nx\n{{{{< ref \"y\" >}}}}\n");
    let post = parse("a.md", &text, &setting()).unwrap();
    let notes: Vec<_> = post.notes.iter().map(|note| (note.kind, note.line)).collect();
    assert_eq!(notes, [(NoteKind::FieldNotKept, 5), (NoteKind::Expires, 4), (NoteKind::Shortcodes, 9)]);
    assert!(!post.draft);
}

#[test]
fn what_hides_a_post_makes_a_draft_and_says_why() {
    for (line, kind) in [
        ("Draft: true", NoteKind::HiddenByField),
        ("published: no", NoteKind::HiddenByField),
        ("expiryDate: 2025-05-31", NoteKind::Expired),
        ("publishDate: 2025-06-02", NoteKind::NotYetPublished),
    ] {
        let post = post(&format!("slug: s\ntitle: T\n{DATE}\n{line}"));
        assert_eq!((post.draft, kinds(&post), post.notes[0].line), (true, vec![kind], 5), "{line}");
    }
    let future = post("slug: s\ntitle: T\ndate: 2025-06-02 00:00 Z");
    assert_eq!((future.draft, kinds(&future)), (true, vec![NoteKind::NotYetPublished]));
    let drafts = parse("_drafts/a.md", &format!("---\nslug: s\ntitle: T\n{DATE}\n---\n"), &setting()).unwrap();
    assert_eq!((drafts.draft, kinds(&drafts)), (true, vec![NoteKind::HiddenByPath]));
}

#[test]
fn of_what_was_given_twice_either_may_hide() {
    assert!(post("title: T\ndraft: true\nDraft: false").draft);
    assert!(post("title: T\npublished: true\ndraft: true").draft);
}

#[test]
fn a_date_that_not_every_reader_knows_is_refused_and_one_to_come_is_none_yet() {
    for date in ["0999-12-31", "0500-01-01T00:00:00Z", "0001-01-01T00:00:00+01:00", "0000-06-01"] {
        let refusal = refused(&format!("title: T\ndate: {date}"));
        assert_eq!(refusal.line, 3, "{refusal}");
        assert!(refusal.reason.starts_with("date: "), "{refusal}");
    }
    assert_eq!(post("date: 1000-01-01").date.map(|at| at.year()), Some(1000));
    let to_come = post("date: 9999-12-31");
    assert_eq!((to_come.date, to_come.draft), (None, true));
    assert!(to_come.notes.iter().any(|note| note.kind == NoteKind::NotYetPublished));
}

#[test]
fn what_another_program_left_in_a_title_and_is_not_seen_is_left_out() {
    let post = post(&format!("slug: s\ntitle: \u{200b}A challenge\u{feff} for 👩\u{200d}💻\u{ad}\n{DATE}"));
    assert_eq!(post.title.as_str(), "A challenge for 👩\u{200d}💻");
    assert!(kinds(&post).contains(&NoteKind::HiddenCharacters), "{:?}", post.notes);
}

#[test]
fn a_title_or_name_with_characters_that_are_not_seen_is_refused() {
    let refusal = refused("title: \"a\\u202Eb\"");
    assert_eq!((refusal.line, refusal.reason.starts_with("title: may not hold the character U+202E")), (2, true));
}

#[test]
fn a_year_that_wordpress_gives_to_what_was_never_published_is_no_date_and_hides() {
    for date in ["-0001-11-30T00:00:00+00:00", "'0000-00-00 00:00:00'"] {
        let post = post(&format!("slug: s\ntitle: T\ndate: {date}"));
        assert_eq!((post.draft, post.date), (true, None), "{date}");
        assert_eq!(kinds(&post), [NoteKind::NoDate, NoteKind::NeverPublished]);
    }
    let zero = post("slug: s\ntitle: T\ndate: 0001-01-01T00:00:00Z");
    assert_eq!((zero.draft, zero.date, kinds(&zero)), (false, None, vec![NoteKind::NoDate]));
}

#[test]
fn a_title_is_made_of_a_heading_as_markdown_has_it() {
    for (text, title) in [
        ("Under\nlined *by*\n=====\n", "Under lined by"),
        ("  # With `code` and end ##\n", "With code and end"),
        ("```\n# Not this\n```\n# This\n", "This"),
        ("~~~~\n```\n# Not this\n~~~~\n\n    # nor this\n\n# This\n", "This"),
        ("<!--\n# Not this\n-->\n# This\n", "This"),
        ("> # Not this\n\n- # nor this\n\n# This\n", "This"),
        ("#Not this\n\nNor this\n---\n", "A"),
        ("<pre>\n# Not this\n</pre>\n", "A"),
        ("#\n", "A"),
    ] {
        let post = parse("a.md", &format!("---\nslug: s\n---\n{text}"), &setting()).unwrap();
        assert_eq!(post.title.as_str(), title, "{text}");
    }
}
#[test]
fn a_text_that_is_too_long_is_refused_where_it_begins() {
    let text = format!("---\ntitle: T\n---\n\n{}", "x".repeat(500_001));
    assert_eq!(parse("a.md", &text, &setting()).unwrap_err().line, 5);
}

/// Jekyll shows it once its day has come.
#[test]
fn a_date_to_come_in_the_name_of_a_file_releases_it() {
    let read = |front_matter: &str| {
        let text = format!("---\n{front_matter}\n---\nText.\n");
        parse("_posts/2025-07-01-a-file.md", &text, &setting()).unwrap()
    };
    let post = read("title: T");
    assert_eq!((post.draft, post.to_come.release), (true, Some(datetime!(2025-07-01 00:00 UTC))));
    let post = read("title: T\ndraft: true");
    assert_eq!((post.draft, post.to_come.release), (true, None));
    let post = read("title: T\ndate: 2025-05-01");
    assert_eq!((post.draft, post.to_come.release), (false, None));
}
