use serde_json::json;

use crate::Kind;
use crate::testing::Run;

const ONE: &str = "1111111111111111111111111111111111111111111111111111111111111111";
/// Events are a second apart by the clock of the log.
const SECOND: i64 = 1_000_000;

fn item() -> String {
    format!("a:{ONE}")
}

/// An upload, which is kept until then.
fn bring(run: &mut Run, kept_until: i64) {
    let fields = json!({"account_id": "a", "sha256": ONE, "upload_id": "u", "media_type": "image/png", "bytes": 3,
        "kept_until_at": kept_until});
    run.accept("media.upload", &item(), json!({}), "inklog.media.Uploaded", fields);
}

/// An event of the item's by itself.
fn by_itself(run: &mut Run, verb: &str, fields: serde_json::Value) {
    let id = run.id();
    let (_, position) = run.append(&format!("inklog.media.{verb}"), &item(), id, fields);
    let event = run.event("media", usize::try_from(position.offset).unwrap());
    event.actor_id = "00000000-0000-0000-0000-000000000000".into();
}

fn write(run: &mut Run, body: &str) {
    run.accept("posts.edit", "p", json!({"body": body}), "inklog.posts.Edited", json!({"body": body}));
}

/// A post that shows the item in its text.
fn shown() -> Run {
    let mut run = Run::new();
    run.draft("p", "s");
    write(&mut run, &format!("![An engine](/media/{ONE})"));
    run
}

#[test]
fn what_no_post_shows_is_swept_once_its_time_has_passed() {
    let mut run = Run::new();
    run.draft("p", "s");
    bring(&mut run, SECOND);
    by_itself(&mut run, "Swept", json!({}));
    run.is_clean();
}

#[test]
fn what_no_post_shows_is_kept_until_its_time() {
    let mut run = Run::new();
    bring(&mut run, 9 * SECOND);
    by_itself(&mut run, "Swept", json!({}));
    run.is(Kind::Schedule);
}

#[test]
fn what_a_post_shows_is_not_swept() {
    let mut run = shown();
    bring(&mut run, SECOND);
    let mut kept = run.clone();
    by_itself(&mut kept, "Kept", json!({"kept_until_at": 99 * SECOND}));
    kept.is_clean();
    by_itself(&mut run, "Swept", json!({}));
    run.is(Kind::Schedule);
}

#[test]
fn a_cover_shows_it_and_so_does_a_post_that_is_deleted() {
    let mut run = Run::new();
    run.draft("p", "s");
    let image = format!("/media/{ONE}");
    let cover = json!({"cover_image": image, "cover_alt": "", "cover_focal_x": 50, "cover_focal_y": 50});
    run.accept("posts.edit", "p", json!({"cover": {"sha256": ONE}}), "inklog.posts.Edited", cover);
    run.act("delete", "p");
    bring(&mut run, SECOND);
    by_itself(&mut run, "Swept", json!({}));
    run.is(Kind::Schedule);
}

/// Whether it was shown as the sweep was decided cannot be told.
#[test]
fn what_came_to_be_shown_after_it_was_due_may_be_swept() {
    let mut run = Run::new();
    run.draft("p", "s");
    bring(&mut run, SECOND);
    write(&mut run, &format!("![An engine](/media/{ONE})"));
    by_itself(&mut run, "Swept", json!({}));
    run.is_clean();
}

#[test]
fn what_a_post_shows_no_more_is_swept_and_not_before_that() {
    let mut run = shown();
    bring(&mut run, SECOND);
    let mut early = run.clone();
    write(&mut run, "Nothing.");
    by_itself(&mut run, "Swept", json!({}));
    run.is_clean();
    by_itself(&mut early, "Swept", json!({}));
    // What was accepted afterwards says by when the sweep was in the log.
    let fields = json!({"account_id": "b", "sha256": ONE, "kept_until_at": 99 * SECOND});
    early.accept("media.upload", &format!("b:{ONE}"), json!({}), "inklog.media.Uploaded", fields);
    write(&mut early, "Nothing.");
    early.is(Kind::Schedule);
}
