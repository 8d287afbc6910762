use uuid::Uuid;

use super::*;

fn found(text: &str) -> Vec<&str> {
    words(text).map(|(_, word)| word).collect()
}

#[test]
fn a_name_begins_after_an_at_and_ends_where_no_name_goes_on() {
    assert_eq!(found("@ada, (@b.c) and @Bob-2."), ["ada", "b.c", "Bob-2"]);
    assert_eq!(found("مرحبا @ada، 你好@bob"), ["ada"]);
    assert_eq!(found("**@ada**\n> @bob"), ["ada", "bob"]);
}

#[test]
fn an_address_of_mail_or_of_a_page_mentions_no_one() {
    assert_eq!(found("ada@example.org https://example.org/@ada a.@b @@c \\@d @ @. @_e"), Vec::<&str>::new());
}

#[test]
fn a_word_that_is_no_name_is_a_word() {
    assert_eq!(found(&format!("@{}", "a".repeat(65))), Vec::<&str>::new());
    assert_eq!(found(&format!("@{}", "a".repeat(64))).len(), 1);
}

#[test]
fn a_name_is_found_once_in_whatever_case_and_only_so_many_are() {
    assert_eq!(names("@ada @Ada @bob").iter().map(UserName::as_str).collect::<Vec<_>>(), ["ada", "bob"]);
    let many: String = (0..2 * MOST).map(|number| format!("@name{number} ")).collect();
    assert_eq!(names(&many).len(), MOST);
}

#[test]
fn what_is_kept_is_the_id_and_what_is_shown_the_name() {
    let ada = Uuid::from_u128(7);
    let kept = kept("Hi @ada, and @no-one.", |word| (word == "ada").then_some(ada));
    assert_eq!(kept, format!("Hi @{ada}, and @no-one."));
    assert_eq!(accounts(&kept), [ada]);
    let shown = with_others(&kept, |word| account(word).map(|_| "ada2".to_owned()));
    assert_eq!(shown, "Hi @ada2, and @no-one.");
}

#[test]
fn only_an_id_as_it_is_written_is_one() {
    let ada = Uuid::from_u128(0xabc);
    assert_eq!(account(&ada.to_string()), Some(ada));
    assert_eq!(account(&ada.simple().to_string()), None);
    assert_eq!(account(&ada.to_string().to_uppercase()), None);
}

#[test]
fn what_is_kept_is_longer_by_so_many_ids() {
    let text = kept(&"@a ".repeat(1_666), |_| Some(Uuid::max()));
    assert!(text.parse::<CommentText>().is_err() && CommentText::try_from(text).is_ok());
}
