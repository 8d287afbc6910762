use serde_json::{Value, json};

use super::*;
use crate::front_matter;

fn about(front_matter: &str) -> (Value, Vec<String>) {
    let known: Vec<_> = fields().chain([("title", Shape::Text)]).collect();
    let file = format!("---\ntitle: A\n{front_matter}\n---\nText.\n");
    let page = front_matter::read(&file, &known).unwrap();
    let mut notes = Vec::new();
    let about = serde_json::to_value(About::of(&page.fields, &mut notes)).unwrap();
    (about, notes.into_iter().map(|note| note.detail).collect())
}

#[test]
fn what_a_file_says_beside_its_text_is_taken() {
    let said = "canonicalURL: https://example.org/a\nimage: https://example.org/a.jpg\nlang: pt-br\n\
                seo_title: A title\ndescription: On this.\nfeatured: yes\ncomments: false";
    let taken = json!({
        "canonical_url": "https://example.org/a", "cover": {"url": "https://example.org/a.jpg"},
        "language": "pt-BR", "meta_title": "A title", "meta_description": "On this.", "featured": true,
        "comments": "closed",
    });
    assert_eq!(about(said), (taken, Vec::new()));
}

#[test]
fn what_cannot_be_taken_is_left_out_with_a_note() {
    let (taken, notes) = about("canonical: ../a\nlanguage: the English one\nfeatured: maybe\nimage: a.jpg");
    assert_eq!((taken, notes), (json!({}), ["canonical", "language", "featured"].map(String::from).to_vec()));
    assert_eq!(about("comments:\n  provider: disqus\nimage: [a, b]").0, json!({}));
}
