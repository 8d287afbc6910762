use super::*;

fn tag(name: &str) -> Spelled {
    Spelled { latin: latin_tag(name), name: name.into(), line: 1 }
}

#[test]
fn words_are_compared_and_not_letters() {
    for same in [
        ["Ada Lovelace", "ada-lovelace"],
        ["Caf\u{e9}", "cafe\u{301}"],
        ["Customer  experience.", "customer_experience"],
        ["O’Brien", "o'brien"],
        ["J. Doe", "J Doe"],
        ["Groß", "groß"],
    ] {
        assert_eq!(words(same[0]), words(same[1]));
    }
    for different in [["王伟", "汪维"], ["Groß", "Gross"], ["C", "C++"], ["C", "C#"], [".NET", "net"], ["José", "Jose"]]
    {
        assert_ne!(words(different[0]), words(different[1]));
    }
    assert_eq!((words("—"), words(" ' ")), (String::new(), String::new()));
}

#[test]
fn marks_that_make_another_tag_are_spelled_out() {
    for (name, latin) in [
        ("C", "c"),
        ("C++", "c-plus-plus"),
        ("c#", "c-sharp"),
        ("F#/C#", "f-sharp-c-sharp"),
        ("#hashtag", "hashtag"),
        ("Google+", "google-plus"),
        ("Größe", "grosse"),
    ] {
        assert_eq!(latin_tag(name), latin, "{name}");
    }
}

#[test]
fn names_that_come_to_the_same_letters_clash_but_not_with_themselves() {
    let mut spellings = Spellings::default();
    for name in ["王伟", "汪维", "Groß", "gross", "Ada L", "ada-l", "C", "C++"] {
        spellings.add(&tag(name));
    }
    assert_eq!(spellings.clash(&tag("王伟")), Some("汪维"));
    assert_eq!(spellings.clash(&tag("汪维")), Some("王伟"));
    assert_eq!(spellings.clash(&tag("Groß")), Some("gross"));
    for fine in ["Gross", "Ada L", "ada-l", "C", "C++", "new"] {
        assert_eq!(spellings.clash(&tag(fine)), None, "{fine}");
    }
}
