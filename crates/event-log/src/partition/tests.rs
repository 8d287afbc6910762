use domain::context::{PayloadDecoder, PayloadEncoder};
use domain::{Actor, Decider, DecisionContext, Event};
use serde::{Deserialize, Serialize};

use super::*;
use crate::record::CommandRef;
use crate::transport::Barriers;

/// A context small enough to see through: a cell holds a number; 13 is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cell;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum CellCommand {
    Set(u32),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct CellEvent(pub(super) u32);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[error("thirteen")]
pub(super) struct Thirteen;

impl Event for CellEvent {
    const NAMES: &'static [&'static str] = &["inklog.cells.Set"];
    fn name(&self) -> &'static str {
        Self::NAMES[0]
    }
    fn encode<E: PayloadEncoder>(&self, encoder: E) -> E::Output {
        encoder.encode(self)
    }
    fn decode<D: PayloadDecoder>(_: &str, decoder: D) -> Option<Result<Self, D::Error>> {
        Some(decoder.decode())
    }
}

impl Decider for Cell {
    const NAME: &'static str = "cells";
    type Command = CellCommand;
    type Event = CellEvent;
    type State = Option<u32>;
    type Rejection = Thirteen;

    fn decide(state: &Option<u32>, command: &CellCommand, _: &DecisionContext) -> Result<Option<CellEvent>, Thirteen> {
        match command {
            CellCommand::Set(13) => Err(Thirteen),
            CellCommand::Set(value) if *state == Some(*value) => Ok(None),
            CellCommand::Set(value) => Ok(Some(CellEvent(*value))),
        }
    }

    fn evolve(_: Option<u32>, event: &CellEvent) -> Option<u32> {
        Some(event.0)
    }

    fn receipt(_: &Option<u32>) -> Option<String> {
        None
    }
}

pub(super) fn request(cell: &str, id: Uuid, body: CellCommand, expected: Option<u64>) -> Request<Cell> {
    let CellCommand::Set(value) = body;
    Request {
        aggregate_id: cell.to_owned(),
        command: CommandRef { id, digest: u64::from(value), correlation_id: id, traceparent: None },
        expected,
        actor: Actor::new(Uuid::nil()),
        body,
    }
}

/// One instance with a log that it alone appends to, read back by hand.
struct Bench {
    partition: Partition<Cell, u32>,
    log: Vec<Record<CellEvent>>,
    read: usize,
    act: Vec<Action<Cell, u32>>,
    /// How barriers are passed, if they are.
    barriers: Option<Barriers>,
}

impl Bench {
    fn leader() -> Self {
        let partition = Partition::new(
            Uuid::from_u128(1),
            "here".into(),
            Limits { waiting: 3, remember_ms: 1_000, ..Limits::default() },
        );
        let mut bench = Self { partition, log: Vec::new(), read: 0, act: Vec::new(), barriers: Some(Barriers::Asked) };
        bench.partition.start_term(Uuid::from_u128(7), &mut bench.act);
        bench.read_back();
        assert!(bench.partition.is_leader());
        bench
    }

    fn set(&mut self, id: u128, value: u32, expected: Option<u64>, now: i64) -> Vec<(u32, Outcome<Cell>)> {
        let request = request("a", Uuid::from_u128(id), CellCommand::Set(value), expected);
        self.partition.command(request, id as u32, Timestamp(now), &mut self.act);
        self.replies()
    }

    fn replies(&mut self) -> Vec<(u32, Outcome<Cell>)> {
        let mut replies = Vec::new();
        while !self.act.is_empty() {
            for action in std::mem::take(&mut self.act) {
                match action {
                    Action::Append(record, _) => self.log.push(record),
                    Action::Reply(to, outcome) => replies.push((to, outcome)),
                    Action::Barrier(number) => match self.barriers {
                        Some(Barriers::Asked) => {
                            let end = Some(self.log.len() as i64);
                            self.partition.barrier(number, end, &mut self.act);
                        }
                        Some(Barriers::Appended) => {
                            let nonce = Uuid::from_u128(number.into());
                            self.partition.append_barrier(number, nonce, &mut self.act);
                        }
                        None => {}
                    },
                    Action::Renew | Action::Released => {}
                    Action::Alarm(alarm) => panic!("{alarm}"),
                }
            }
        }
        replies
    }

