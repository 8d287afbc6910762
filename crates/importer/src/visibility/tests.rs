use time::macros::datetime;

use super::*;
use crate::date::Zone;
use crate::front_matter;

const RULES: Rules = Rules { now: datetime!(2025-06-01 12:00 UTC), publish_expired: false, zone: Zone::UTC };

/// What there is to say of a front matter.
fn seen(yaml: &str, rules: &Rules) -> Result<Vec<NoteKind>, Refusal> {
    let text = format!("---\n{yaml}\n---\n");
    let page = front_matter::read(&text, &fields().collect::<Vec<_>>()).unwrap();
    Ok(by_fields(&page.fields, &[("slug", Shape::Text), ("title", Shape::Text)], rules)?
        .into_iter()
        .map(|note| note.kind)
        .collect())
}

#[test]
fn what_hides_a_page_in_either_generator_hides_it_here() {
    for yaml in [
        "draft: true",
        "Draft: true",
        "DRAFT: yes",
        "draft: TRUE",
        "draft: on",
        "draft: 1",
        "draft: 'true'",
        "drAft: t",
        "published: false",
        "published: no",
        "Published: Off",
        "publish: false",
        "public: no",
        "listed: false",
        "status: draft",
        "Status: Draft",
        "status: private",
        "status: pending",
        "status: future",
        "status: trash",
        "visibility: private",
        "visibility: hidden",
        "visibility: unlisted",
        "visibility: members",
        "post_status: draft",
        "private: true",
        "hidden: true",
        "unlisted: true",
        "headless: true",
        "is_draft: true",
        "isPrivate: true",
        "password: secret",
        "build: {render: never}",
        "_build: {list: never, render: always}",
        "build: {render: link}",
        "build: {list: false}",
    ] {
        assert_eq!(seen(yaml, &RULES), Ok(vec![NoteKind::HiddenByField]), "{yaml}");
    }
}

#[test]
fn what_shows_a_page_says_nothing() {
    for yaml in [
        "draft: false",
        "draft:",
        "draft: ''",
        "Draft: No",
        "published: true",
        "published: ~",
        "status: publish",
        "status: Published",
        "visibility: public",
        "private: false",
        "hidden: no",
        "headless: false",
        "password:",
        "build: {render: always, list: local, publishResources: false}",
        "date: 2025-05-31",
        "date:",
        "expiryDate:",
        "expiryDate: 0001-01-01T00:00:00Z",
        "date: 0001-01-01T00:00:00Z",
        "title: A draft",
        "state: open",
        "title: Draft",
        "Slug: private",
        "publisher: GSA",
        "kicker: Private clouds",
        "private_comments: false",
        "tags: [draft]",
    ] {
        assert_eq!(seen(yaml, &RULES), Ok(vec![]), "{yaml}");
    }
}

#[test]
fn dates_hide_until_they_come_and_from_when_they_have_passed() {
    for (yaml, kind) in [
        ("date: 2025-06-01 12:00:01 Z", NoteKind::NotYetPublished),
        ("Date: 2026-01-01", NoteKind::NotYetPublished),
        ("publishDate: 2025-06-02", NoteKind::NotYetPublished),
        ("publish_date: 2025-06-02", NoteKind::NotYetPublished),
        ("pubdate: 2025-06-02", NoteKind::NotYetPublished),
        ("published: 2025-06-02", NoteKind::NotYetPublished),
        ("embargo: 2025-06-02", NoteKind::NotYetPublished),
        ("expiryDate: 2025-06-01", NoteKind::Expired),
        ("unpublishdate: 2025-01-01", NoteKind::Expired),
        ("expires: 2025-01-01", NoteKind::Expired),
        ("expirydate: 2025-06-02", NoteKind::Expires),
        ("publishDate: 2020-06-02", NoteKind::FieldNotKept),
        ("published: 2020-06-02", NoteKind::FieldNotKept),
        ("date: -0001-11-30T00:00:00+00:00", NoteKind::NeverPublished),
    ] {
        assert_eq!(seen(yaml, &RULES), Ok(vec![kind]), "{yaml}");
    }
    let published = Rules { publish_expired: true, ..RULES };
    assert_eq!(seen("expiryDate: 2020-01-01", &published), Ok(vec![NoteKind::ExpiryDropped]));
}

