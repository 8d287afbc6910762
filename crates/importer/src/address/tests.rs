use super::*;

fn slug(text: &str) -> Slug {
    text.parse().unwrap()
}

fn given(entries: &[(&str, &str, bool)]) -> Vec<String> {
    let asked: Vec<_> = entries.iter().map(|(entry, name, is_own)| (*entry, slug(name), *is_own)).collect();
    let mut addresses = Addresses::of(asked.iter().map(|(entry, name, is_own)| (*entry, name, *is_own)));
    let each = asked.iter().map(|(entry, name, is_own)| addresses.give(entry, name, *is_own).given.to_string());
    each.collect()
}

#[test]
fn the_first_gets_what_it_asks_for_and_a_number_is_none_that_another_asks_for() {
    assert_eq!(
        given(&[("a", "s", true), ("b", "s", true), ("c", "s-2", true), ("d", "s", true)]),
        ["s", "s-3", "s-2", "s-4"]
    );
}

#[test]
fn a_slug_that_a_file_says_goes_before_one_that_was_made() {
    assert_eq!(given(&[("a", "s", false), ("b", "s", true)]), ["s-2", "s"]);
}

#[test]
fn an_entry_that_is_there_keeps_its_address_unless_its_file_asks_for_another() {
    let address = |is_own| Address { asked: slug("s"), given: slug("s-3"), is_own, is_contested: true };
    for (current, kept) in [("s", true), ("s-2", true), ("s-17", true), ("s-1", false), ("s-x", false), ("t", false)] {
        assert_eq!(address(true).keeps(&slug(current)), kept, "{current}");
        assert!(address(false).keeps(&slug(current)), "{current}");
    }
}

#[test]
fn a_long_user_name_has_room_for_its_number() {
    let name: UserName = "x".repeat(64).parse().unwrap();
    assert_eq!(name.numbered(12).as_str().len(), 64);
}
