//! Tells pictures of which a text says nothing (`![](/media/…)`) from those that its author shows without words on
//! purpose (`<img alt="">`: they tell nothing). Markdown writes both in the same way, so the former are marked before
//! they become HTML, and the sanitiser takes the whole attribute away: what is known of the picture stands in then.

use comrak::nodes::{AstNode, NodeValue};
use comrak::{Arena, Node};
use domain::values::{Sha256, WITHIN};

/// The text of a picture of which nothing is said: of a private character, which stands for nothing that people write.
pub(super) const MARK: &str = "\u{e000}";

/// Marks the pictures of ours that have no text.
pub(super) fn mark<'a>(arena: &'a Arena<'a>, root: Node<'a>) {
    let undescribed: Vec<Node<'a>> = root.descendants().filter(|node| is_undescribed(node)).collect();
    for picture in undescribed {
        picture.append(arena.alloc(AstNode::from(NodeValue::Text(MARK.into()))));
    }
}

fn is_undescribed(node: Node<'_>) -> bool {
    let is_ours = match &node.data().value {
        NodeValue::Image(link) => link.url.strip_prefix(WITHIN).is_some_and(|rest| rest.parse::<Sha256>().is_ok()),
        // Not an enum of ours.
        _ => false,
    };
    is_ours && node.descendants().all(|part| says_nothing(part))
}

fn says_nothing(part: Node<'_>) -> bool {
    match &part.data().value {
        NodeValue::Text(text) => text.trim().is_empty(),
        NodeValue::Code(code) => code.literal.trim().is_empty(),
        NodeValue::HtmlInline(html) => html.trim().is_empty(),
        _ => true,
    }
}
