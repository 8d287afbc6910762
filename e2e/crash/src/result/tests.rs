use super::*;

const RESTART: &str = "restart command-services";
const MOVES: &str = "move partitions every 2 s";

/// A seed in which commands were not accepted for this long, in one round of this kind.
fn outcome(seed: u64, quiet_ms: Option<f64>, kind: &str, unavailable_ms: f64) -> Outcome {
    let measured = Measured { faults: 1, alone: 1, unavailable_ms, ..Measured::default() };
    let kinds = BTreeMap::from([(kind.to_owned(), measured)]);
    Outcome { seed, brokers: 1, quiet_ms, kinds, verdict: Verdict::default(), problems: Vec::new() }
}

fn hand_over(outcomes: Vec<Outcome>) -> Bound {
    Sum::of(outcomes).bounds().into_iter().find(|bound| bound.name == "planned hand-over").unwrap()
}

#[test]
fn partitions_that_move_are_handed_over_as_those_of_a_restart_are() {
    let sum = vec![outcome(1, Some(20.0), RESTART, 100.0), outcome(2, Some(20.0), MOVES, 301.0)];
    let bound = hand_over(sum.clone());
    assert_eq!((bound.rounds, bound.measured_ms, bound.judgement), (2, Some(301.0), Judgement::Missed));
    assert!(!Sum::of(sum).is_in_time());
}

#[test]
fn a_noisy_seed_waives_only_itself() {
    let noisy = outcome(1, Some(250.0), RESTART, 900.0);
    let bound = hand_over(vec![noisy.clone(), outcome(2, Some(20.0), RESTART, 200.0)]);
    assert_eq!((bound.rounds, bound.waived), (1, 1));
    assert_eq!((bound.measured_ms, bound.judgement), (Some(200.0), Judgement::Kept));
    assert!(!Sum::of(vec![noisy, outcome(2, Some(20.0), RESTART, 400.0)]).is_in_time(), "a quiet seed missed it");
}

#[test]
fn a_seed_that_never_took_commands_is_not_quiet() {
    let bound = hand_over(vec![outcome(1, None, RESTART, 100.0)]);
    assert_eq!((bound.rounds, bound.waived, bound.judgement), (0, 1, Judgement::NotMeasured));
}

#[test]
fn what_did_not_happen_alone_is_not_measured_and_neither_kept_nor_missed() {
    let mut together = outcome(1, Some(20.0), RESTART, 0.0);
    together.kinds.get_mut(RESTART).unwrap().alone = 0;
    let sum = Sum::of(vec![together]);
    assert!(sum.bounds().iter().all(|bound| bound.judgement == Judgement::NotMeasured && bound.measured_ms.is_none()));
    assert!(sum.is_in_time());
    let json = sum.json();
    assert_eq!(json["unavailable_ms"], json!({}));
    assert_eq!((&json["kinds"][0]["faults"], &json["kinds"][0]["unavailable_ms"]), (&json!(1), &Value::Null));
    assert_eq!(json["bounds"][0]["judgement"], "not_measured");
}

#[test]
fn an_outcome_is_read_as_it_was_written() {
    for quiet_ms in [None, Some(12.5)] {
        let written = serde_json::to_string(&outcome(7, quiet_ms, RESTART, 1.0)).unwrap();
        assert_eq!(serde_json::from_str::<Outcome>(&written).unwrap().quiet_ms, quiet_ms);
    }
}
