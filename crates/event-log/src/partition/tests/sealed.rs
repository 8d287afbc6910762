use super::*;

impl Bench {
    /// The next term is one that closes the partition.
    fn seal(&mut self) {
        let term = self.partition.history().position.term + 1;
        let (owner, nonce) = (Uuid::from_u128(99), Uuid::from_u128(98));
        let address = TermStarted::SEALED.to_owned();
        self.log.push(Record::TermStarted(TermStarted { term, owner, address, nonce }));
    }
}

#[test]
fn a_leader_that_reads_the_seal_says_so_and_begins_no_other_term() {
    let mut bench = Bench::leader();
    bench.seal();
    assert_eq!(bench.set(1, 5, None, 1), [], "it has not read the seal, and appends after it");
    assert_eq!(bench.read_back(), [(1, Outcome::Moved)]);
    assert!(bench.partition.is_sealed() && !bench.partition.takes_commands());
    assert!(bench.partition.history().aggregate("a").is_none(), "what it appended is void");
    bench.partition.start_term(Uuid::from_u128(8), &mut bench.act);
    assert_eq!(bench.act, []);
    assert_eq!(bench.set(2, 6, None, 2), [(2, Outcome::Moved)]);
}

#[test]
fn a_candidate_whose_term_came_after_the_seal_does_not_try_again() {
    let mut bench = Bench::leader();
    bench.seal();
    bench.partition.start_term(Uuid::from_u128(8), &mut bench.act);
    let appended = bench.log.len();
    assert_eq!(bench.set(1, 5, None, 1), [], "it is queued for the new term");
    assert_eq!(bench.read_back(), [(1, Outcome::Moved)]);
    assert_eq!(bench.log.len(), appended + 1, "its own attempt and no further one");
    assert!(bench.partition.is_sealed() && !bench.partition.takes_commands());
}

#[test]
fn a_partition_that_was_copied_gets_a_leader_like_any_other() {
    let mut bench = Bench::leader();
    let term = bench.partition.history().position.term + 1;
    let (owner, nonce) = (Uuid::from_u128(99), Uuid::from_u128(98));
    let address = TermStarted::COPIED.to_owned();
    bench.log.push(Record::TermStarted(TermStarted { term, owner, address, nonce }));
    bench.read_back();
    assert!(!bench.partition.is_leader());
    bench.partition.start_term(Uuid::from_u128(8), &mut bench.act);
    bench.read_back();
    assert!(bench.partition.is_leader());
}
