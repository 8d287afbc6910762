use super::*;

fn of(samples: impl IntoIterator<Item = (u64, u64)>) -> Latencies {
    Latencies::from(Recorded(samples.into_iter().map(|(millis, count)| (millis * 1000, count)).collect()))
}

#[test]
fn a_step_at_20_or_100_ms_is_seen() {
    assert!((of([(1, 98), (20, 2)]).steps() - 2.0).abs() < 1e-9);
    assert!((of([(1, 99), (100, 1)]).steps() - 1.0).abs() < 1e-9);
}

#[test]
fn a_tail_is_no_step() {
    assert_eq!(of((1..200).map(|millis| (millis, 1000 / millis))).steps(), 0.0);
    assert_eq!(of([(1, 100)]).steps(), 0.0);
}

#[test]
fn a_distribution_survives_the_way_between_processes() {
    let there = of([(1, 90), (5, 9), (300, 1)]);
    let text = serde_json::to_string(&there.recorded()).unwrap();
    let back = Latencies::from(serde_json::from_str::<Recorded>(&text).unwrap());
    assert_eq!((back.count(), back.line()), (there.count(), there.line()));
}

#[test]
fn the_median_is_the_middle() {
    assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
    assert!(median(Vec::new()).is_nan());
}
