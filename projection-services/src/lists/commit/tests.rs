use serde_json::{Value, json};

use super::*;

/// An unfollow, say: a reader whose rows do not have it yet is to know that it took something away.
#[test]
fn what_a_replay_takes_away_is_noted_with_the_place_of_its_event_in_each_script() {
    let parked = ParkedEntry {
        context: "following".to_owned(),
        partition: 2,
        offset: 7,
        from: Position::START,
        key: "key".to_owned(),
        view: None,
        reason: String::new(),
        event: None,
        attempts: 1,
        parked_at: 0,
    };
    let keys = Keys::of_feeds("prefix");
    let written = Written { feeds: vec![FeedChanges::default(), FeedChanges::default()], ..Written::default() };
    let before = Commit::before_replayed("generation", &written, &parked);
    let last = Commit::replayed((&keys, "generation"), &written, &parked);
    let scripts: Vec<Value> = before.iter().chain([&last]).map(|commit| json!(commit)).collect();
    for script in &scripts {
        assert_eq!(script["feeds"]["ends"], json!([["following/2", 8]]));
    }
    assert_eq!(scripts.len(), 2);
    assert_eq!((&scripts[0]["still"], &scripts[0]["unpark"]), (&json!(["following/2/7"]), &json!([])));
    assert_eq!(scripts[1]["unpark"][0]["place"], "following/2/7");
}