    fn read_back(&mut self) -> Vec<(u32, Outcome<Cell>)> {
        let mut replies = self.replies();
        while self.read < self.log.len() {
            let record = self.log[self.read].clone();
            self.partition.record(self.read as i64, record, Timestamp(0), &mut self.act);
            self.read += 1;
            replies.extend(self.replies());
        }
        replies
    }

    fn foreign_term(&mut self, term: u64) {
        let started =
            TermStarted { term, owner: Uuid::from_u128(2), address: "there".into(), nonce: Uuid::from_u128(9) };
        self.log.push(Record::TermStarted(started));
    }
}

fn versions(replies: &[(u32, Outcome<Cell>)]) -> Vec<(u32, u64, bool)> {
    let receipt = |(to, outcome): &(u32, Outcome<Cell>)| match outcome {
        Outcome::Accepted(receipt) => (*to, receipt.version, receipt.changed),
        other => panic!("{other:?}"),
    };
    replies.iter().map(receipt).collect()
}

#[test]
fn a_command_is_answered_when_its_event_is_read_back() {
    let mut bench = Bench::leader();
    assert_eq!(bench.set(1, 5, None, 1), []);
    assert_eq!(versions(&bench.read_back()), [(1, 1, true)]);
}

#[test]
fn commands_in_flight_are_decided_on_top_of_each_other() {
    let mut bench = Bench::leader();
    bench.set(1, 5, Some(0), 1);
    bench.set(2, 6, Some(1), 1);
    assert_eq!(versions(&bench.read_back()), [(1, 1, true), (2, 2, true)]);
}

#[test]
fn a_repeated_command_gets_the_first_reply_and_no_second_event() {
    let mut bench = Bench::leader();
    bench.set(1, 5, None, 1);
    let first = bench.read_back();
    assert_eq!(bench.set(1, 5, None, 2), first);
    assert_eq!(bench.log.len(), 2);
}

#[test]
fn a_command_repeated_while_in_flight_joins_the_first() {
    let mut bench = Bench::leader();
    bench.set(1, 5, None, 1);
    bench.set(1, 5, None, 1);
    assert_eq!(versions(&bench.read_back()), [(1, 1, true), (1, 1, true)]);
    assert_eq!(bench.log.len(), 2);
}

#[test]
fn a_command_id_used_for_something_else_is_refused() {
    let mut bench = Bench::leader();
    bench.set(1, 5, None, 1);
    bench.read_back();
    assert_eq!(bench.set(1, 6, None, 2), [(1, Outcome::Refused(Refusal::IdReused))]);
}

#[test]
fn a_command_id_is_forgotten_after_its_time() {
    let mut bench = Bench::leader();
    bench.set(1, 5, None, 1);
    bench.set(2, 6, None, 5_000);
    bench.read_back();
    bench.set(1, 5, None, 5_001);
    assert_eq!(versions(&bench.read_back()), [(1, 3, true)]);
}

#[test]
fn a_lost_version_is_a_conflict() {
    let mut bench = Bench::leader();
    assert_eq!(bench.set(1, 5, Some(4), 1), [(1, Outcome::Refused(Refusal::VersionConflict { current: 0 }))]);
}

#[test]
fn already_so_waits_for_what_it_was_decided_on() {
    let mut bench = Bench::leader();
    bench.set(1, 5, None, 1);
    assert_eq!(bench.set(2, 5, None, 1), [], "the first is in flight and may yet be void");
    assert_eq!(versions(&bench.read_back()), [(1, 1, true), (2, 1, false)]);
}

#[test]
fn time_never_runs_backwards_for_an_aggregate() {
    let mut bench = Bench::leader();
    bench.set(1, 5, None, 100);
    bench.set(2, 6, None, 50);
    bench.read_back();
    let times: Vec<i64> = bench
        .log
        .iter()
        .filter_map(|r| match r {
            Record::Event(event) => Some(event.recorded.occurred_at.0),
            _ => None,
        })
        .collect();
    assert_eq!(times, [100, 101]);
}

