use super::*;
use crate::front_matter;

/// The slugs of each category that a front matter names, from the root on; and how many it drops.
fn slugs(yaml: &str) -> (Vec<Vec<String>>, usize) {
    let text = format!("---\n{yaml}\n---\n");
    let page = front_matter::read(&text, &[]).unwrap();
    let mut notes = Vec::new();
    let read = read(&page.fields, &mut notes);
    let of = |path: &CategoryPath| path.levels.iter().map(|level| level.slug.to_string()).collect();
    (read.iter().map(of).collect(), notes.len())
}

#[test]
fn a_name_is_a_category_and_a_path_is_all_of_it() {
    assert_eq!(
        slugs("categories: [News, Science/Solid State]").0,
        [vec!["news"], vec!["science", "science-solid-state"],]
    );
    assert_eq!(slugs("category: News").0, [vec!["news"]]);
    assert_eq!(slugs("categories: News, / Science / Physics /").0, [vec!["news"], vec!["science", "science-physics"],]);
    assert_eq!(slugs("categories: [News, News]\ncategory: News").0, [vec!["news"]]);
    assert_eq!(slugs("title: x").0.len(), 0);
}

#[test]
fn what_cannot_be_a_category_is_dropped_with_a_note() {
    assert_eq!(slugs("categories: ['!!!', 'a/!!!', 'a/b/c/d/e/f/g/h/i']"), (vec![], 3));
    let long = "x".repeat(301);
    assert_eq!(slugs(&format!("categories: [{long}, fine]")), (vec![vec!["fine".to_owned()]], 1));
}
