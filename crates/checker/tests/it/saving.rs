//! A run that was saved is judged again as it was.

use checker::History;
use checker::history::{
    Act, Answer, Body, Call, Caller, CopyAnswer, Export, Exported, Outcome, Partition, Read, Record, Typed, Typing,
    Visit,
};
use serde_json::json;
use uuid::Uuid;

#[test]
fn what_was_saved_is_loaded() {
    let folder = std::env::temp_dir().join(format!("checker-{}", Uuid::new_v4()));
    let body = Body::Unreadable { term: 1, seq: 2, reason: "no schema".into() };
    let records = vec![Record { offset: 3, key: "k".into(), body }];
    let call = Call {
        client: 1,
        caller: Some(Caller { account_id: "a".into(), is_editor: true, role: None }),
        command_id: Uuid::new_v4(),
        kind: "posts.publish".into(),
        aggregate_id: "p".into(),
        expected: Some(4),
        arguments: json!({}),
        invoked_at: 1,
        answered_at: None,
        outcome: Outcome::Unknown,
    };
    let read = Read {
        session: 1,
        what: "GET".into(),
        position: None,
        monotone: true,
        sees_drafts: false,
        invoked_at: 1,
        answered_at: 2,
        seen: Vec::new(),
    };
    let visit = Visit {
        client: 1,
        account_id: "a".into(),
        instance: 0,
        act: Act::LogIn { password: 0, by_name: true },
        invoked_at: 1,
        answered_at: Some(2),
        answer: Answer::Granted { session: Some(Uuid::new_v4()) },
    };
    let act = Typed::Save { replaces: None, text: "text".into() };
    let (answer, post_id) = (CopyAnswer::Unknown, "p".into());
    let typing = Typing { client: 1, post_id, act, invoked_at: 1, answered_at: None, answer };
    let exported = Exported { context: "posts".into(), aggregate_id: "p".into(), version: 1 };
    let export = Export { client: 1, account_id: "a".into(), invoked_at: 1, answered_at: 2, events: vec![exported] };
    let history = History {
        partitions: vec![Partition { context: "posts".into(), number: 12, records: records.clone() }],
        former: vec![Partition { context: "posts".into(), number: 3, records }],
        calls: vec![call],
        reads: vec![read],
        visits: vec![visit],
        exports: vec![export],
        typing: vec![typing],
        review_is_demanded: true,
        has_earlier_version: true,
        views: [("lists.tag".to_owned(), vec![json!({"tag": "t"})])].into(),
    };
    history.save(&folder).unwrap();
    let loaded = History::load(&folder).unwrap();
    assert_eq!(loaded, history);
    // As it was before visits, exports, working copies and settings were recorded.
    for file in ["visits.jsonl", "exports.jsonl", "typing.jsonl", "settings.jsonl"] {
        std::fs::remove_file(folder.join(file)).unwrap();
    }
    let loaded = History::load(&folder).unwrap();
    assert!(loaded.visits.is_empty() && loaded.exports.is_empty() && loaded.typing.is_empty());
    assert!(!loaded.review_is_demanded && !loaded.has_earlier_version);
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn what_is_no_run_is_refused_by_file_and_line() {
    let folder = std::env::temp_dir().join(format!("checker-{}", Uuid::new_v4()));
    History::default().save(&folder).unwrap();
    std::fs::write(folder.join("calls.jsonl"), "{}\n").unwrap();
    let error = History::load(&folder).unwrap_err().to_string();
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(error.contains("calls.jsonl:1"), "{error}");
}
