use proptest::prelude::*;

use super::*;

#[test]
fn a_line_in_any_script_is_fine() {
    for good in [
        "",
        "Terms",
        "C++\u{a0}& “Rust” – 2026",
        "Größe, naïveté, co\u{302}te",
        "日本語の題名。",
        "葛\u{e0100}城市",
        "שלום, עולם\u{200f}!",
        "مرحبا (C++\u{200e}) بالعالم",
        "می\u{200c}خواهم",
        "خانه\u{200c}ها",
        "ه\u{200d}.",
        "क\u{94d}\u{200d}ष",
        "क\u{94d}\u{200c}ष",
        "র\u{200d}\u{9cd}য",
        "ශ\u{dca}\u{200d}රී",
        "ᠮᠣᠩᠭᠣᠯ\u{180e}ᠠ",
        "👩\u{200d}💻",
        "👩🏽\u{200d}🚀",
        "❤\u{fe0f}\u{200d}🔥",
        "🏳\u{fe0f}\u{200d}🌈",
        "👨\u{200d}👩\u{200d}👧\u{200d}👦",
        "1\u{fe0f}\u{20e3}",
        "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
        "🇵🇹",
    ] {
        assert_eq!(line(good), Ok(()), "{}", good.escape_unicode());
    }
}

#[test]
fn what_is_not_seen_or_turns_the_line_round_is_refused() {
    for bad in [
        "\u{200b}",
        "a\u{200b}b",
        "\u{feff}Terms",
        "admin\u{200d}",
        "ad\u{200c}min",
        "a\u{200d}b",
        "\u{200d}💻",
        "💻\u{200d}",
        "photo\u{202e}gpj.exe",
        "\u{202a}a\u{202c}",
        "\u{2066}a\u{2069}",
        "a\u{200e}b",
        "a\u{200f}b",
        "a\u{61c}b",
        "a\u{2060}b",
        "a\u{ad}b",
        "a\u{34f}b",
        "\u{3164}",
        "\u{ffa0}",
        "\u{115f}\u{1160}",
        "\u{fe0f}",
        " \u{fe0f}",
        "a\u{fe0f}b",
        "1\u{fe0f}",
        "a\u{e0100}",
        "مح\u{200d}مد",
        "a\u{fe0f}\u{fe0f}",
        "a\u{e0061}\u{e0062}",
        "🏴\u{e0067}\u{e0062}",
        "🏴\u{e007f}",
        "a\u{e000}",
        "a\u{10fffd}",
        "a\u{378}",
        "a\u{fdd0}",
        "a\u{ffff}",
        "a\u{2028}b",
        "a\u{85}b",
        "a\u{fff9}b\u{fffa}c\u{fffb}",
        "\u{2800}",
        "\u{301}",
        "\u{3000}",
        "\u{e0001}a",
    ] {
        assert!(line(bad).is_err(), "{}", bad.escape_unicode());
    }
    assert_eq!(
        line("a\u{202e}b"),
        Err(Invalid("may not hold the character U+202E, which is not seen there, or turns the line round".into()))
    );
}

#[test]
fn a_longer_text_holds_what_every_format_can_hold() {
    for good in ["", "a\tb\r\nc", "a\u{202e}b", "a\u{200b}b", "a\u{7f}b\u{85}", "\u{fffd}\u{fdd0}"] {
        assert_eq!(text(good), Ok(()), "{}", good.escape_unicode());
    }
    for bad in ["\u{0}", "a\u{8}", "a\u{b}", "a\u{c}", "a\u{1b}[0m", "\u{fffe}", "\u{ffff}"] {
        assert!(text(bad).is_err(), "{}", bad.escape_unicode());
    }
    let invalid = Invalid("may not hold the character U+000C, as it does in line 3".into());
    assert_eq!(text("one\ntwo\nthree\u{c}"), Err(invalid));
}

#[test]
fn an_address_ends_where_it_is_seen_to_end() {
    for good in ["", "https://example.org/ada.png?a=1&b=[2]#c", "http://[::1]/é.png"] {
        assert_eq!(address(good), Ok(()), "{good}");
    }
    for bad in ["http://x\" onerror=a", "http://x/<b>", "http://x/a b", "http://x/\u{202e}gnp.a", "http://x\\y"] {
        assert!(address(bad).is_err(), "{}", bad.escape_unicode());
    }
}

proptest! {
    /// No two lines that are fine look alike because of something in one of them that has no shape: put into a line of
    /// Latin letters, nothing that has none is fine.
    #[test]
    fn nothing_without_a_shape_hides_among_letters(c in any::<char>(), at in 0..6_usize) {
        let mut chars: Vec<char> = "letter".chars().collect();
        chars.insert(at, c);
        let with: String = chars.iter().collect();
        if is_ignorable(c) {
            prop_assert!(line(&with).is_err());
        }
        if c.is_alphanumeric() && !is_ignorable(c) && category(c) != GeneralCategory::Unassigned {
            prop_assert_eq!(line(&with), Ok(()));
        }
    }
}
