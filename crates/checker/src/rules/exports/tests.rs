use crate::Kind;
use crate::history::{Export, Exported};
use crate::testing::Run;

fn exported(context: &str, aggregate_id: &str, version: u64) -> Exported {
    Exported { context: context.into(), aggregate_id: aggregate_id.into(), version }
}

/// A post that `a` drafts and publishes, and an export that `a` asks for in between, with the claim of its slug and
/// these events.
fn run(mut events: Vec<Exported>) -> Run {
    let mut run = Run::new();
    let _ = run.draft("p", "s");
    events.push(exported("posts", "slug:s", 1));
    let drafted = run.history.calls.last().unwrap().answered_at.unwrap();
    let (invoked_at, answered_at) = (drafted + 1, drafted + 900);
    run.history.exports.push(Export { client: 1, account_id: "a".into(), invoked_at, answered_at, events });
    let _ = run.act("publish", "p");
    run
}

#[test]
fn an_export_has_what_was_accepted_before_and_perhaps_more() {
    run(vec![exported("posts", "p", 1)]).is_clean();
    run(vec![exported("posts", "p", 1), exported("posts", "p", 2)]).is_clean();
}

#[test]
fn an_event_that_was_accepted_before_and_is_missing_is_found() {
    run(vec![]).is(Kind::Lost);
}

#[test]
fn an_event_that_never_was_is_found() {
    run(vec![exported("posts", "p", 1), exported("posts", "p", 3)]).is(Kind::Invented);
}
