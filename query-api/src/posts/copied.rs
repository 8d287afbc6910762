//! A working copy laid over a post, as its release would: what it names is new, what it takes away is as if it had
//! never been there, all else stays. A test asks whether each field that a copy can have is laid here.

use domain::values::{Comments, Visibility, WITHIN};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use service_kit::times::Rfc3339;

use super::about::{About, CoverColumns, Covered, OwnFields};
use super::summary::PostSummary;
use crate::author_refs::AuthorRefs;
use crate::category_refs::CategoryRefs;
use crate::database::Time;

/// What a working copy changes.
pub(crate) struct Copied(Map<String, Value>);

impl Copied {
    /// What a row has; `None` where nothing can be made of it.
    pub(crate) fn of(change: &str) -> Option<Self> {
        serde_json::from_str(change).ok().map(Self)
    }

    /// The new value of a field, `None` where it stays; what is taken away is what is given here.
    fn changed<T: DeserializeOwned>(&self, name: &str, none: T) -> Option<T> {
        let new = self.0.get(name)?;
        // What an author could not have saved is as if it were taken away.
        Some(if new.is_null() { none } else { serde_json::from_value(new.clone()).unwrap_or(none) })
    }

    /// Lays a field over the post's.
    pub(crate) fn lay<T: DeserializeOwned + Default>(&self, name: &str, field: &mut T) {
        if let Some(new) = self.changed(name, T::default()) {
            *field = new;
        }
    }

    /// Lays a time over the post's.
    pub(crate) fn lay_time(&self, name: &str, field: &mut Option<Time>) {
        if let Some(new) = self.changed::<Option<Rfc3339>>(name, None) {
            *field = new.map(|Rfc3339(at)| Time::nearest(at));
        }
    }

    fn cover(&self) -> Option<Covered> {
        let cover: Map<String, Value> = self.changed("cover", Map::new())?;
        let text = |name: &str| cover.get(name).and_then(Value::as_str).map(ToOwned::to_owned);
        let percent = |name: &str| cover.get(name).map(ToString::to_string);
        let image = text("url").or_else(|| text("sha256").map(|sha256| format!("{WITHIN}{sha256}")));
        let columns: CoverColumns = vec![image, text("alt"), percent("focal_x"), percent("focal_y")];
        Some(columns.into())
    }
}

impl PostSummary {
    /// Lays over it what a copy changes of it, which was saved then.
    pub(crate) fn lay(&mut self, copied: &Copied, saved_at: Time) {
        for (name, text) in [("slug", &mut self.slug), ("title", &mut self.title), ("summary", &mut self.summary)] {
            copied.lay(name, text);
        }
        copied.lay("tags", &mut self.tags);
        if let Some(ids) = copied.changed("category_ids", Vec::new()) {
            self.categories = CategoryRefs::from(ids);
        }
        if let Some(ids) = copied.changed("co_author_ids", Vec::new()) {
            self.co_authors = AuthorRefs::from(ids);
        }
        if let Some(cover) = copied.cover() {
            self.cover = cover;
        }
        copied.lay("language", &mut self.language);
        if let Some(visibility) = copied.changed("visibility", Visibility::Public.name().to_owned()) {
            self.visibility = visibility;
        }
        copied.lay("featured", &mut self.featured);
        self.updated_at = saved_at;
    }
}

impl About {
    /// Lays over it what a copy changes of it, which is of this post.
    pub(crate) fn lay(&mut self, copied: &Copied, post: &PostSummary) {
        copied.lay("canonical_url", &mut self.canonical_url);
        copied.lay("meta_title", &mut self.meta_title);
        copied.lay("meta_description", &mut self.meta_description);
        if let Some(fields) = copied.changed::<Map<String, Value>>("custom_fields", Map::new()) {
            self.custom_fields = OwnFields::from(fields);
        }
        // What is archived takes none, whatever its author chose or chooses.
        if let Some(comments) = copied.changed("comments", Comments::Open.name().to_owned()).filter(|_| !post.archived)
        {
            self.comments = comments;
        }
    }
}
