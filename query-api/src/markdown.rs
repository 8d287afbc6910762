//! Markdown into HTML that is safe to show. Authors may write HTML of their own; what can run, load or disguise
//! itself is taken out of it, together with all that Markdown made: the sanitiser trusts neither.

mod comment;
mod cost;
mod sanitise;
mod undescribed;

use comrak::{Arena, Node, Options, format_html, try_parse_document};

pub(crate) use comment::{Mentioned, to_safe_html as comment};

/// Part of every rendered post's entity tag: raise it when the same Markdown gives other HTML.
pub(crate) const REVISION: u32 = 4;

/// Renders and sanitises. What a body may cost grows with its length, in time and in HTML. One that would cost more is
/// shown more plainly: first without what makes many links of few letters, and where that is not enough, as its text.
pub(crate) fn to_safe_html(markdown: &str) -> String {
    [options(), without_made_links()]
        .iter()
        .find_map(|options| within_its_cost(markdown, options))
        .unwrap_or_else(|| format!("<pre>{}</pre>\n", as_text(markdown)))
}

/// `None` if it would cost too much. Where that is the fault of the author's own HTML, this is shown as text.
fn within_its_cost(markdown: &str, options: &Options<'_>) -> Option<String> {
    let arena = Arena::new();
    let (budget, limit) = (cost::Budget::of(markdown), cost::longest_html(markdown));
    let root = try_parse_document(&arena, markdown, options, &|| budget.is_spent()).ok()?;
    let size = cost::Size::of(root);
    if size.is_too_deep() {
        return None;
    }
    undescribed::mark(&arena, root);
    let mut rendered = html(root, options, limit)?;
    if size.is_too_costly(&rendered) {
        let mut plainer = options.clone();
        plainer.render.escape = true;
        rendered = html(root, &plainer, limit)?;
    }
    Some(sanitise::sanitise(&rendered)).filter(|safe| safe.len() <= limit)
}

fn html<'a>(root: Node<'a>, options: &Options<'_>, limit: usize) -> Option<String> {
    let mut html = cost::Bounded::by(limit);
    format_html(root, options, &mut html).ok().map(|()| html.text)
}

fn as_text(markdown: &str) -> String {
    markdown.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn options() -> Options<'static> {
    let mut options = Options::default();
    options.extension.strikethrough = true;
    options.extension.table = true;
    options.extension.autolink = true;
    options.extension.tasklist = true;
    options.extension.footnotes = true;
    options.extension.header_id_prefix = Some(sanitise::ID_PREFIX.to_owned());
    options.extension.header_id_prefix_in_href = true;
    // Chinese and Japanese have no spaces around what is emphasised.
    options.extension.cjk_friendly_emphasis = true;
    // Passed through here, judged by the sanitiser.
    options.render.r#unsafe = true;
    options
}

/// A heading, a footnote and an address each become links that are thirty times as long.
fn without_made_links() -> Options<'static> {
    let mut options = options();
    options.extension.autolink = false;
    options.extension.footnotes = false;
    options.extension.header_id_prefix = None;
    options
}

#[cfg(test)]
mod tests;
