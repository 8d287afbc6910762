use super::*;

#[test]
fn a_title_is_one_trimmed_line() {
    assert_eq!("  Hello ".parse::<Title>().unwrap().as_str(), "Hello");
    assert!("".parse::<Title>().is_err());
    assert!("a\nb".parse::<Title>().is_err());
    assert!("x".repeat(301).parse::<Title>().is_err());
}

/// A rule that came later says what can be typed. What was accepted before is in the log, and is read for ever.
#[test]
fn what_may_be_in_the_log_is_more_than_what_can_be_typed() {
    fn is_only_read<T>(text: &str)
    where
        T: std::str::FromStr<Err = Invalid> + serde::de::DeserializeOwned + std::fmt::Debug,
    {
        assert!(text.parse::<T>().is_err(), "{}", text.escape_unicode());
        serde_json::from_value::<T>(text.into()).unwrap();
    }
    is_only_read::<Title>("photo\u{202e}gpj");
    is_only_read::<DisplayName>("\u{200b}");
    is_only_read::<Summary>("a\u{c}b");
    is_only_read::<Markdown>("\u{1b}[0m");
    is_only_read::<Bio>("\u{ffff}");
    is_only_read::<ImageUrl>("http://x\" onerror=a");
}

/// What is cut off around a line needs no place in it. In a text it counts, for a schema cannot cut.
#[test]
fn space_around_a_line_is_cut_off() {
    assert_eq!(" a\n".parse::<Title>().unwrap().as_str(), "a");
    assert!(format!("{} ", "x".repeat(300)).parse::<Title>().is_err(), "as long as it was sent");
    assert!("http://x ".parse::<ImageUrl>().is_err());
    assert!("\u{b}a".parse::<Summary>().is_err());
}

#[test]
fn a_slug_is_kebab_case() {
    assert!("a-year-in-2019".parse::<Slug>().is_ok());
    for bad in ["", "A", "a--b", "-a", "a-", "a b", "ä", &"x".repeat(201)] {
        assert!(bad.parse::<Slug>().is_err(), "{bad}");
    }
}

#[test]
fn a_title_suggests_a_slug() {
    assert_eq!(Slug::suggested_by("Big Data & the Citizen’s Größe").as_str(), "big-data-the-citizens-grosse");
    assert_eq!(Slug::suggested_by("!!!").as_str(), "post");
}

#[test]
fn a_suffix_fits_within_the_limit() {
    let long: Slug = "x".repeat(200).parse().unwrap();
    let suffixed = long.with_suffix("abc123");
    assert!(suffixed.as_str().parse::<Slug>().is_ok(), "{suffixed}");
    assert!(suffixed.as_str().ends_with("-abc123"));
}

#[test]
fn user_names_are_unique_without_regard_to_case() {
    assert_eq!("Ada.L".parse::<UserName>().unwrap().canonical(), "ada.l");
    for bad in ["", ".a", "a-", "a b", "ä"] {
        assert!(bad.parse::<UserName>().is_err(), "{bad}");
    }
}

#[test]
fn json_cannot_smuggle_a_bad_value_in() {
    assert!(serde_json::from_str::<Slug>("\"Not A Slug\"").is_err());
    assert!(serde_json::from_str::<ImageUrl>("\"javascript:alert(1)\"").is_err());
}

#[test]
fn a_locale_is_a_tag_in_its_usual_case() {
    assert_eq!("PT-br".parse::<Locale>().unwrap().as_str(), "pt-BR");
    assert_eq!("zh-hant-tw".parse::<Locale>().unwrap().as_str(), "zh-Hant-TW");
    for bad in ["", "english language", "x", "en_GB", &"en-".repeat(20)] {
        assert!(bad.parse::<Locale>().is_err(), "{bad}");
    }
}

#[test]
fn a_time_zone_is_one_of_the_list() {
    assert_eq!("europe/lisbon".parse::<TimeZone>().unwrap().as_str(), "Europe/Lisbon");
    assert!(TimeZone::names().count() > 400 && TimeZone::names().any(|name| name == "UTC"));
    for bad in ["", "Europe/Atlantis", "+01:00", "../etc/passwd", &"x".repeat(1_000)] {
        assert!(bad.parse::<TimeZone>().is_err(), "{bad}");
    }
}

#[test]
fn custom_fields_are_an_object_in_its_canonical_form_within_bounds() {
    let read = |text: &str| text.parse::<CustomFields>();
    assert_eq!(
        read(r#"{ "b": [1.50, null], "a": {"é": "مرحبا"} }"#).unwrap().as_str(),
        r#"{"a":{"é":"مرحبا"},"b":[1.5,null]}"#
    );
    for bad in ["", "[]", "1", "{", r#"{"a":1}x"#] {
        assert!(read(bad).is_err(), "{bad}");
    }
    let nested = |levels: usize| format!("{{\"a\":{}1{}}}", "[".repeat(levels - 1), "]".repeat(levels - 1));
    assert!(read(&nested(8)).is_ok() && read(&nested(9)).is_err());
    let long = |bytes: usize| format!("{{\"a\":\"{}\"}}", "x".repeat(bytes - 8));
    assert!(read(&long(16_384)).is_ok() && read(&long(16_385)).is_err());
    let wide = |fields: usize| serde_json::Value::Object((0..fields).map(|n| (n.to_string(), n.into())).collect());
    assert!(CustomFields::try_from(&wide(200)).is_ok() && CustomFields::try_from(&wide(201)).is_err());
}

#[test]
fn a_cover_is_an_address_or_a_medium() {
    let sha256: Sha256 = "5a".repeat(32).parse().unwrap();
    let cover: CoverImage = format!("/media/{sha256}").parse().unwrap();
    assert_eq!((cover.sha256(), cover), (Some(sha256.clone()), sha256.into()));
    assert_eq!("https://example.org/a.jpg".parse::<CoverImage>().unwrap().sha256(), None);
    assert!("/media/5A".parse::<CoverImage>().is_err());
    for bad in ["javascript:alert(1)", "https://", "http:///a", "/a.jpg", "ftp://example.org/a", "https://a\u{7}b.org"]
    {
        assert!(bad.parse::<CoverImage>().is_err() && bad.parse::<WebAddress>().is_err(), "{bad}");
    }
    assert!("https://a b.org".parse::<WebAddress>().is_err() && "https://a\u{202e}.org".parse::<WebAddress>().is_err());
}
