use super::*;

fn report() -> Report {
    let mut report = Report { drafts: 1, ..Report::default() };
    report.count(Kind::Account, "authors/a/_index.md", Outcome::Imported);
    report.count(Kind::Category, "c.md", Outcome::Unchanged);
    report.count(Kind::Post, "c.md", Outcome::Changed);
    report.count(Kind::Post, "d.md", Outcome::Refused(Refusal::new(3, "date: `x`\u{1b}[31m cannot be read")));
    report.count(Kind::Post, "b.md", Outcome::Refused(Refusal::new(1, "the file is empty")));
    let note = |file: &str, kind, detail| FileNote { file: file.into(), note: Note::new(kind, 2, detail) };
    report.notes.push(note("c.md", NoteKind::FieldNotKept, "weight"));
    report.notes.push(note("b.md", NoteKind::FieldNotKept, "weight"));
    report.notes.push(note("b.md", NoteKind::SlugRepaired, "A → a"));
    report.finish(Duration::from_millis(1_234));
    report
}

#[test]
fn people_get_numbers_then_refusals_then_notes() {
    let expected = "\
accounts        1 imported, 0 changed, 0 unchanged, 0 refused
categories      0 imported, 0 changed, 1 unchanged, 0 refused
posts           0 imported, 1 changed, 0 unchanged, 2 refused
drafts          1 of the posts, not published
took          1.2 s, 0 commands sent again

refused (2):
  b.md:1: the file is empty
  d.md:3: date: `x` [31m cannot be read

notes (3, in 2 files; --json lists all):
     2  a field of the front matter is not kept: weight
          b.md:2
          c.md:2
     1  the slug was made valid
          b.md:2: A → a
";
    assert_eq!(report().to_string(), expected);
}

#[test]
fn programs_get_json() {
    let json: serde_json::Value = serde_json::from_str(&report().to_json()).unwrap();
    assert_eq!(json["posts"]["refused"], 2);
    assert_eq!(json["refused"][1]["file"], "d.md");
    assert_eq!(json["refused"][1]["line"], 3);
    assert_eq!(json["notes"][0]["kind"], "field-not-kept");
}