#[test]
fn a_paused_leader_learns_that_nothing_it_appended_counts() {
    let mut bench = Bench::leader();
    bench.foreign_term(2);
    bench.set(1, 5, None, 1);
    assert_eq!(bench.read_back(), [(1, Outcome::Moved)]);
    assert!(bench.partition.history().aggregate("a").is_none());
    assert_eq!(bench.set(2, 5, None, 1), [(2, Outcome::Moved)]);
}

#[test]
fn a_candidate_that_has_yet_to_catch_up_tries_again_from_what_it_read() {
    let mut bench = Bench::leader();
    bench.log.clear();
    bench.read = 0;
    bench.partition = Partition::new(
        Uuid::from_u128(3),
        "late".into(),
        Limits { waiting: 3, remember_ms: 1_000, ..Limits::default() },
    );
    bench.foreign_term(1);
    bench.foreign_term(2);
    bench.partition.start_term(Uuid::from_u128(11), &mut bench.act);
    assert_eq!(bench.read_back(), []);
    assert_eq!((bench.partition.is_leader(), bench.partition.history().position.term), (true, 3));
}

#[test]
fn a_new_term_after_a_failed_append_decides_anew_what_was_void() {
    let mut bench = Bench::leader();
    bench.set(1, 5, None, 1);
    bench.log.pop();
    bench.partition.start_term(Uuid::from_u128(8), &mut bench.act);
    assert_eq!(versions(&bench.read_back()), [(1, 1, true)]);
}

#[test]
fn an_append_that_did_land_before_the_new_term_is_not_repeated() {
    let mut bench = Bench::leader();
    bench.set(1, 5, None, 1);
    bench.partition.start_term(Uuid::from_u128(8), &mut bench.act);
    assert_eq!(versions(&bench.read_back()), [(1, 1, true)]);
    assert_eq!(bench.log.len(), 3);
}

#[test]
fn a_full_partition_turns_commands_away() {
    let mut bench = Bench::leader();
    for id in 1..=3 {
        assert_eq!(bench.set(id, id as u32, None, 1), []);
    }
    assert_eq!(bench.set(4, 4, None, 1), [(4, Outcome::Overloaded)]);
}

#[test]
fn a_draining_leader_finishes_what_is_pending_and_takes_no_more() {
    let mut bench = Bench::leader();
    bench.set(1, 5, None, 1);
    bench.partition.drain(&mut bench.act);
    assert_eq!(bench.set(2, 6, None, 1), [(2, Outcome::Moved)]);
    assert_eq!(versions(&bench.read_back()), [(1, 1, true)]);
    assert!(!bench.partition.is_leader());
}

#[test]
fn an_aggregate_with_an_unreadable_event_takes_no_commands() {
    let mut bench = Bench::leader();
    let stamp = Stamp { term: 1, seq: 1 };
    let unreadable = Record::Unreadable { stamp, aggregate_id: "a".into(), reason: "new format".into() };
    bench.partition.record(1, unreadable, Timestamp(0), &mut Vec::new());
    bench.log.push(Record::Foreign);
    bench.read = 2;
    assert_eq!(bench.set(1, 5, None, 1), [(1, Outcome::Refused(Refusal::Unreadable))]);
}

/// A stray record of another program stopped a new partition for good.
#[test]
fn a_partition_that_has_only_records_of_others_gets_a_first_term() {
    let mut partition = Partition::<Cell, u32>::new(Uuid::from_u128(1), "here".into(), Limits::default());
    let mut act = Vec::new();
    partition.record(0, Record::Foreign, Timestamp(0), &mut act);
    partition.start_term(Uuid::from_u128(7), &mut act);
    let begins = |record: &Record<_>| matches!(record, Record::TermStarted(TermStarted { term: 1, .. }));
    assert!(matches!(&act[..], [Action::Append(record, None)] if begins(record)), "{act:?}");
}

