use time::macros::datetime;

use super::*;
use crate::date::Zone;

fn parse(path: &str, name: &str, text: &str) -> Result<ParsedAuthor, Refusal> {
    let rules = Rules { now: datetime!(2025-06-01 12:00 UTC), publish_expired: false, zone: Zone::UTC };
    super::parse(path, name, text, &rules)
}

#[test]
fn a_page_is_read() {
    let text = "---\nslug: other\ndisplay_name: \"Ada  L\"\nbio: Wrote.\nimage_url: https://a.example/a.png\n---\n";
    let author = parse("authors/ada-l/_index.md", "ada-l", text).unwrap();
    assert_eq!((author.user_name.as_str(), author.key.as_str()), ("ada-l", "ada-l"));
    assert_eq!((author.display_name.as_str(), author.bio.as_str()), ("Ada L", "Wrote."));
    assert_eq!(author.notes, []);
}

#[test]
fn a_folders_name_is_made_a_valid_user_name() {
    let author = parse("p", "José Ñandú_", "---\ndisplay_name: José\n---\nText.\n").unwrap();
    assert_eq!((author.user_name.as_str(), author.key.as_str()), ("jose-nandu", "José Ñandú_"));
    let kinds: Vec<_> = author.notes.iter().map(|note| note.kind).collect();
    assert_eq!(kinds, [NoteKind::AuthorTextNotKept, NoteKind::UserNameRepaired]);
}

#[test]
fn without_a_display_name_the_folders_name_is_shown() {
    let author = parse("p", "ada", "---\ndisplay_name: \n---\n").unwrap();
    assert_eq!((author.display_name.as_str(), author.notes[0].kind), ("ada", NoteKind::NoDisplayName));
}

#[test]
fn what_the_domain_does_not_take_is_refused_with_its_line() {
    let refusal = parse("p", "ada", "---\ndisplay_name: A\nimage_url: javascript:x\n---\n").unwrap_err();
    assert_eq!((refusal.line, refusal.reason.starts_with("image_url: ")), (3, true), "{refusal}");
    assert!(parse("p", "…", "---\ndisplay_name: A\n---\n").is_err());
}

#[test]
fn a_name_alone_makes_a_stub() {
    let author = stub("Søren K.").unwrap().unwrap();
    assert_eq!(
        (author.key.as_str(), author.user_name.as_str(), author.display_name.as_str()),
        ("soren-k", "soren-k", "Søren K.")
    );
    assert!(stub("—").unwrap().is_none());
    assert!(stub("S\u{f8}ren\u{202e}K").is_err());
}

#[test]
fn of_a_hidden_page_only_the_name_is_taken() {
    for hidden in ["draft: true", "Published: no", "visibility: private", "date: 2031-01-01", "headless: true"] {
        let front = format!("display_name: Ada\nbio: Wrote.\nimage_url: https://a.example/a.png\n{hidden}");
        let author = parse("p", "ada", &format!("---\n{front}\n---\n")).unwrap();
        assert_eq!((author.display_name.as_str(), author.bio.as_str(), author.image_url.as_str()), ("Ada", "", ""));
        assert_eq!(author.notes, [Note::new(NoteKind::AuthorHidden, 5, hidden)]);
    }
}
