//! Reading single events by their places.

use std::collections::{HashMap, VecDeque};

use event_log::subscription::Picker;
use futures::future::join_all;
use uuid::Uuid;

use crate::commands::draft;
use crate::harness::{Harness, Kafka, PATIENCE};
use crate::subscription::{open, partition, places, read};

/// Drafts so many posts; gives what a reader of all sees: partition, offset, aggregate, version.
async fn written(kafka: &Kafka, posts: usize) -> Vec<(i32, i64, String, u64)> {
    let instance = kafka.start_alone().await;
    let _ = join_all((0..posts).map(|_| instance.accept(draft(Uuid::new_v4())))).await;
    instance.stop().await;
    let mut subscription = open(kafka, HashMap::new()).await.unwrap();
    places(&read(&mut subscription, &mut HashMap::new()).await)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_picks_what_is_wanted_and_reads_little_of_what_is_between() {
    let kafka = Kafka::create(2).await;
    let all = written(&kafka, 4_000).await;
    let mut picker = Picker::new(&kafka.subscription()).await.unwrap();
    let mut records = 0;
    // Far from each other, near, and next to each other; back and forth between the partitions.
    for (number, step) in [(0, 700), (1, 90), (0, 1), (1, 1_500)] {
        let of_it: Vec<_> = all.iter().filter(|place| place.0 == number).collect();
        let wanted: Vec<_> = of_it.iter().step_by(step).take(40).collect();
        let mut left: VecDeque<i64> = wanted.iter().map(|place| place.1).collect();
        let mut found = Vec::new();
        while !left.is_empty() {
            let picked = picker.pick(&partition(number), &mut left, PATIENCE).await.unwrap();
            assert!(!picked.entries.is_empty());
            records += picked.read;
            found.extend(picked.entries.into_iter().map(|entry| (entry.offset, entry.event.unwrap())));
        }
        let found: Vec<_> = found.iter().map(|(offset, event)| (*offset, &event.aggregate_id)).collect();
        assert_eq!(found, wanted.iter().map(|place| (place.1, &place.2)).collect::<Vec<_>>());
    }
    assert!(records < 2_200, "{records}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_event_and_what_is_not_there_is_said() {
    let kafka = Kafka::create(1).await;
    let all = written(&kafka, 3).await;
    let pick = async |offset: i64| {
        let mut picker = Picker::new(&kafka.subscription()).await.unwrap();
        let mut wanted = VecDeque::from([offset]);
        let picked = picker.pick(&partition(0), &mut wanted, std::time::Duration::from_secs(2)).await;
        (picked.map(|picked| picked.entries.len()), picker.pick(&partition(0), &mut wanted, PATIENCE).await.is_ok())
    };
    assert_eq!(pick(all[1].1).await.0.unwrap(), 1);
    // The first record is that of the term.
    let (picked, goes_on) = pick(0).await;
    assert!(picked.unwrap_err().to_string().contains("no event") && !goes_on);
    let (picked, goes_on) = pick(100_000).await;
    assert!(picked.is_err() && !goes_on);
}
