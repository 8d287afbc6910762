use domain::Timestamp;
use domain::values::{Tag, UserName};
use serde::Deserialize;
use service_kit::times;

use crate::cursor::ListId;
use crate::page::page_query;

page_query! {
    /// The parameters of a list of posts.
    pub(crate) struct ListQuery {
        /// Only posts with this tag.
        #[param(example = "event-sourcing")]
        tag: Option<String>,
        /// Only posts by this user name, as author or co-author, whatever its case.
        author: Option<String>,
        /// Only posts published at this time or later: RFC 3339, or a date, whose first instant (UTC) is meant.
        #[param(value_type = Option<String>, example = "2026-01-01")]
        from: Option<Moment>,
        /// Only posts published before this time.
        #[param(value_type = Option<String>, example = "2026-02-01T00:00:00Z")]
        until: Option<Moment>,
    }
    /// How many posts to give at most.
    limit
}

/// A time, or a date for its first instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Moment(Timestamp);

impl TryFrom<String> for Moment {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        let at = if text.len() == 10 { times::parse(&format!("{text}T00:00:00Z")) } else { times::parse(&text) };
        at.map(Self).map_err(|_| "is neither a time such as 2026-01-02T03:04:05Z nor a date such as 2026-01-02")
    }
}

/// Which posts a list holds.
#[derive(Debug)]
pub(super) struct Filter {
    pub(super) tag: Option<Tag>,
    pub(super) author: Option<UserName>,
    pub(super) from: Option<Timestamp>,
    pub(super) until: Option<Timestamp>,
}

impl ListQuery {
    /// The filters; `None` if no post can pass them, for no tag or user name is ever written so.
    pub(super) fn filter(&self) -> Option<Filter> {
        Some(Filter {
            tag: self.tag.as_deref().map(str::parse).transpose().ok()?,
            author: self.author.as_deref().map(str::parse).transpose().ok()?,
            from: self.from.map(|Moment(at)| at),
            until: self.until.map(|Moment(at)| at),
        })
    }
}

impl Filter {
    /// Which list these filters make, for its cursors.
    pub(super) fn list_id(&self) -> ListId {
        let time = |at: Option<Timestamp>| at.map(times::format).unwrap_or_default();
        let author = self.author.as_ref().map(UserName::canonical).unwrap_or_default();
        let tag = self.tag.as_ref().map_or("", Tag::as_str);
        ListId::of(["posts", tag, &author, &time(self.from), &time(self.until)])
    }
}
