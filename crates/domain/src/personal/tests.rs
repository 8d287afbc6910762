use super::{Personal, Sealed};
use crate::values::{Bio, DisplayName, Invalid};

const SEALED: &str = "sealed.v1.AbC-_9";

#[test]
fn sealed_and_plain_text_are_one_string_each() {
    for text in [SEALED, "Ada", ""] {
        let name: Personal<DisplayName> = serde_json::from_value(text.into()).unwrap();
        assert_eq!(name.is_sealed(), text == SEALED);
        assert_eq!(name.as_str(), text);
        assert_eq!(serde_json::to_value(&name).unwrap(), text);
    }
}

#[test]
fn what_only_looks_sealed_is_neither() {
    for text in ["sealed.v1.", "sealed.v1.a b", "sealed.v1.a=", "sealed.v1.é"] {
        assert!(text.parse::<Personal<DisplayName>>().is_err(), "{text}");
        assert!(text.parse::<DisplayName>().is_err(), "{text}");
        assert!(text.parse::<Bio>().is_err(), "{text}");
    }
    assert!("sealed.v0.a".parse::<Bio>().is_ok());
}

#[test]
fn sealed_text_is_opened_or_gone_or_refused() {
    let sealed = || Personal::<DisplayName>::Sealed(Sealed::of_base64url("AbC").unwrap());
    let opened = |result: Result<Option<String>, Invalid>| {
        let mut name = sealed();
        let outcome = name.open(&mut |field, sealed| {
            assert_eq!((field, sealed.base64url()), ("display_name", "AbC"));
            result.clone()
        });
        outcome.map(|()| name)
    };
    assert_eq!(opened(Ok(Some("Ada".into()))), Ok("Ada".parse().unwrap()));
    assert_eq!(opened(Ok(None)), Ok("".parse().unwrap()));
    assert!(opened(Ok(Some("two\nlines".into()))).is_err());
    assert!(opened(Err(Invalid("does not verify".into()))).is_err());
    assert_eq!(sealed().shown(), "");
}

#[test]
fn it_does_not_show_in_logs() {
    let name: Personal<DisplayName> = "Ada".parse().unwrap();
    assert_eq!(format!("{name:?}"), "Plain(***)");
}
