use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};
use domain::values::UserName;

use super::undescribed::MARK;

/// Every id in a body begins so, and every link within the body: no author can take an id that a page around the body
/// relies on.
pub(super) const ID_PREFIX: &str = "content-";

/// Where a mention in a comment leads: what follows is the user name.
pub(super) const AUTHORS: &str = "/v1/authors/";

/// What Markdown makes of the box of a task. Any other input is an author's own.
const TASK_BOXES: [&str; 2] =
    [r#"<input type="checkbox" checked="" disabled="" />"#, r#"<input type="checkbox" disabled="" />"#];

static SANITISER: LazyLock<Builder<'static>> = LazyLock::new(sanitiser);

/// Leaves only what is on the lists below.
pub(super) fn sanitise(html: &str) -> String {
    SANITISER.clean(&without_own_inputs(html)).to_string()
}

static COMMENTS: LazyLock<Builder<'static>> = LazyLock::new(sanitiser_of_comments);

/// The same of a comment, of which less is on the lists.
pub(super) fn comment(html: &str) -> String {
    COMMENTS.clean(html).to_string()
}

fn sanitiser_of_comments() -> Builder<'static> {
    let mut builder = Builder::empty();
    builder
        .tags(HashSet::from([
            "p",
            "br",
            "em",
            "strong",
            "del",
            "code",
            "pre",
            "blockquote",
            "ul",
            "ol",
            "li",
            "a",
            "hr",
        ]))
        .tag_attributes(HashMap::from([
            ("a", HashSet::from(["href"])),
            ("code", HashSet::from(["class"])),
            ("ol", HashSet::from(["start"])),
        ]))
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .url_relative(UrlRelative::Custom(Box::new(to_an_author)))
        // No search engine counts what anyone can write.
        .link_rel(Some("noopener noreferrer nofollow ugc"))
        .attribute_filter(filter);
    builder
}

/// Only a mention leads somewhere here: a reader who follows another link sees where it goes.
fn to_an_author(url: &str) -> Option<Cow<'_, str>> {
    url.strip_prefix(AUTHORS)?.parse::<UserName>().is_ok().then(|| url.into())
}

/// The sanitiser can judge an input's attributes, and would leave the bare tag: a field that asks the reader for text.
/// So an author's own becomes a tag that is empty as well, and that is on no list.
fn without_own_inputs(html: &str) -> Cow<'_, str> {
    const NAME: &str = "<input";
    let begins = |at: usize, what: &str| {
        html.as_bytes().get(at..at + what.len()).is_some_and(|here| here.eq_ignore_ascii_case(what.as_bytes()))
    };
    let is_own = |at: &usize| begins(*at, NAME) && !TASK_BOXES.iter().any(|made| html[*at..].starts_with(made));
    let (mut without, mut done) = (String::new(), 0);
    for at in html.match_indices('<').map(|(at, _)| at).filter(is_own) {
        without.push_str(&html[done..at]);
        without.push_str("<embed");
        done = at + NAME.len();
    }
    if done == 0 {
        return html.into();
    }
    without.push_str(&html[done..]);
    without.into()
}

fn sanitiser() -> Builder<'static> {
    let mut builder = Builder::default();
    builder
        .rm_tags(["area", "map", "nav", "header", "footer"])
        .add_tags(["section", "input"])
        .url_schemes(HashSet::from(["http", "https", "mailto", "tel"]))
        .link_rel(Some("noopener noreferrer"))
        .id_prefix(Some(ID_PREFIX))
        // Whatever has one can be linked to.
        .add_generic_attributes(["id"])
        .add_tag_attributes("section", ["class"])
        .add_tag_attributes("code", ["class"])
        .add_tag_attributes("a", ["class", "aria-hidden", "aria-label", "name"])
        .add_tag_attributes("sup", ["class"])
        .add_tag_attributes("input", ["disabled", "checked"])
        // The boxes of task lists, and no other input.
        .tag_attribute_values(HashMap::from([("input", HashMap::from([("type", HashSet::from(["checkbox"]))]))]))
        // Those far down a text are asked for when they come into view.
        .set_tag_attribute_value("img", "loading", "lazy")
        .attribute_filter(filter);
    builder
}

/// Classes are those that rendering makes; links within the body follow its ids, and the names of its anchors, to
/// their prefix. A picture of which nothing is said has no description, which is another thing than an empty one.
fn filter<'u>(element: &str, attribute: &str, value: &'u str) -> Option<Cow<'u, str>> {
    match (element, attribute) {
        ("code", "class") => language(value).map(Cow::from),
        (_, "class") => {
            matches!(value, "anchor" | "footnotes" | "footnote-ref" | "footnote-backref").then_some(value.into())
        }
        ("img", "alt") => (value.trim() != MARK).then(|| value.into()),
        ("a", "name") => (!value.is_empty()).then(|| prefixed(value)),
        ("a", "href") => match value.strip_prefix('#') {
            Some(id) if !id.is_empty() => Some(format!("#{}", prefixed(id)).into()),
            Some(_) | None => Some(value.into()),
        },
        _ => Some(value.into()),
    }
}

fn prefixed(id: &str) -> Cow<'_, str> {
    if id.starts_with(ID_PREFIX) { id.into() } else { format!("{ID_PREFIX}{id}").into() }
}

/// The class of a block of code, without what an author adds for a tool: of `rust,ignore` it is `language-rust`.
fn language(class: &str) -> Option<&str> {
    let fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '#' | '-' | '_' | '.');
    let class = class.split([',', ';', ':', '{', ' ']).next()?;
    let name = class.strip_prefix("language-")?;
    (!name.is_empty() && name.len() <= 40 && name.chars().all(fine)).then_some(class)
}
