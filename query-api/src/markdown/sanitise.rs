use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ammonia::Builder;

/// Every id in a body begins so, and every link within the body: no author can take an id that a page around the body
/// relies on.
pub(super) const ID_PREFIX: &str = "content-";

static SANITISER: LazyLock<Builder<'static>> = LazyLock::new(sanitiser);

/// Leaves only what is on the lists below.
pub(super) fn sanitise(html: &str) -> String {
    SANITISER.clean(html).to_string()
}

fn sanitiser() -> Builder<'static> {
    let mut builder = Builder::default();
    builder
        .rm_tags(["area", "map", "nav", "header", "footer"])
        .add_tags(["section", "input"])
        .url_schemes(HashSet::from(["http", "https", "mailto", "tel"]))
        .link_rel(Some("noopener noreferrer"))
        .id_prefix(Some(ID_PREFIX))
        .add_tag_attributes("section", ["class"])
        .add_tag_attributes("code", ["class"])
        .add_tag_attributes("a", ["class", "aria-hidden", "aria-label"])
        .add_tag_attributes("sup", ["class"])
        .add_tag_attributes("input", ["disabled", "checked"])
        // The boxes of task lists, and no other input.
        .tag_attribute_values(HashMap::from([("input", HashMap::from([("type", HashSet::from(["checkbox"]))]))]))
        .attribute_filter(filter);
    for tag in ["a", "h1", "h2", "h3", "h4", "h5", "h6", "li", "p", "section", "div", "span", "sup", "table", "figure"]
    {
        builder.add_tag_attributes(tag, ["id"]);
    }
    builder
}

/// Classes are those that rendering makes; links within the body follow its ids to their prefix.
fn filter<'u>(element: &str, attribute: &str, value: &'u str) -> Option<Cow<'u, str>> {
    match (element, attribute) {
        ("code", "class") => language(value).then_some(value.into()),
        (_, "class") => {
            matches!(value, "anchor" | "footnotes" | "footnote-ref" | "footnote-backref").then_some(value.into())
        }
        ("a", "href") => match value.strip_prefix('#') {
            Some(id) if !id.is_empty() && !id.starts_with(ID_PREFIX) => Some(format!("#{ID_PREFIX}{id}").into()),
            Some(_) | None => Some(value.into()),
        },
        _ => Some(value.into()),
    }
}

fn language(class: &str) -> bool {
    let fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '#' | '-' | '_' | '.');
    class.strip_prefix("language-").is_some_and(|name| !name.is_empty() && name.len() <= 40 && name.chars().all(fine))
}
