use super::*;

fn soon() -> Instant {
    Instant::now() + Duration::from_millis(50)
}

/// As many turns as there may be.
async fn all_turns(limiter: &Limiter) -> Vec<Result<Turn, Busy>> {
    futures::future::join_all((0..limiter.limit()).map(|_| limiter.turn(soon()))).await
}

/// Takes as many turns as there may be, says what became of each, told how many they are, and gives them back.
async fn all_told(limiter: &Limiter, tell: impl Fn(&mut State, usize)) {
    let turns = all_turns(limiter).await;
    limiter.adjust(|state| turns.iter().for_each(|_| tell(state, turns.len())));
    turns.into_iter().flatten().for_each(|mut turn| turn.depends_on_client());
}

/// A request that has no company is answered.
async fn alone(limiter: &Limiter, took: f64) {
    let turn = limiter.turn(soon()).await.unwrap();
    limiter.adjust(|state| state.learn(took));
    drop(turn);
}

#[tokio::test]
async fn there_are_no_more_than_the_limit_and_who_waits_gets_the_next_turn() {
    let limiter = Limiter::new(2);
    let (first, _second) = (limiter.turn(soon()).await.unwrap(), limiter.turn(soon()).await.unwrap());
    assert_eq!(limiter.turn(soon()).await.unwrap_err(), Busy);
    let waiting = tokio::spawn({
        let limiter = limiter.clone();
        async move { limiter.turn(Instant::now() + Duration::from_secs(5)).await.is_ok() }
    });
    tokio::time::sleep(Duration::from_millis(20)).await;
    drop(first);
    assert!(waiting.await.unwrap());
}

#[tokio::test]
async fn a_queue_has_an_end_and_who_comes_later_is_told_at_once() {
    let limiter = Limiter::new(1);
    let _turn = limiter.turn(soon()).await.unwrap();
    let wait = |_| {
        let limiter = limiter.clone();
        tokio::spawn(async move { limiter.turn(Instant::now() + Duration::from_millis(500)).await.is_ok() })
    };
    let waiting: Vec<_> = (0..8).map(wait).collect();
    tokio::time::sleep(Duration::from_millis(50)).await;
    let began = Instant::now();
    assert_eq!(limiter.turn(Instant::now() + Duration::from_secs(9)).await.unwrap_err(), Busy);
    assert!(began.elapsed() < Duration::from_millis(200));
    for waiting in waiting {
        assert!(!waiting.await.unwrap());
    }
}

#[tokio::test]
async fn it_shrinks_when_answers_take_longer_and_grows_again() {
    let limiter = Limiter::new(1_000);
    let hold = |n: u32| {
        let limiter = limiter.clone();
        async move {
            let mut turns = Vec::new();
            for _ in 0..n {
                turns.extend(limiter.turn(soon()).await);
            }
            turns
        }
    };
    let first = FIRST as u32;
    let turns = hold(first).await;
    (0..300).for_each(|_| limiter.adjust(|state| state.learn(0.001)));
    let usual = limiter.limit();
    assert!(usual > first);
    let turns = (turns, hold(usual - first).await);
    (0..500).for_each(|_| limiter.adjust(|state| state.learn(0.1)));
    let slowed = limiter.limit();
    assert!(slowed < usual / 2 && slowed >= 8, "{slowed} of {usual}");
    drop(turns);
    assert_eq!(limiter.0.turns.available_permits() as u32, slowed, "what was owed is paid");
    let _turns = hold(slowed).await;
    (0..500).for_each(|_| limiter.adjust(|state| state.learn(0.001)));
    assert!(limiter.limit() > slowed);
}

#[tokio::test]
async fn failures_shrink_it_to_the_least() {
    let limiter = Limiter::new(1_000);
    for _ in 0..100 {
        let turns = all_turns(&limiter).await;
        turns.into_iter().flatten().take(1).for_each(Turn::overloaded);
    }
    assert!(limiter.limit() < 16, "{}", limiter.limit());
}

#[tokio::test]
async fn what_takes_long_because_others_wait_does_not_become_usual() {
    let limiter = Limiter::new(512);
    alone(&limiter, 0.1).await;
    // Eight at a time are answered in 100 ms, the others wait for them, for as long as you like.
    for _ in 0..2_000 {
        all_told(&limiter, |state, turns| state.learn(0.1 * (turns as f64 / 8.0).max(1.0))).await;
    }
    assert!((8..40).contains(&limiter.limit()), "{}", limiter.limit());
}

#[tokio::test]
async fn answers_that_come_soon_do_not_shrink_it_however_fast_a_lone_one_is() {
    let limiter = Limiter::new(512);
    alone(&limiter, 0.001).await;
    for _ in 0..50 {
        all_told(&limiter, |state, _| state.learn(0.02)).await;
    }
    assert!(limiter.limit() > 64, "{}", limiter.limit());
}

#[tokio::test]
async fn what_nobody_waits_for_any_more_shrinks_it_and_what_is_given_up_at_once_does_not() {
    let limiter = Limiter::new(512);
    limiter.adjust(|state| state.learn(0.01));
    for _ in 0..50 {
        all_told(&limiter, |state, _| state.give_up(0.001)).await;
    }
    assert_eq!(limiter.limit(), FIRST as u32);
    for _ in 0..50 {
        all_told(&limiter, |state, _| state.give_up(0.5)).await;
    }
    assert!(limiter.limit() < 16, "{}", limiter.limit());
}

#[tokio::test]
async fn where_a_service_stood_still_for_a_moment_nobody_is_refused_afterwards() {
    let limiter = Limiter::new(512);
    alone(&limiter, 0.005).await;
    for _ in 0..100 {
        all_told(&limiter, |state, _| state.learn(0.06)).await;
    }
    assert!(limiter.limit() < 64, "{}", limiter.limit());
    tokio::time::sleep(Duration::from_millis(150)).await;
    all_told(&limiter, |state, _| state.learn(0.5)).await;
    let turns = all_turns(&limiter).await;
    let patient = |_| {
        let limiter = limiter.clone();
        tokio::spawn(async move { limiter.turn(Instant::now() + Duration::from_secs(30)).await.map(drop) })
    };
    let waiting: Vec<_> = (0..64).map(patient).collect();
    tokio::time::sleep(Duration::from_millis(20)).await;
    drop(turns);
    for waiting in waiting {
        waiting.await.unwrap().unwrap();
    }
}
