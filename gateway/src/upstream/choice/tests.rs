use super::*;

fn choice(names: &[&'static str]) -> Choice {
    let choice = Choice::default();
    choice.replace(names.iter().map(|name| Authority::from_static(name)).collect());
    assert!(choice.all().iter().all(|replica| replica.checked(Readiness::Ready)));
    choice
}

fn picked(choice: &Choice, tried: &[Authority]) -> Vec<String> {
    let pick = |_| choice.pick(Instant::now(), tried).unwrap().authority.to_string();
    let mut picked: Vec<String> = (0..100).map(pick).collect();
    picked.sort();
    picked.dedup();
    picked
}

#[test]
fn the_busier_of_two_is_not_asked() {
    let choice = choice(&["a:1", "b:1"]);
    assert_eq!(picked(&choice, &[]), ["a:1", "b:1"], "all things being equal, both are");
    let _busy = choice.all()[0].take();
    assert_eq!(picked(&choice, &[]), ["b:1"]);
}

#[test]
fn who_is_not_ready_or_was_tried_is_asked_last() {
    let choice = choice(&["a:1", "b:1", "c:1"]);
    choice.all()[0].checked(Readiness::Unready);
    assert_eq!(picked(&choice, &[]), ["b:1", "c:1"]);
    let [b, c] = ["b:1", "c:1"].map(Authority::from_static);
    assert_eq!(picked(&choice, std::slice::from_ref(&b)), ["c:1"]);
    assert_eq!(picked(&choice, &[b, c]), ["a:1"]);
    assert!(Choice::default().pick(Instant::now(), &[]).is_none());
}

#[test]
fn who_fails_again_and_again_is_passed_over_for_a_while() {
    let (choice, now) = (choice(&["a:1", "b:1"]), Instant::now());
    let bad = Arc::clone(&choice.all()[0]);
    assert_eq!((0..5).filter(|_| bad.record(now, false)).count(), 1);
    assert_eq!(picked(&choice, &[]), ["b:1"]);
    assert!(!bad.is_ejected(now + std::time::Duration::from_secs(3)));
    bad.record(now, true);
    assert!(!bad.is_ejected(now));
}

#[test]
fn who_stays_keeps_what_is_known() {
    let choice = choice(&["a:1", "b:1"]);
    let _busy = choice.all()[0].take();
    choice.replace(vec![Authority::from_static("a:1"), Authority::from_static("c:1")]);
    let loads: Vec<_> = choice.all().iter().map(|replica| (replica.load(), replica.readiness())).collect();
    assert_eq!(loads, [(1, Readiness::Ready), (0, Readiness::Unknown)]);
}
