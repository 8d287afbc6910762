use serde_json::json;

use crate::Kind;
use crate::testing::Run;

#[test]
fn two_posts_with_a_slug_each_are_fine() {
    let mut run = Run::new();
    run.draft("p", "s");
    run.draft("q", "t");
    run.is_clean();
}

#[test]
fn two_posts_with_one_slug_are_not() {
    let mut run = Run::new();
    run.draft("p", "s");
    run.draft("q", "t");
    run.event("posts", 5).fields.insert("slug".into(), json!("s"));
    run.has(Kind::Claim);
}

#[test]
fn a_former_slug_stays_taken() {
    let mut run = Run::new();
    run.draft("p", "s");
    run.claim("inklog.posts.SlugClaimed", "s2", "p", run.history.calls[0].command_id);
    let asked = json!({"slug": "s2"});
    run.accept("posts.edit", "p", asked.clone(), "inklog.posts.Edited", asked);
    run.is_clean();
    run.draft("q", "t");
    run.event("posts", 7).fields.insert("slug".into(), json!("s"));
    run.has(Kind::Claim);
}

#[test]
fn a_bearer_holds_the_claim() {
    let mut run = Run::new();
    run.draft("p", "s");
    run.event("posts", 1).fields.insert("holder_id".into(), json!("q"));
    run.event("posts", 3).fields.insert("holder_id".into(), json!("q"));
    run.is(Kind::Claim);
}

#[test]
fn a_claim_is_taken_over_only_when_it_has_lapsed_and_never_when_confirmed() {
    let claims = |then: &str, expires: i64| {
        let mut run = Run::new();
        run.draft("p", "other");
        let command = run.history.calls[0].command_id;
        run.claim("inklog.posts.SlugClaimed", "s", "p", command);
        run.event("posts", 4).fields.insert("expires_at".into(), json!(expires));
        if then == "confirmed" {
            run.claim("inklog.posts.SlugConfirmed", "s", "p", command);
        }
        run.claim("inklog.posts.SlugClaimed", "s", "q", uuid::Uuid::from_u128(77));
        let last = run.history.partitions[0].records.len() - 1;
        run.event("posts", last).correlation_id = command;
        run
    };
    claims("", 5_000_000).is_clean();
    claims("", 5_000_001).is(Kind::Claim);
    claims("confirmed", 5_000_000).is(Kind::Claim);
}

#[test]
fn user_names_are_unique_without_regard_to_case() {
    let mut run = Run::new();
    for (id, name) in [("x", "Ann"), ("y", "ann")] {
        let asked = json!({"user_name": name, "display_name": "", "bio": "", "image_url": ""});
        run.accept("accounts.register", id, asked.clone(), "inklog.accounts.Registered", asked);
    }
    run.is(Kind::Claim);
}