#[test]
fn what_looks_like_hiding_and_is_not_understood_is_refused_at_its_line() {
    for yaml in [
        "draft: maybe",
        "draft: [true]",
        "published: soon",
        "status: evergreen",
        "status: [draft]",
        "visibility: friends",
        "expiryDate: never",
        "publishDate: tomorrow",
        "build: never",
        "build: {render: sometimes}",
        "build: {list: [x]}",
        "draft_until: 2030-01-01",
        "privateTo: [ada]",
        "embargoed_by: x",
        "expiry: 2030-01-01",
        "state: draft",
        "workflow: Private",
        "type: hidden",
    ] {
        let refusal = seen(&format!("title: T\n{yaml}"), &RULES).expect_err(yaml);
        assert_eq!((refusal.line, refusal.reason.contains("not understood")), (3, true), "{yaml}: {refusal}");
    }
}

#[test]
fn what_is_hidden_anyway_is_no_riddle() {
    for yaml in ["draft: true\nstatus: evergreen", "status: evergreen\npublished: no", "embargoed_by: x\nDraft: yes"] {
        assert_eq!(seen(yaml, &RULES), Ok(vec![NoteKind::HiddenByField]), "{yaml}");
    }
    assert!(seen("draft: false\nstatus: evergreen", &RULES).is_err());
}

#[test]
fn a_password_is_not_told() {
    let text = "---\nPassword: hunter2\n---\n";
    let page = front_matter::read(text, &fields().collect::<Vec<_>>()).unwrap();
    assert_eq!(by_fields(&page.fields, &[], &RULES).unwrap()[0].detail, "Password: …");
    let refusal = seen("password_hint: hunter2", &RULES).unwrap_err();
    assert!(!refusal.reason.contains("hunter2"), "{refusal}");
}

#[test]
fn a_comment_of_a_template_hides_the_text_that_has_it() {
    for line in ["{% comment %}x", "a {%- comment -%}", "{{< comment >}}", "{{% comment %}}x{{% /comment %}}"] {
        let note = by_text(&format!("One.\n\n{line}\n"), 7).expect(line);
        assert_eq!((note.kind, note.line), (NoteKind::HiddenText, 9), "{line}");
    }
    for line in ["{% comments %}", "{{< comment_form >}}", "{{ comment }}", "% comment", "{{< ref \"comment\" >}}"] {
        assert_eq!(by_text(line, 1), None, "{line}");
    }
}

#[test]
fn a_path_hides_as_jekyll_reads_it() {
    let kind = |path, dated| by_path(path, dated, &RULES).map(|(note, _)| note.kind);
    for path in
        ["_drafts/a.md", "blog/_drafts/deep/a.md", "_wip.md", "_secret/a.md", "a/#b.md", "_posts/a.md", "_posts/x/b.md"]
    {
        assert_eq!(kind(path, false), Some(NoteKind::HiddenByPath), "{path}");
        assert_eq!(kind(path, true), Some(NoteKind::HiddenByPath), "{path}");
    }
    for path in ["a.md", "posts/a.md", "drafts_of_a_novel/a.md", "_posts/2020-01-02-a.md", "b/_posts/c/2020-1-2-a.md"] {
        assert_eq!(kind(path, false), None, "{path}");
    }
    assert_eq!(kind("_posts/2031-01-02-a.md", false), Some(NoteKind::NotYetPublished));
    assert_eq!(kind("_posts/2031-01-02-a.md", true), None);
}

#[test]
fn every_field_is_named_once_and_in_the_form_that_is_compared() {
    for (index, (key, _)) in KEYS.iter().enumerate() {
        assert!(key.bytes().all(|byte| byte.is_ascii_lowercase()), "{key}");
        assert!(KEYS[..index].iter().all(|(other, _)| other != key), "{key}");
    }
}
