use super::*;

fn found(text: &str) -> Vec<&str> {
    Said::of(text).words().collect()
}

#[test]
fn a_name_begins_after_an_at_and_ends_where_no_name_goes_on() {
    assert_eq!(found("@ada, (@b.c) and @Bob-2."), ["ada", "b.c", "Bob-2"]);
    assert_eq!(found("مرحبا @ada، 你好@bob"), ["ada"]);
    assert_eq!(found("**@ada**\n> @bob\n\n- @c"), ["ada", "bob", "c"]);
}

#[test]
fn an_address_of_mail_or_of_a_page_mentions_no_one() {
    let no_one = "ada@example.org https://example.org/@ada a.@b @@c \\@d @ @. @_e ada+@example.org";
    assert_eq!(found(no_one), Vec::<&str>::new());
}

#[test]
fn only_words_of_the_text_mention_people() {
    for no_one in [
        "`@ada`",
        "``let a = @ada;``",
        "    @ada",
        "```\n@ada\n```",
        "~~~rust\n#[@ada]\n~~~",
        "https://example.org/?to=@ada",
        "<https://example.org/?to=@ada>",
        "[to @ada](https://example.org/)",
        "[to](https://example.org/?@ada)",
        "[to](https://example.org/ \"for @ada\")",
        "[to][1]\n\n[1]: https://example.org/?@ada",
        "![of @ada](https://example.org/a.png)",
        "<b title=\" @ada\">b</b>",
        "<!-- @ada -->",
    ] {
        assert_eq!(found(no_one), Vec::<&str>::new(), "{no_one}");
    }
    assert_eq!(found("`@ada` and @ada, or `@bob`"), ["ada"]);
    assert_eq!(found("*@ada* ~~@bob~~ [c](https://example.org/) @d"), ["ada", "bob", "d"]);
}

#[test]
fn what_is_kept_in_code_is_what_was_typed() {
    let ada = Uuid::from_u128(7);
    let typed = "Hi @ada: `@ada` <https://example.org/?@ada> @no-one.";
    let kept = kept(typed, |word| (word == "ada").then_some(ada)).unwrap();
    assert_eq!(kept, format!("Hi @{ada}: `@ada` <https://example.org/?@ada> @no-one."));
    let shown = Said::of(&kept).with(|_, word| account(word).map(|_| "lovelace".to_owned()));
    assert_eq!(shown, "Hi @lovelace: `@ada` <https://example.org/?@ada> @no-one.");
}

#[test]
fn a_text_mentions_people_so_often_and_no_oftener() {
    let text = |times: usize| "@a ".repeat(times) + "`@a` @no-one";
    let bearer = |word: &str| (word == "a").then_some(Uuid::max());
    let kept_text = kept(&text(CommentText::MOST_MENTIONS), bearer).unwrap();
    assert_eq!(kept_text.matches(&Uuid::max().to_string()).count(), CommentText::MOST_MENTIONS);
    assert_eq!(kept(&text(CommentText::MOST_MENTIONS + 1), bearer), Err(TooManyMentions));
    // An id that is typed is one of them.
    let typed = format!("@{} ", Uuid::max()) + &text(CommentText::MOST_MENTIONS);
    assert_eq!(kept(&typed, bearer), Err(TooManyMentions));
}

/// Else a text of 5,000 characters would become one of 60,000 for the parser.
#[test]
fn very_many_words_after_an_at_are_refused_and_make_no_text_long() {
    let typed = "@a ".repeat(CommentText::LIMITS.most / 3);
    assert_eq!(kept(&typed, |_| None), Err(TooManyMentions));
    assert_eq!(kept(&"@a ".repeat(MOST_WORDS), |_| None).as_deref(), Ok("@a ".repeat(MOST_WORDS).as_str()));
    assert_eq!(Said::of(&typed).marked().text(), typed);
    // What was kept before there was a bound: an account is shown by its name all the same.
    let before = format!("{typed}@{}", Uuid::max());
    assert_eq!(Said::of(&before).words().collect::<Vec<_>>(), [Uuid::max().to_string()]);
}

#[test]
fn what_is_kept_is_longer_by_so_many_ids() {
    let words = "a".repeat(CommentText::LIMITS.most - 3 * CommentText::MOST_MENTIONS - 1);
    let typed = "@a ".repeat(CommentText::MOST_MENTIONS) + &words;
    let text = kept(&typed, |_| Some(Uuid::max())).unwrap();
    assert!(text.parse::<CommentText>().is_err() && CommentText::try_from(text).is_ok());
}

#[test]
fn a_word_that_is_no_name_is_a_word() {
    assert_eq!(found(&format!("@{}", "a".repeat(65))), Vec::<&str>::new());
    assert_eq!(found(&format!("@{}", "a".repeat(64))).len(), 1);
}

#[test]
fn only_an_id_as_it_is_written_is_one() {
    let ada = Uuid::from_u128(0xabc);
    assert_eq!(account(&ada.to_string()), Some(ada));
    assert_eq!(account(&ada.simple().to_string()), None);
    assert_eq!(account(&ada.to_string().to_uppercase()), None);
    assert_eq!(accounts(&format!("@{ada} `@{ada}` @ada")), BTreeSet::from([ada]));
}

#[test]
fn what_takes_a_parser_too_long_mentions_no_one_and_ends() {
    for attack in ["[".repeat(4_990), "*_".repeat(2_490), "> ".repeat(2_490), "`".repeat(4_990)] {
        let _ = found(&format!("{attack} @ada"));
    }
}
