use uuid::Uuid;

use super::*;

fn positions(logs: &[Option<u128>]) -> Positions {
    let at = |(partition, log): (i32, &Option<u128>)| {
        let position = Position { log_id: log.map(Uuid::from_u128), ..Position::START };
        (PartitionId { context: "posts".to_owned(), partition }, position)
    };
    (0..).zip(logs).map(at).collect()
}

#[test]
fn a_store_that_was_put_to_another_log_is_refused_whatever_its_partitions_are() {
    let ours = positions(&[Some(1), None, Some(3)]);
    for same in [&[Some(1), Some(2), Some(3)][..], &[None, None, None], &[Some(1)], &[Some(1), None, Some(3), Some(4)]]
    {
        assert!(one_log(&ours, &positions(same)).is_ok(), "{same:?}");
    }
    for other in [&[Some(1), None, Some(9)][..], &[Some(9), None, None], &[Some(9), Some(2), Some(3), Some(4)]] {
        let refused = one_log(&ours, &positions(other)).unwrap_err();
        assert!(refused.to_string().contains("another log"), "{refused}");
    }
}
