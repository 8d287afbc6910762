//! The Markdown of comments: less than that of posts. Anyone writes them, so HTML is shown as text, a picture becomes a
//! link to it, a heading a line like others; and those who are mentioned are linked to.

use comment_text::{Marked, Said};
use comrak::nodes::{AstNode, NodeLink, NodeValue};
use comrak::{Arena, Node, try_parse_document};

use super::{as_text, cost, html, sanitise};

/// Someone who is mentioned, as readers see it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mentioned {
    /// The name, or the word that was written in its place.
    pub(crate) name: String,
    /// Whether it leads to the account.
    pub(crate) linked: bool,
}

/// Renders and sanitises what a comment says; `mentioned` are those whom it mentions, in their order. One that would
/// cost more than its length allows is shown as its text, `plain`.
pub(crate) fn to_safe_html(said: &Said<'_>, mentioned: &[Mentioned], plain: &str) -> String {
    within_its_cost(&said.marked(), mentioned).unwrap_or_else(|| format!("<pre>{}</pre>\n", as_text(plain)))
}

fn within_its_cost(marked: &Marked, mentioned: &[Mentioned]) -> Option<String> {
    let (arena, markdown) = (Arena::new(), marked.text());
    let (budget, limit, options) = (cost::Budget::of(markdown), cost::longest_html(markdown), comment_text::options());
    let root = try_parse_document(&arena, markdown, &options, &|| budget.is_spent()).ok()?;
    if cost::Size::of(root).is_too_deep() {
        return None;
    }
    let nodes: Vec<Node<'_>> = root.descendants().collect();
    nodes.iter().copied().for_each(plainer);
    for node in nodes {
        link_mentions(&arena, node, marked, mentioned);
    }
    Some(sanitise::comment(&html(root, &options, limit)?)).filter(|safe| safe.len() <= limit)
}

fn plainer(node: Node<'_>) {
    let mut data = node.data.borrow_mut();
    match &mut data.value {
        NodeValue::Heading(_) => data.value = NodeValue::Paragraph,
        NodeValue::Image(picture) => {
            let picture = std::mem::take(picture);
            data.value = NodeValue::Link(elsewhere(picture));
        }
        NodeValue::Link(link) => {
            let link = std::mem::take(link);
            data.value = NodeValue::Link(elsewhere(link));
        }
        // Not an enum of ours.
        _ => {}
    }
}

/// A link of an author's own, which leads elsewhere or nowhere: what leads to an account here, the name of another
/// must not stand for.
fn elsewhere(mut link: Box<NodeLink>) -> Box<NodeLink> {
    if link.url.starts_with('/') {
        link.url.clear();
    }
    link
}

/// Puts links in the place of the mentions in a text.
fn link_mentions<'a>(arena: &'a Arena<'a>, node: Node<'a>, marked: &Marked, mentioned: &[Mentioned]) {
    let NodeValue::Text(text) = node.data.borrow().value.clone() else { return };
    let mut done = 0;
    let new = |value: NodeValue| -> Node<'a> { arena.alloc(AstNode::from(value)) };
    let said = |text: &str| new(NodeValue::Text(text.to_owned().into()));
    for (range, place) in marked.places(&text) {
        let Some(Mentioned { name, linked }) = mentioned.get(place) else { continue };
        node.insert_before(said(&text[done..range.start]));
        let mention = said(&format!("@{name}"));
        if *linked {
            let url = format!("{}{name}", sanitise::AUTHORS);
            let link = new(NodeValue::Link(Box::new(NodeLink { url, title: String::new() })));
            link.append(mention);
            node.insert_before(link);
        } else {
            node.insert_before(mention);
        }
        done = range.end;
    }
    if done > 0 {
        node.data.borrow_mut().value = NodeValue::Text(text[done..].to_owned().into());
    }
}

#[cfg(test)]
mod tests;
