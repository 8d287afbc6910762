use crate::Kind;
use crate::testing::Run;

fn three() -> Run {
    let mut run = Run::new();
    (1..=3).for_each(|value| drop(run.set("a", value)));
    run
}

#[test]
fn versions_without_a_gap_are_fine() {
    three().is_clean();
}

#[test]
fn a_gap_and_a_repeat_are_forks() {
    let mut run = three();
    run.event("cells", 3).version = 4;
    run.has(Kind::Forked);
    run.event("cells", 3).version = 2;
    run.has(Kind::Forked);
}

#[test]
fn time_runs_forward() {
    let mut run = three();
    run.event("cells", 2).occurred_at = 0;
    run.is(Kind::Forked);
}

#[test]
fn an_aggregate_stays_in_its_partition() {
    let mut run = three();
    let mut other = run.history.partitions[2].clone();
    other.number = 1;
    other.records.truncate(2);
    run.history.partitions.push(other);
    run.has(Kind::Forked);
}
