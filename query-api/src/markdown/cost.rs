//! What rendering a body may cost: time and HTML in proportion to its length, whatever is in it.
//!
//! An HTML parser looks through all open elements at many a tag, so its time grows with tags times depth, and with the
//! square of a tag's attributes: half a megabyte of the right `<div>`s would keep a processor busy for a minute. Both
//! are bounded here by what they cannot exceed, without parsing. A Markdown parser is bounded by its own time.

use std::fmt;

pub(super) use comment_text::Budget;
use comrak::Node;
use comrak::arena_tree::NodeEdge;
use comrak::nodes::NodeValue;

/// No author quotes a quote a hundred times.
const DEEPEST: usize = 100;
/// All of an author's own HTML in one body. A tag's attributes are at most a quarter of this, and a few hundred
/// million comparisons of them take less than a second.
const OWN_HTML_BYTES: usize = 96 * 1024;
/// Tags times the deepest that they can be nested: well under a second.
const STEPS: usize = 100_000_000;
/// HTML of a body without a letter, and of each of its bytes. The longest that people write is a table of numbers, or
/// code full of quotes: six bytes for one.
const HTML_BYTES: usize = 64 * 1024;
const HTML_BYTES_PER_BYTE: usize = 8;
/// The longest HTML that may come of a body.
pub(super) fn longest_html(markdown: &str) -> usize {
    HTML_BYTES + HTML_BYTES_PER_BYTE * markdown.len()
}

/// A text that refuses to become longer than its limit.
pub(super) struct Bounded {
    /// The text.
    pub(super) text: String,
    limit: usize,
}

impl Bounded {
    /// An empty text.
    pub(super) fn by(limit: usize) -> Self {
        Self { text: String::new(), limit }
    }
}

impl fmt::Write for Bounded {
    fn write_str(&mut self, more: &str) -> fmt::Result {
        if self.text.len() + more.len() > self.limit {
            return Err(fmt::Error);
        }
        self.text.push_str(more);
        Ok(())
    }
}

/// What there is in a document that costs.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Size {
    depth: usize,
    own_html_bytes: usize,
    own_tags: usize,
}

impl Size {
    /// Of a parsed document.
    pub(super) fn of(root: Node<'_>) -> Self {
        let (mut size, mut depth) = (Self::default(), 0_usize);
        for edge in root.traverse() {
            match edge {
                NodeEdge::Start(node) => {
                    depth += 1;
                    size.depth = size.depth.max(depth);
                    match &node.data.borrow().value {
                        NodeValue::HtmlBlock(block) => size.add(&block.literal),
                        NodeValue::HtmlInline(html) => size.add(html),
                        // Whatever else there is costs no more than its depth. (Not an enum of ours.)
                        _ => {}
                    }
                }
                NodeEdge::End(_) => depth -= 1,
            }
        }
        size
    }

    fn add(&mut self, own_html: &str) {
        self.own_html_bytes += own_html.len();
        self.own_tags += tags(own_html);
    }

    /// Whether it is nested beyond reason.
    pub(super) fn is_too_deep(&self) -> bool {
        self.depth > DEEPEST
    }

    /// Whether the author's own HTML could make sanitising `html` take too long.
    pub(super) fn is_too_costly(&self, html: &str) -> bool {
        let deepest = self.own_tags + self.depth;
        self.own_html_bytes > OWN_HTML_BYTES || deepest.saturating_mul(tags(html)) > STEPS
    }
}

/// At least as many as there are.
fn tags(html: &str) -> usize {
    html.bytes().filter(|byte| *byte == b'<').count()
}
