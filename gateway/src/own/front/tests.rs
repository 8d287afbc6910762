use serde_json::{Value, json};

use super::{List, content};

fn shown(list: Value) -> String {
    let list: List = serde_json::from_value(list).unwrap();
    content(Some(&list.posts), &[]).into_string()
}

fn post(title: &str, display_name: Option<&str>) -> Value {
    json!({"posts": [{"slug": "first", "title": title, "summary": "S", "published_at": "2026-01-02T03:04:05Z",
        "author": {"id": "1", "user_name": "ada", "display_name": display_name}, "unknown": 1}]})
}

#[test]
fn the_newest_posts_are_shown_with_author_and_day() {
    let page = shown(post("First", Some("Ada L.")));
    for part in ["<a href=\"/v1/posts/first\">First</a>", "Ada L.", "2026-01-02</time>"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(shown(post("First", None)).contains("ada"));
}

#[test]
fn what_people_wrote_is_text() {
    let page = shown(post("<script>alert(1)</script>&", Some("\"><img src=x>")));
    assert!(!page.contains("<script") && !page.contains("<img"), "{page}");
    assert!(page.contains("&lt;script&gt;"), "{page}");
}

#[test]
fn without_posts_the_page_says_why() {
    assert!(shown(json!({"posts": []})).contains("Nothing has been published yet"));
    assert!(content(None, &[]).into_string().contains("cannot be read at the moment"));
}

#[test]
fn nothing_comes_from_elsewhere() {
    let page = content(None, &[]).into_string();
    assert!(!page.contains("http") && !page.contains("<script") && !page.contains("style="), "{page}");
}

#[test]
fn the_state_of_each_service_is_said_in_words() {
    let page = content(None, &[("commands", 2, 2), ("queries", 1, 2), ("community", 0, 1)]).into_string();
    for part in ["commands: ready", "queries: partly ready", "community: <strong>away</strong>", "(1 of 2 instances)"] {
        assert!(page.contains(part), "{part}: {page}");
    }
}
