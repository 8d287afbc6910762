//! The Markdown of comments: less than that of posts. Anyone writes them, so HTML is shown as text, a picture becomes a
//! link to it, a heading a line like others; and those who are mentioned are linked to.

use comrak::nodes::{AstNode, NodeLink, NodeValue};
use comrak::{Arena, Node, Options, try_parse_document};
use domain::comments::mentions;

use super::{as_text, cost, html, sanitise};

/// Renders and sanitises what a comment says; `is_mentioned` tells which words after an `@` are linked to. One that
/// would cost more than its length allows is shown as its text.
pub(crate) fn to_safe_html(markdown: &str, is_mentioned: impl Fn(&str) -> bool) -> String {
    within_its_cost(markdown, is_mentioned).unwrap_or_else(|| format!("<pre>{}</pre>\n", as_text(markdown)))
}

fn within_its_cost(markdown: &str, is_mentioned: impl Fn(&str) -> bool) -> Option<String> {
    let arena = Arena::new();
    let (budget, limit, options) = (cost::Budget::of(markdown), cost::longest_html(markdown), options());
    let root = try_parse_document(&arena, markdown, &options, &|| budget.is_spent()).ok()?;
    if cost::Size::of(root).is_too_deep() {
        return None;
    }
    let nodes: Vec<Node<'_>> = root.descendants().collect();
    nodes.iter().copied().for_each(plainer);
    for node in nodes.into_iter().filter(|&node| !is_linked(node)) {
        link_mentions(&arena, node, &is_mentioned);
    }
    Some(sanitise::comment(&html(root, &options, limit)?)).filter(|safe| safe.len() <= limit)
}

fn options() -> Options<'static> {
    let mut options = Options::default();
    options.extension.strikethrough = true;
    options.extension.autolink = true;
    options.extension.cjk_friendly_emphasis = true;
    options.render.escape = true;
    // Who answers in a line of its own means one.
    options.render.hardbreaks = true;
    options
}

fn plainer(node: Node<'_>) {
    let mut data = node.data.borrow_mut();
    match &mut data.value {
        NodeValue::Heading(_) => data.value = NodeValue::Paragraph,
        NodeValue::Image(picture) => {
            let picture = std::mem::take(picture);
            data.value = NodeValue::Link(picture);
        }
        // Not an enum of ours.
        _ => {}
    }
}

/// Whether it is within a link, in which there can be no other.
fn is_linked(node: Node<'_>) -> bool {
    node.ancestors().any(|above| matches!(above.data.borrow().value, NodeValue::Link(_)))
}

/// Puts links in the place of the mentions in a text.
fn link_mentions<'a>(arena: &'a Arena<'a>, node: Node<'a>, is_mentioned: &impl Fn(&str) -> bool) {
    let NodeValue::Text(text) = node.data.borrow().value.clone() else { return };
    let mut done = 0;
    let new = |value: NodeValue| -> Node<'a> { arena.alloc(AstNode::from(value)) };
    let said = |text: &str| new(NodeValue::Text(text.to_owned().into()));
    for (at, word) in mentions::words(&text).filter(|(_, word)| is_mentioned(word)) {
        let url = format!("{}{word}", sanitise::AUTHORS);
        let link = new(NodeValue::Link(Box::new(NodeLink { url, title: String::new() })));
        link.append(said(&format!("@{word}")));
        node.insert_before(said(&text[done..at - 1]));
        node.insert_before(link);
        done = at + word.len();
    }
    if done > 0 {
        node.data.borrow_mut().value = NodeValue::Text(text[done..].to_owned().into());
    }
}

#[cfg(test)]
mod tests;
