use std::time::Instant;

use super::*;

fn bucket(whom: &str, most: u32) -> Bucket {
    Bucket { class: Class::Writes, whom: Whom::Address(whom.to_owned()), most }
}

#[test]
fn a_minutes_worth_may_come_at_once_and_then_as_fast_as_it_drains() {
    let (local, now, one) = (Local::default(), Instant::now(), [bucket("a", 60)]);
    let taken = (0..100).filter(|_| local.count_at(now, &one)[0].wait.is_zero()).count();
    assert_eq!(taken, 60);
    let level = local.count_at(now, &one)[0];
    assert_eq!((level.left, level.wait, level.full_for), (0, Duration::from_secs(1), MINUTE));
    assert!(local.count_at(now + Duration::from_secs(1), &one)[0].wait.is_zero());
    assert!(!local.count_at(now + Duration::from_secs(1), &one)[0].wait.is_zero());
    assert_eq!(local.count_at(now + 3 * MINUTE, &one)[0].left, 59);
    assert_eq!(local.count_at(now, &[bucket("b", 60)])[0].left, 59, "others are counted by themselves");
}

#[test]
fn a_request_goes_into_all_buckets_or_none() {
    let (local, now) = (Local::default(), Instant::now());
    let both = [bucket("small", 1), bucket("large", 10)];
    assert!(local.count_at(now, &both).iter().all(|level| level.wait.is_zero()));
    (0..5).for_each(|_| assert!(!local.count_at(now, &both)[0].wait.is_zero()));
    assert_eq!(local.count_at(now, &both[1..])[0].left, 8);
}

#[tokio::test]
async fn what_is_left_is_told() {
    let limits = Limits::new(1, None);
    let network = Network("192.0.2.1".into());
    let counted = limits.count(Class::Exports, Some(Uuid::from_u128(1)), &network).await.unwrap();
    let mut headers = HeaderMap::new();
    counted.show(&mut headers);
    let policy = r#""gateway-exports-per-account";q=12;w=60, "gateway-exports-per-address";q=60;w=60"#;
    assert_eq!(headers[POLICY], policy);
    assert_eq!(headers[LIMIT], r#""gateway-exports-per-account";r=11;t=5, "gateway-exports-per-address";r=59;t=1"#);
    for _ in 0..11 {
        limits.count(Class::Exports, Some(Uuid::from_u128(1)), &network).await.unwrap();
    }
    let refusal = limits.count(Class::Exports, Some(Uuid::from_u128(1)), &network).await.unwrap_err();
    let response = refusal.into_response(None);
    assert_eq!((response.status().as_u16(), response.headers()["retry-after"].as_bytes()), (429, &b"5"[..]));
    assert!(limits.count(Class::Exports, None, &network).await.is_ok());
    assert!(Limits::new(0, None).count(Class::Exports, None, &network).await.unwrap().0.is_empty());
}

#[test]
fn requests_at_the_same_time_are_all_counted() {
    let (local, now, both) = (Local::default(), Instant::now(), [bucket("a", 5_000), bucket("b", 9_000)]);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..1_000).for_each(|_| drop(local.count_at(now, &both))));
        }
    });
    let left: Vec<u32> = local.count_at(now, &both).iter().map(|level| level.left).collect();
    assert_eq!(left, [999, 4_999]);
}
