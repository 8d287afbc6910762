use super::*;
use crate::{CONTEXTS, Event as _, for_each_context};

struct Check<'a>(&'a mut Vec<&'static str>);

impl ContextVisitor for Check<'_> {
    fn visit<C: BoundedContext>(&mut self) {
        self.0.push(C::NAME);
        let namespace = format!("inklog.{}.", C::NAME);
        for name in C::Event::NAMES {
            assert!(name.starts_with(&namespace), "{name} is an event of {}", C::NAME);
        }
    }
}

#[test]
fn every_context_is_visited_once_and_its_events_are_in_its_namespace() {
    let mut visited = Vec::new();
    for_each_context(&mut Check(&mut visited));
    assert_eq!(visited, CONTEXTS);
    assert!(CONTEXTS.is_sorted_by(|one, next| one < next), "a context stands twice, or not in its place");
}
