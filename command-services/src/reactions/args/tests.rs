use super::*;

fn read(text: &str) -> Result<Names<ReactionKind>, String> {
    text.parse()
}

#[test]
fn names_are_read_with_or_without_spaces_and_there_may_be_none() {
    let kind = |name: &str| name.parse::<ReactionKind>().unwrap();
    let names = read("like, made-me-think").unwrap();
    assert_eq!(names, Names(vec![kind("like"), kind("made-me-think")]));
    assert_eq!(names.have(&kind("like")), Ok(()));
    assert_eq!(names.have(&kind("love")).unwrap_err(), "is not one of like, made-me-think");
    assert_eq!(read(" ").unwrap().have(&kind("like")).unwrap_err(), "there are none here");
}

#[test]
fn what_is_no_name_is_there_twice_or_is_too_much_is_refused() {
    let many: Vec<String> = (0..=MOST).map(|number| format!("kind-{number}")).collect();
    for (text, why) in [
        ("like,Love", "`Love` may hold only"),
        ("like,,love", "`` must have 1 to 32"),
        ("like,like", "`like` is there twice"),
        (&many.join(","), "has more than 32 names"),
    ] {
        let said = read(text).unwrap_err();
        assert!(said.starts_with(why), "{text}: {said}");
    }
    assert!(read(&many[1..].join(",")).is_ok());
}
