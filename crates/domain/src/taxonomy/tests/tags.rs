//! What is said of tags.

use super::*;
use crate::testing::{ada, editor, given, tags, text};
use crate::values::Tag;

fn describes(tag: &str, description: &str) -> Command {
    Command::Tag(TagCommand::Describe(TagDescribed { tag: text(tag), description: text(description) }))
}

fn described(tag: &str, description: &str) -> Event {
    Event::TagDescribed(TagDescribed { tag: text(tag), description: text(description) })
}

fn renames(tag: &str, new_name: &str) -> Command {
    Command::Tag(TagCommand::Rename { tag: text(tag), new_name: text(new_name) })
}

fn renamed(tag: &str, new_name: &str, names: &[&str], description: &str) -> Event {
    let (names, description) = (tags(names), text(description));
    Event::TagRenamed(TagRenamed { tag: text(tag), new_name: text(new_name), names, description })
}

fn merges(tag: &str, into_tag: &str) -> Command {
    Command::Tag(TagCommand::Merge { tag: text(tag), into_tag: text(into_tag) })
}

fn merged(tag: &str, into_tag: &str, names: &[&str]) -> Event {
    Event::TagsMerged(TagsMerged { tag: text(tag), into_tag: text(into_tag), names: tags(names) })
}

fn adds(tag: &str, synonym: &str) -> Command {
    Command::Tag(TagCommand::AddSynonym(SynonymAdded { tag: text(tag), synonym: text(synonym) }))
}

fn added(tag: &str, synonym: &str) -> Event {
    Event::SynonymAdded(SynonymAdded { tag: text(tag), synonym: text(synonym) })
}

fn removes(tag: &str, synonym: &str) -> Command {
    Command::Tag(TagCommand::RemoveSynonym(SynonymRemoved { tag: text(tag), synonym: text(synonym) }))
}

/// `js` and `ecmascript` are `javascript`, which is described; so is `rust`.
fn said() -> Vec<Event> {
    vec![
        described("javascript", "Runs in browsers."),
        added("javascript", "js"),
        added("javascript", "ecmascript"),
        described("rust", "Does not."),
    ]
}

fn stands_for(tag: &str) -> Rejection {
    Rejection::StandsForAnother { tag: text::<Tag>(tag) }
}

#[test]
fn a_tag_is_described_once_and_can_be_left_undescribed() {
    given::<Taxonomy>([]).when(describes("tea", "Hot.")).by(editor()).then(described("tea", "Hot."));
    given::<Taxonomy>(said()).when(describes("rust", "Does not.")).by(editor()).then_nothing();
    given::<Taxonomy>(said()).when(describes("rust", "")).by(editor()).then(described("rust", ""));
    given::<Taxonomy>([]).when(describes("tea", "")).by(editor()).then_nothing();
    given::<Taxonomy>(said()).when(describes("js", "x")).by(editor()).then_refused(stands_for("javascript"));
}

#[test]
fn an_author_says_nothing_of_tags() {
    for command in [describes("a", "b"), renames("a", "b"), merges("a", "b"), adds("a", "b"), removes("a", "b")] {
        given::<Taxonomy>(said()).when(command).by(ada()).then_refused(Rejection::NotAnEditor);
    }
}

#[test]
fn a_name_of_which_nothing_is_said_can_stand_for_a_tag() {
    given::<Taxonomy>([]).when(adds("javascript", "js")).by(editor()).then(added("javascript", "js"));
    given::<Taxonomy>(said()).when(adds("javascript", "js")).by(editor()).then_nothing();
    given::<Taxonomy>(said()).when(adds("rust", "js")).by(editor()).then_refused(stands_for("javascript"));
    given::<Taxonomy>(said()).when(adds("js", "x")).by(editor()).then_refused(stands_for("javascript"));
    given::<Taxonomy>(said()).when(adds("rust", "javascript")).by(editor()).then_refused(Rejection::TagExists);
    given::<Taxonomy>([]).when(adds("rust", "rust")).by(editor()).then_refused(Rejection::SameTag);
}

#[test]
fn a_synonym_can_stand_for_itself_again() {
    let removed = Event::SynonymRemoved(SynonymRemoved { tag: text("javascript"), synonym: text("js") });
    given::<Taxonomy>(said()).when(removes("javascript", "js")).by(editor()).then(removed);
    given::<Taxonomy>(said()).when(removes("rust", "js")).by(editor()).then_nothing();
    given::<Taxonomy>([]).when(removes("rust", "js")).by(editor()).then_nothing();
}

#[test]
fn what_stands_for_a_merged_tag_stands_for_the_other_one_at_once() {
    let names = ["javascript", "ecmascript", "js"];
    given::<Taxonomy>(said()).when(merges("javascript", "web")).by(editor()).then(merged("javascript", "web", &names));
    let events = || said().into_iter().chain([merged("javascript", "web", &names)]).collect::<Vec<_>>();
    given::<Taxonomy>(events()).when(merges("javascript", "web")).by(editor()).then_nothing();
    given::<Taxonomy>(events()).when(adds("web", "js")).by(editor()).then_nothing();
    given::<Taxonomy>(events()).when(merges("rust", "js")).by(editor()).then_refused(stands_for("web"));
    given::<Taxonomy>(said()).when(merges("rust", "rust")).by(editor()).then_refused(Rejection::SameTag);
    let own = merges("javascript", "js");
    given::<Taxonomy>(said()).when(own).by(editor()).then_refused(stands_for("javascript"));
}

#[test]
fn a_renamed_tag_takes_its_description_along() {
    let names = ["javascript", "ecmascript", "js"];
    let expected = renamed("javascript", "web", &names, "Runs in browsers.");
    given::<Taxonomy>(said()).when(renames("javascript", "web")).by(editor()).then(expected.clone());
    let events = || said().into_iter().chain([expected.clone()]).collect::<Vec<_>>();
    given::<Taxonomy>(events()).when(renames("javascript", "web")).by(editor()).then_nothing();
    given::<Taxonomy>(events()).when(describes("web", "Runs in browsers.")).by(editor()).then_nothing();
    // To a name that stands for it.
    let own = renamed("javascript", "js", &["javascript", "ecmascript"], "Runs in browsers.");
    given::<Taxonomy>(said()).when(renames("javascript", "js")).by(editor()).then(own);
    given::<Taxonomy>(said()).when(renames("javascript", "rust")).by(editor()).then_refused(Rejection::TagExists);
    given::<Taxonomy>(said()).when(renames("js", "x")).by(editor()).then_refused(stands_for("javascript"));
    given::<Taxonomy>(said()).when(renames("rust", "rust")).by(editor()).then_refused(Rejection::TagExists);
}

#[test]
fn so_much_is_said_of_tags_and_no_more() {
    let many = || (0..MOST_NAMES).map(|n| added("tag", &format!("name{n}")));
    given::<Taxonomy>(many()).when(adds("tag", "next")).by(editor()).then_refused(Rejection::TooManyNames);
    given::<Taxonomy>(many()).when(describes("tag", "x")).by(editor()).then_refused(Rejection::TooManyNames);
    given::<Taxonomy>(many().skip(1)).when(adds("tag", "next")).by(editor()).then(added("tag", "next"));
}

#[test]
fn commands_go_to_the_aggregate_they_are_for() {
    let deletes = Command::Category(CategoryCommand::Delete(CategoryDeleted { category_id: uuid::Uuid::nil() }));
    given::<Taxonomy>(said()).when(deletes).by(editor()).then_refused(Rejection::WrongAggregate);
}