/// A term that is not the first is one of ours all the same.
#[test]
fn a_partition_whose_first_term_is_missing_gets_no_other() {
    let mut partition = Partition::<Cell, u32>::new(Uuid::from_u128(1), "here".into(), Limits::default());
    let (owner, nonce) = (Uuid::from_u128(2), Uuid::from_u128(9));
    let second = TermStarted { term: 2, owner, address: "there".into(), nonce };
    let mut act = Vec::new();
    partition.record(0, Record::TermStarted(second), Timestamp(0), &mut act);
    partition.start_term(Uuid::from_u128(7), &mut act);
    assert!(matches!(&act[..], [Action::Alarm(alarm)] if alarm.contains("restore the topic")), "{act:?}");
}

#[test]
fn a_partition_that_has_records_and_no_term_gets_no_first_one() {
    let mut partition = Partition::<Cell, u32>::new(Uuid::from_u128(1), "here".into(), Limits::default());
    let mut act = Vec::new();
    let event = Record::Unreadable { stamp: Stamp { term: 1, seq: 1 }, aggregate_id: "a".into(), reason: "?".into() };
    for (offset, record) in (0..).zip([Record::Foreign, event]) {
        partition.record(offset, record, Timestamp(0), &mut act);
    }
    partition.start_term(Uuid::from_u128(7), &mut act);
    assert!(matches!(&act[..], [Action::Alarm(alarm)] if alarm.starts_with("2 records and no term")), "{act:?}");
    assert!(!partition.takes_commands());
}

impl Bench {
    /// What is larger than this cannot be appended.
    fn takes_at_most(&mut self, most: usize) {
        self.partition.encode_with(Encoder::new(move |record: &Record<CellEvent>| match record {
            Record::Event(event) if event.recorded.event.0 as usize > most => {
                Err(Unappendable::TooLarge { bytes: event.recorded.event.0 as usize, most })
            }
            Record::Event(_) | Record::TermStarted(_) | Record::Unreadable { .. } | Record::Foreign => Ok(None),
        }));
    }
}

/// It used to begin a term after the other, and took the partition along.
#[test]
fn what_can_never_be_appended_is_refused_and_the_term_goes_on() {
    let mut bench = Bench::leader();
    bench.takes_at_most(50);
    bench.set(1, 5, None, 1);
    bench.set(2, 60, None, 1);
    bench.set(3, 7, None, 1);
    let too_large = (2, Outcome::Refused(Refusal::TooLarge { bytes: 60, most: 50 }));
    let replies = bench.read_back();
    assert!(replies.contains(&too_large), "{replies:?}");
    let others: Vec<_> = replies.into_iter().filter(|reply| *reply != too_large).collect();
    assert_eq!(versions(&others), [(1, 1, true), (3, 2, true)]);
    assert_eq!(bench.partition.history().position.term, 1);
}

#[test]
fn a_command_whose_caller_has_gone_is_not_begun_any_more() {
    let mut bench = Bench::leader();
    let late = |until| {
        let request = request("a", Uuid::from_u128(until as u128), CellCommand::Set(until as u32), None);
        Pending::new(request, Timestamp(until))
    };
    bench.partition.command(late(20), 20, Timestamp(1), &mut bench.act);
    bench.partition.command(late(40), 40, Timestamp(1), &mut bench.act);
    bench.replies();
    // What they appended is lost; the next term begins at 30.
    bench.log.truncate(1);
    bench.partition.start_term(Uuid::from_u128(8), &mut bench.act);
    bench.replies();
    let term = bench.log[1].clone();
    bench.partition.record(1, term, Timestamp(30), &mut bench.act);
    bench.read = 2;
    let replies = bench.read_back();
    assert!(replies.contains(&(20, Outcome::Moved)), "{replies:?}");
    assert_eq!(versions(&replies[1..]), [(40, 1, true)]);
}

