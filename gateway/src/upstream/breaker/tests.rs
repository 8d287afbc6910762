use super::*;

fn failed(breaker: &mut Breaker, now: Instant) -> bool {
    let pass = breaker.admit(now).unwrap();
    breaker.record(now, pass, false)
}

fn tripped(now: Instant) -> Breaker {
    let mut breaker = Breaker::new(now);
    let opened: Vec<bool> = (0..10).map(|_| failed(&mut breaker, now)).collect();
    assert_eq!(opened.iter().filter(|opened| **opened).count(), 1);
    assert!(opened[9]);
    breaker
}

#[test]
fn failures_open_it_and_a_good_trial_closes_it() {
    let now = Instant::now();
    let mut breaker = tripped(now);
    assert_eq!(breaker.admit(now), Err(PAUSE));
    let trial = breaker.admit(now + PAUSE).unwrap();
    assert_eq!(breaker.admit(now + PAUSE), Err(TRIAL_EVERY), "one trial at a time");
    breaker.record(now + PAUSE, trial, true);
    assert!(!failed(&mut breaker, now + PAUSE), "what was before is forgotten");
}

#[test]
fn each_bad_trial_makes_it_wait_longer() {
    let mut now = Instant::now();
    let mut breaker = tripped(now);
    for pause in [1, 2, 4, 8, 16, 16].map(|times| PAUSE * times) {
        assert_eq!(breaker.admit(now), Err(pause));
        now += pause;
        assert!(!failed(&mut breaker, now), "it is open already");
    }
    assert_eq!(breaker.admit(now), Err(LONGEST));
}

#[test]
fn what_began_before_it_opened_changes_nothing() {
    let now = Instant::now();
    let mut breaker = Breaker::new(now);
    let passes: Vec<Pass> = (0..30).map(|_| breaker.admit(now).unwrap()).collect();
    let opened = passes.iter().filter(|pass| breaker.record(now, **pass, false)).count();
    assert_eq!((opened, breaker.admit(now)), (1, Err(PAUSE)), "the first pause is the shortest");
    breaker.record(now, passes[0], true);
    assert_eq!(breaker.admit(now), Err(PAUSE), "nor does what went well then");
    let trial = breaker.admit(now + PAUSE).unwrap();
    breaker.record(now + PAUSE, trial, true);
    assert!((0..30).all(|at| !breaker.record(now + PAUSE, passes[at], false)));
}

#[test]
fn of_trials_at_a_time_one_that_fails_counts_and_any_that_does_not() {
    let now = Instant::now();
    let mut breaker = tripped(now);
    let trials = [0, 1, 2].map(|number| breaker.admit(now + PAUSE + TRIAL_EVERY * number).unwrap());
    let later = now + PAUSE + TRIAL_EVERY * 3;
    for trial in trials {
        breaker.record(later, trial, false);
    }
    assert_eq!(breaker.admit(later), Err(PAUSE * 2));
    breaker.record(later, trials[2], true);
    assert!(breaker.admit(later).is_ok(), "another replica did well");
}

#[test]
fn a_few_failures_among_many_or_long_ago_open_nothing() {
    let now = Instant::now();
    let mut breaker = Breaker::new(now);
    let pass = breaker.admit(now).unwrap();
    for at in 0..200 {
        assert!(!breaker.record(now + Duration::from_millis(10 * at), pass, at % 4 == 0 || at % 2 == 1));
    }
    let mut breaker = Breaker::new(now);
    assert!((0..9).all(|_| !breaker.record(now, pass, false)));
    assert!(!breaker.record(now + Duration::from_secs(11), pass, false));
}
