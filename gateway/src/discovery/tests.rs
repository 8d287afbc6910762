use super::*;

#[test]
fn entries_are_read_and_others_refused() {
    for good in ["http://127.0.0.1:8081", "http://a:1, http://[::1]:2/", "dns:commands:8080", "srv:_http._tcp.commands"]
    {
        assert!(good.parse::<Replicas>().is_ok(), "{good}");
    }
    for bad in [
        "",
        "http://",
        "https://a:1",
        "http://a:1/v1",
        "http://u:p@a:1",
        "dns:a",
        "srv:",
        "srv:a:1",
        "a:1",
        "http://a:1,",
    ] {
        assert!(bad.parse::<Replicas>().is_err(), "{bad}");
    }
}

#[tokio::test]
async fn those_that_are_named_need_no_look_up() {
    let mut lookup = Lookup::new("http://b:2,http://a:1,http://a:1".parse().unwrap()).unwrap();
    assert!(!lookup.may_change());
    let found = lookup.look().await;
    assert_eq!(found.iter().map(Authority::as_str).collect::<Vec<_>>(), ["a:1", "b:2"]);
}

#[tokio::test]
async fn a_name_leads_to_its_addresses() {
    let mut lookup = Lookup::new("dns:localhost:8081".parse().unwrap()).unwrap();
    assert!(lookup.may_change());
    let found = lookup.look().await;
    assert!(found.iter().any(|found| found == "127.0.0.1:8081"), "{found:?}");
    let mut gone = Lookup::new("dns:no-such-host.invalid:8081".parse().unwrap()).unwrap();
    assert_eq!(gone.look().await, Vec::<Authority>::new());
}

#[test]
fn what_cannot_be_asked_is_passed_over_and_nothing_at_all_is_no_answer() {
    let some = |all: &[&str]| some(all.iter().map(ToString::to_string));
    assert_eq!(some(&["a:1", "b c:2", ":3"]).unwrap(), ["a:1"]);
    assert!(some(&[]).is_err() && some(&[":0"]).is_err(), "what was known before stays");
}
