use serde_json::{Value, json};
use uuid::Uuid;

use crate::Kind;
use crate::testing::Run;

const ADA: &str = "00000000-0000-0000-0000-000000000ada";
const BOB: &str = "00000000-0000-0000-0000-000000000b0b";

/// Bob edits Ada's post, and follows her; what they do is at these offsets, behind the beginning of a term.
fn run() -> Run {
    let mut run = Run::new();
    let drafted = json!({"author_id": ADA, "co_author_ids": [], "slug": "s", "title": "t", "summary": "", "body": "b",
        "tags": []});
    happen(&mut run, "inklog.posts.Drafted", "p", ADA, drafted);
    happen(&mut run, "inklog.posts.Edited", "p", BOB, json!({"title": "u"}));
    happen(&mut run, "inklog.following.Followed", "f", BOB, json!({"follower_id": BOB, "followee_id": ADA}));
    let views = &mut run.history.views;
    let at = |account: &str, context: &str, offset: i64| -> Value {
        json!({"account_id": account, "context": context, "partition": 0, "log_offset": offset})
    };
    let events = vec![
        at(ADA, "posts", 1),
        at(ADA, "posts", 2),
        at(BOB, "posts", 2),
        at(ADA, "following", 1),
        at(BOB, "following", 1),
    ];
    views.insert("account_events".into(), events);
    let owner = json!({"context": "posts", "aggregate_id": "p", "account_id": ADA, "since_version": 1});
    views.insert("aggregate_owners".into(), vec![owner]);
    views.insert("erased_accounts".into(), vec![]);
    run
}

fn happen(run: &mut Run, event_type: &str, aggregate: &str, actor: &str, fields: Value) {
    let command = run.id();
    let (_, position) = run.append(event_type, aggregate, command, fields);
    run.event(&position.context, usize::try_from(position.offset).unwrap()).actor_id = actor.to_owned();
}

/// What is wrong with the rows, by the name of the view.
fn wrong(run: &Run) -> Vec<String> {
    let verdict = run.judge();
    let of_rows = verdict.violations.iter().filter(|violation| violation.kind == Kind::Row);
    of_rows.map(|violation| violation.message.split(':').next().unwrap_or_default().to_owned()).collect()
}

#[test]
fn what_others_do_to_what_is_an_accounts_is_its_own_and_a_row_more_or_less_is_found() {
    assert_eq!(wrong(&run()), Vec::<String>::new());
    for name in ["account_events", "aggregate_owners"] {
        let mut missing = run();
        missing.history.views.get_mut(name).unwrap().pop();
        assert_eq!(wrong(&missing), [name]);
    }
    let mut more = run();
    let row = json!({"account_id": Uuid::from_u128(7), "context": "posts", "partition": 0, "log_offset": 1});
    more.history.views.get_mut("account_events").unwrap().push(row);
    assert_eq!(wrong(&more), ["account_events"]);
}

#[test]
fn of_an_account_that_was_forgotten_there_is_nothing() {
    let mut run = run();
    happen(&mut run, "inklog.accounts.Erased", ADA, BOB, json!({}));
    assert_eq!(wrong(&run).len(), 6, "three events, an owner, the erasure, and that it was Bob who erased her");
    let views = &mut run.history.views;
    for name in ["account_events", "aggregate_owners"] {
        views.get_mut(name).unwrap().retain(|row| row["account_id"] != ADA);
    }
    let row = json!({"account_id": BOB, "context": "accounts", "partition": 0, "log_offset": 1});
    views.get_mut("account_events").unwrap().push(row);
    views.get_mut("erased_accounts").unwrap().push(json!({"account_id": ADA}));
    assert_eq!(wrong(&run), Vec::<String>::new());
}

#[test]
fn an_event_is_that_of_each_co_author_whom_it_names() {
    let mut run = run();
    happen(&mut run, "inklog.posts.Edited", "p", ADA, json!({"co_author_ids": [BOB]}));
    assert_eq!(wrong(&run).len(), 2, "hers, and his");
    let at = |account: &str| json!({"account_id": account, "context": "posts", "partition": 0, "log_offset": 3});
    run.history.views.get_mut("account_events").unwrap().extend([at(ADA), at(BOB)]);
    assert_eq!(wrong(&run), Vec::<String>::new());
}
