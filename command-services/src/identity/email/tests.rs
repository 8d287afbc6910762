use super::*;

#[test]
fn an_address_has_a_name_and_a_domain() {
    for good in ["ada@example.org", " Ada.Lovelace+notes@mail.example.co.uk ", "jürgen@bücher.example"] {
        assert!(good.parse::<Email>().is_ok(), "{good}");
    }
    let long = format!("{}@example.org", "x".repeat(250));
    for bad in ["", "ada", "@example.org", "ada@", "ada@localhost", "a b@example.org", "a@b.org\r\nBcc: c@d.org", &long]
    {
        assert!(bad.parse::<Email>().is_err(), "{bad}");
    }
}

#[test]
fn an_address_is_the_same_whatever_its_case_or_composition() {
    let canonical = |text: &str| text.parse::<Email>().unwrap().canonical();
    assert_eq!(canonical("ADA@Example.Org"), "ada@example.org");
    assert_eq!(canonical("ju\u{308}rgen@example.org"), canonical("jürgen@example.org"));
}

#[test]
fn a_domain_is_the_same_however_it_is_spelled() {
    let canonical = |text: &str| text.parse::<Email>().unwrap().canonical();
    let spelled =
        ["ada@bücher.example", "ada@xn--bcher-kva.example", "Ada@BÜCHER.example", "ada@XN--BCHER-KVA.Example"];
    for text in spelled {
        assert_eq!(canonical(text), "ada@xn--bcher-kva.example", "{text}");
    }
    assert_eq!(canonical("ada@bu\u{308}cher.example"), canonical(spelled[0]));
    assert_ne!(canonical("ada@straße.example"), canonical("ada@strasse.example"), "they are two domains");
}

#[test]
fn an_address_does_not_show() {
    assert_eq!(format!("{:?}", "ada@example.org".parse::<Email>().unwrap()), "Email(***)");
}
