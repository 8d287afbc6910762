use super::*;

#[test]
fn every_partition_of_the_projectors_contexts_has_a_line_with_its_lag() {
    let id = |context: &str, partition| PartitionId { context: context.into(), partition };
    let ends = HashMap::from([(id("posts", 1), 5), (id("posts", 0), 7), (id("accounts", 0), 3)]);
    let position = event_log::subscription::Position { next_offset: 4, ..event_log::subscription::Position::START };
    let at = Positions::from([(id("posts", 0), position)]);
    let lines = lines("lists", &["posts"], &at, &ends);
    let lags: Vec<_> = lines.iter().map(|line| (line.partition, line.position, line.end, line.lag)).collect();
    assert_eq!(lags, [(0, 4, 7, 3), (1, 0, 5, 5)]);
    assert_eq!(table(&lines).lines().count(), 3);
}
