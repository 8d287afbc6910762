//! Markdown into HTML that is safe to show. Authors may write HTML of their own; what can run, load or disguise
//! itself is taken out of it, together with all that Markdown made: the sanitiser trusts neither.

mod cost;
mod sanitise;

use comrak::{Arena, Node, Options, format_html, parse_document};

/// Part of every rendered post's entity tag: raise it when the same Markdown gives other HTML.
pub(crate) const REVISION: u32 = 1;

/// Renders and sanitises. A body that would cost seconds is shown more plainly: first its HTML as text, and where
/// Markdown itself is nested beyond reason, all of it as text.
pub(crate) fn to_safe_html(markdown: &str) -> String {
    let (arena, options) = (Arena::new(), options());
    let root = parse_document(&arena, markdown, &options);
    let size = cost::Size::of(root);
    if size.is_too_deep() {
        return format!("<pre>{}</pre>\n", ammonia::clean_text(markdown));
    }
    let html = html(root, &options);
    if !size.is_too_costly(&html) {
        return sanitise::sanitise(&html);
    }
    let mut plainer = options;
    plainer.render.escape = true;
    sanitise::sanitise(&self::html(root, &plainer))
}

fn html<'a>(root: Node<'a>, options: &Options<'_>) -> String {
    let mut html = String::new();
    format_html(root, options, &mut html).expect("a String takes any text");
    html
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
    // Passed through here, judged by the sanitiser.
    options.render.r#unsafe = true;
    options
}

#[cfg(test)]
mod tests;
