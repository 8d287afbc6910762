use comrak::nodes::NodeValue;
use comrak::{Arena, Node, try_parse_document};

use crate::Budget;

/// What a reader reads of a text: without the marks of Markdown, entities decoded, words whole that are emphasised in
/// part, and each link with the address that it leads to. For whoever looks for words and links in it. One that takes
/// a parser too long is what it is.
#[must_use]
pub fn shown(text: &str) -> String {
    let (arena, budget, options) = (Arena::new(), Budget::of(text), crate::options());
    let parsed = try_parse_document(&arena, text, &options, &|| budget.is_spent());
    let Ok(root) = parsed else { return text.to_owned() };
    let mut shown = String::with_capacity(text.len());
    for node in root.descendants() {
        show(node, &mut shown);
    }
    shown
}

/// Adds what is read of a node by itself. Between blocks is a space, and none between parts of a line.
fn show(node: Node<'_>, shown: &mut String) {
    let data = node.data.borrow();
    match &data.value {
        // The words of a link that are its address are read once.
        NodeValue::Text(text) if !is_its_address(node, text) => shown.push_str(text),
        NodeValue::Text(_) | NodeValue::Emph | NodeValue::Strong | NodeValue::Strikethrough => {}
        NodeValue::Code(code) => shown.push_str(&code.literal),
        NodeValue::HtmlInline(html) => shown.push_str(html),
        NodeValue::Link(link) | NodeValue::Image(link) => {
            shown.push(' ');
            shown.push_str(&link.url);
            shown.push(' ');
        }
        NodeValue::CodeBlock(block) => {
            shown.push(' ');
            shown.push_str(&block.literal);
        }
        NodeValue::HtmlBlock(block) => {
            shown.push(' ');
            shown.push_str(&block.literal);
        }
        // Not an enum of ours: a block, or the end of a line.
        _ => shown.push(' '),
    }
}

fn is_its_address(node: Node<'_>, text: &str) -> bool {
    node.parent().is_some_and(|above| match &above.data.borrow().value {
        NodeValue::Link(link) => link.url == text || link.url.strip_prefix("http://") == Some(text),
        // Not an enum of ours.
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> String {
        shown(text).split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_word_is_whole_whatever_is_emphasised_of_it() {
        assert_eq!(words("cas**in**o, c~~as~~ino and `cas`ino"), "casino, casino and casino");
        assert_eq!(words("c&#97;sino &lt;b&gt; \\*a\\*"), "casino <b> *a*");
        assert_eq!(words("one\ntwo\n\n> three\n\n- four\n- five"), "one two three four five");
        assert_eq!(words("    code\n\n<b onclick=x>a</b>"), "code <b onclick=x>a</b>");
    }

    #[test]
    fn each_link_is_read_with_its_address_and_once() {
        let reference = "[a][1] and [b][1]\n\n[1]: https://example.org/";
        assert_eq!(words(reference), "https://example.org/ a and https://example.org/ b");
        assert_eq!(words("https://example.org www.example.org"), "https://example.org http://www.example.org");
        assert_eq!(words("![p](https://example.org/p.png)"), "https://example.org/p.png p");
        assert_eq!(words("[a](htt&#112;s://example.org)"), "https://example.org a");
    }
}
