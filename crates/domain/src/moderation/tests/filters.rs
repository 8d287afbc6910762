use super::*;
use crate::values::Filter;

fn filters(words: &[&str]) -> Filters {
    Filters { words: words.iter().map(|word| text(word)).collect(), most_links: Some(1), first_comments: 0 }
}

#[test]
fn an_admin_says_what_comments_are_held_for() {
    let of = |words: &[&str]| {
        let Filters { words, most_links, first_comments } = filters(words);
        Event::FiltersChanged(FiltersChanged { words, most_links, first_comments })
    };
    let set = |words: &[&str]| Command::SetFilters(filters(words));
    given::<Moderation>([]).when(set(&["a"])).by(admin()).then(of(&["a"]));
    given::<Moderation>([of(&["a"])]).when(set(&["a"])).by(admin()).then_nothing();
    given::<Moderation>([of(&["a"])]).when(set(&["b"])).by(admin()).then(of(&["b"]));
    given::<Moderation>([]).when(set(&["a"])).by(editor()).then_refused(Rejection::NotAnAdmin);
    let words = (0..=MOST_WORDS).map(|number| text(&number.to_string())).collect();
    let many = Command::SetFilters(Filters { words, ..Filters::default() });
    given::<Moderation>([]).when(many).by(admin()).then_refused(Rejection::TooManyWords);
}

#[test]
fn words_are_found_whole_in_any_case_and_across_what_is_between_words() {
    let held = |word: &str, text: &str| filters(&[word]).hold(text, 0) == [Filter::Words];
    assert!(held("casino", "Visit the CASINO!") && held("Casino", "casino") && held("straße", "STRASSE straße"));
    assert!(held("buy now", "Buy,\n*now*") && held("buy now", "...buy-now..."));
    assert!(held("casino", "cas\u{200b}i\u{ad}no"), "what is not seen parts no word");
    assert!(!held("casino", "casinos") && !held("now buy", "buy now") && !held("a", ""));
    // A word without letters and digits holds nothing.
    assert!(!held("!", "a b"));
}

#[test]
fn links_are_counted_however_they_are_written() {
    assert_eq!(links("[a](https://example.org) HTTP://example.org and www.example.org"), 3);
    assert_eq!(links("<https://www.example.org>"), 1);
    assert_eq!(links("example.org"), 0);
    let two = "https://a.example https://b.example";
    assert_eq!(filters(&[]).hold(two, 0), [Filter::Links]);
    assert!(filters(&[]).hold("https://a.example", 0).is_empty());
    assert!(Filters { most_links: None, ..filters(&[]) }.hold(two, 0).is_empty());
}

#[test]
fn the_first_comments_of_an_author_are_held_until_so_many_are_shown() {
    let two = Filters { first_comments: 2, ..Filters::default() };
    assert_eq!((two.hold("a", 0), two.hold("a", 1)), (vec![Filter::FirstComments], vec![Filter::FirstComments]));
    assert!(two.hold("a", 2).is_empty() && Filters::default().hold("a", 0).is_empty());
    let all = Filters { first_comments: 1, ..filters(&["a"]) };
    assert_eq!(
        all.hold("a https://a.example https://b.example", 0),
        [Filter::Words, Filter::Links, Filter::FirstComments]
    );
}