#[test]
fn what_waits_in_a_partition_has_a_bound_in_bytes() {
    let mut bench = Bench::leader();
    let bytes = serde_json::to_string(&request("a", Uuid::from_u128(1), CellCommand::Set(1), None)).unwrap().len();
    let limits = Limits { waiting_bytes: 2 * bytes, ..Limits::default() };
    bench.partition = Partition::new(Uuid::from_u128(1), "here".into(), limits);
    bench.partition.start_term(Uuid::from_u128(8), &mut bench.act);
    assert_eq!(bench.set(1, 1, None, 1), []);
    assert_eq!(bench.set(2, 2, None, 1), []);
    assert_eq!(bench.set(3, 3, None, 1), [(3, Outcome::Overloaded)]);
    bench.log.clear();
    bench.read = 0;
    bench.partition.start_term(Uuid::from_u128(9), &mut bench.act);
    assert_eq!(versions(&bench.read_back()), [(1, 1, true), (2, 2, true)]);
    assert_eq!(bench.set(4, 4, None, 1), [], "what is answered weighs nothing any more");
}

fn conflict(to: u32, current: u64) -> (u32, Outcome<Cell>) {
    (to, Outcome::Refused(Refusal::VersionConflict { current }))
}

#[test]
fn where_brokers_may_be_cut_off_a_refusal_waits_until_a_record_of_ours_is_read_back() {
    let mut bench = Bench::leader();
    bench.barriers = Some(Barriers::Appended);
    assert_eq!(bench.set(1, 5, Some(4), 1), []);
    assert_eq!(bench.set(2, 5, Some(7), 1), [], "decided after the record was appended: it waits for the next");
    assert_eq!(bench.log.len(), 2);
    assert_eq!(bench.read_back(), [conflict(1, 0), conflict(2, 0)]);
    let barriers: Vec<_> =
        bench.log[1..].iter().map(|record| matches!(record, Record::TermStarted(it) if it.term == 0)).collect();
    assert_eq!(barriers, [true, true], "no reader takes them for a term");
    assert_eq!((bench.partition.is_leader(), bench.partition.history().position.term), (true, 1));
}

/// It used to be told what was true yesterday: the broker's leader said that the partition ends where it did.
#[test]
fn a_leader_that_was_succeeded_beyond_its_broker_refuses_nothing() {
    let mut bench = Bench::leader();
    bench.barriers = Some(Barriers::Appended);
    bench.foreign_term(2);
    assert_eq!(bench.set(1, 5, Some(4), 1), []);
    assert_eq!(bench.read_back(), [(1, Outcome::Moved)]);
}

#[test]
fn one_record_answers_all_that_was_decided_before_it_was_appended() {
    let mut bench = Bench::leader();
    bench.barriers = None;
    (1..=3).for_each(|id| assert_eq!(bench.set(id, 5, Some(4), 1), []));
    bench.partition.append_barrier(1, Uuid::from_u128(1), &mut bench.act);
    assert_eq!(bench.read_back(), [conflict(1, 0), conflict(2, 0), conflict(3, 0)]);
    assert_eq!(bench.log.len(), 2);
}

#[test]
fn an_event_that_was_decided_later_answers_a_refusal_too() {
    let mut bench = Bench::leader();
    bench.barriers = None;
    bench.set(1, 5, None, 1);
    assert_eq!(bench.set(2, 5, Some(7), 1), []);
    assert_eq!(versions(&bench.read_back()), [(1, 1, true)], "that one was decided before");
    bench.set(3, 6, None, 1);
    let replies = bench.read_back();
    assert_eq!((versions(&replies[..1]), &replies[1..]), (vec![(3, 2, true)], &[conflict(2, 1)][..]));
}

#[test]
fn a_barrier_that_was_lost_with_its_producer_comes_again_in_the_next_term() {
    let mut bench = Bench::leader();
    bench.barriers = Some(Barriers::Appended);
    assert_eq!(bench.set(1, 5, Some(4), 1), []);
    bench.log.pop();
    bench.partition.start_term(Uuid::from_u128(8), &mut bench.act);
    assert_eq!(bench.read_back(), [conflict(1, 0)]);
    assert_eq!(bench.partition.history().position.term, 2);
}

#[test]
fn a_leader_that_drains_passes_its_last_barrier() {
    let mut bench = Bench::leader();
    bench.barriers = Some(Barriers::Appended);
    assert_eq!(bench.set(1, 5, Some(4), 1), []);
    bench.partition.drain(&mut bench.act);
    assert_eq!(bench.read_back(), [conflict(1, 0)]);
    assert!(!bench.partition.is_leader());
}
