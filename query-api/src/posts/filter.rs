use domain::Timestamp;
use domain::values::{Limited as _, Limits, Tag};
use serde::Deserialize;
use service_kit::{FieldError, Problem, schemas, times};
use utoipa::openapi::ObjectBuilder;
use utoipa::openapi::schema::Type;
use uuid::Uuid;

use crate::cursor::ListId;
use crate::page::page_query;

page_query! {
    /// The parameters of a list of posts.
    pub(crate) struct ListQuery {
        /// Only posts with this tag, whatever its case.
        #[param(required = false, schema_with = any_case)]
        tag: Option<AnyCase>,
        /// Only posts in the category of this slug, whatever its case.
        #[param(max_length = 200, pattern = "^[A-Za-z0-9]+(-[A-Za-z0-9]+)*$")]
        category: Option<String>,
        /// Also posts in what is below the category.
        #[param(value_type = Option<bool>, default = false)]
        descendants: Option<bool>,
        /// Only posts by the account of this user name, as author or co-author, whatever its case.
        author: Option<String>,
        /// Only posts that are featured, or only others.
        #[param(value_type = Option<bool>)]
        featured: Option<bool>,
        /// Only posts in the archive, which no list has without this.
        #[param(value_type = Option<bool>, default = false)]
        archived: Option<bool>,
        /// Only posts published in this year (UTC).
        #[param(value_type = Option<i64>, minimum = 1000, maximum = 9998)]
        year: Option<i32>,
        /// Only posts published in this month of the year: 1 to 12.
        #[param(value_type = Option<i64>, minimum = 1, maximum = 12)]
        month: Option<u8>,
        /// Only posts published at this time or later: RFC 3339, or a date, whose first instant (UTC) is meant.
        #[param(required = false, schema_with = moment)]
        from: Option<Moment>,
        /// Only posts published before this time.
        #[param(required = false, schema_with = moment)]
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

/// A tag, in any case.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct AnyCase(Tag);

impl TryFrom<String> for AnyCase {
    type Error = String;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.to_ascii_lowercase().parse().map(Self).map_err(|error: domain::values::Invalid| error.to_string())
    }
}

fn any_case() -> ObjectBuilder {
    schemas::text(Limits { pattern: Some("^[A-Za-z0-9]+(-[A-Za-z0-9]+)*$"), ..Tag::LIMITS })
}

fn moment() -> ObjectBuilder {
    let pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}(.[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2}))?$";
    let text = ObjectBuilder::new().schema_type(Type::String).pattern(Some(pattern));
    text.examples(["2026-01-01", "2026-02-01T00:00:00Z"])
}

/// A category that posts are in.
#[derive(Debug)]
pub(super) struct InCategory {
    pub(super) id: Uuid,
    /// Whether those are meant too that are only in what is below it.
    pub(super) with_descendants: bool,
    /// The ids by which posts name it.
    pub(super) named: Vec<Uuid>,
}

/// A tag that posts have.
#[derive(Debug)]
pub(super) struct Tagged {
    pub(super) tag: Tag,
    /// It, and the names that stand for it.
    pub(super) named: Vec<String>,
}

/// Which posts a list holds.
#[derive(Debug)]
pub(super) struct Filter {
    pub(super) tag: Option<Tagged>,
    pub(super) category: Option<InCategory>,
    /// The account that the user name is of.
    pub(super) author: Option<Uuid>,
    pub(super) featured: Option<bool>,
    pub(super) archived: bool,
    pub(super) from: Option<Timestamp>,
    pub(super) until: Option<Timestamp>,
}

impl ListQuery {
    /// The user name that is asked for.
    pub(super) fn author(&self) -> Option<&str> {
        self.author.as_deref()
    }

    /// The tag that is asked for.
    pub(super) fn tag(&self) -> Option<&Tag> {
        self.tag.as_ref().map(|AnyCase(tag)| tag)
    }

    /// The slug of the category that is asked for.
    pub(super) fn category(&self) -> Option<&str> {
        self.category.as_deref()
    }

    /// Whether posts are meant too that are only in what is below the category.
    pub(super) fn with_descendants(&self) -> bool {
        self.descendants.unwrap_or(false)
    }

    /// From when until when the posts were published that are asked for: both what `from` and `until` say, and year
    /// and month.
    ///
    /// # Errors
    /// 422: there is no such year or month, or a month without its year.
    pub(super) fn span(&self) -> Result<Span, Problem> {
        let (from, until) = (self.from.map(|Moment(at)| at), self.until.map(|Moment(at)| at));
        let wrong = |parameter, detail: &str| Problem::invalid(vec![FieldError::parameter(parameter, detail)]);
        let (first, after) = match (self.year, self.month) {
            (None, None) => return Ok((from, until)),
            (None, Some(_)) => return Err(wrong("month", "is of a year; give `year` too")),
            (Some(year), _) if !(1000..=9998).contains(&year) => return Err(wrong("year", "must be 1000 to 9998")),
            (Some(year), None) => ((year, 1), (year + 1, 1)),
            (Some(year), Some(12)) => ((year, 12), (year + 1, 1)),
            (Some(year), Some(month @ 1..=11)) => ((year, month), (year, month + 1)),
            (Some(_), Some(_)) => return Err(wrong("month", "must be 1 to 12")),
        };
        Ok((from.max(Some(first_of(first))), until.into_iter().chain([first_of(after)]).min()))
    }

    /// The filters: what the parameters name.
    pub(super) fn filter(
        &self,
        (from, until): Span,
        author: Option<Uuid>,
        category: Option<InCategory>,
        tag: Option<Tagged>,
    ) -> Filter {
        let (featured, archived) = (self.featured, self.archived.unwrap_or(false));
        Filter { tag, category, author, featured, archived, from, until }
    }
}

impl InCategory {
    /// Which category, and not by which ids posts name it: enough to tell lists apart.
    pub(super) fn of_id(id: Uuid, with_descendants: bool) -> Self {
        Self { id, with_descendants, named: Vec::new() }
    }
}

impl Tagged {
    /// Which tag, and not by which names posts have it: enough to tell lists apart.
    pub(super) fn of_name(tag: &Tag) -> Self {
        Self { tag: tag.clone(), named: Vec::new() }
    }
}

impl Filter {
    /// Which list these filters make, for its cursors; it stays the same when the author takes another name, or the
    /// category another slug.
    pub(super) fn list_id(&self) -> ListId {
        let time = |at: Option<Timestamp>| at.map(times::format).unwrap_or_default();
        let author = self.author.map(|id| id.to_string()).unwrap_or_default();
        let tag = self.tag.as_ref().map_or("", |tagged| tagged.tag.as_str());
        let category = self.category.as_ref().map(|category| format!("{}/{}", category.id, category.with_descendants));
        let list = ["posts", tag, &author, &time(self.from), &time(self.until)];
        // Last, so that cursors of before are of the list without it.
        let featured = self.featured.map(|featured| format!("featured={featured}"));
        let archived = self.archived.then_some("archived");
        ListId::of(list.into_iter().chain(category.as_deref()).chain(featured.as_deref()).chain(archived))
    }
}

/// From when until when.
pub(super) type Span = (Option<Timestamp>, Option<Timestamp>);

/// The first instant of a month, in UTC.
fn first_of((year, month): (i32, u8)) -> Timestamp {
    let month = time::Month::try_from(month).unwrap_or(time::Month::January);
    let date = time::Date::from_calendar_date(year, month, 1).unwrap_or(time::Date::MAX);
    Timestamp(date.midnight().assume_utc().unix_timestamp() * 1_000)
}
