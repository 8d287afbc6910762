use domain::Timestamp;
use domain::views::{AllSeries, Series, SeriesSlug, SeriesSlugs};
use uuid::Uuid;

use crate::content::derived::{Derived, Details, Sums};
use crate::content::table::table;
use crate::content::view::Stored;

table! {
    Series as "series" {
        key { series_id: Uuid }
        owner_id: Uuid,
        slug: String,
        title: String,
        description: String,
        post_ids: Vec<Uuid>,
        deleted: bool,
        created_at: Timestamp,
        updated_at: Timestamp,
        version: u64,
    }
}

/// A post in a series that is there: what queries read.
#[derive(Clone, Debug, PartialEq)]
struct SeriesPost {
    series_id: Uuid,
    place: i64,
    post_id: Uuid,
}

table! {
    SeriesPost as "series_posts" {
        key { series_id: Uuid, place: i64, post_id: Uuid }
    }
}

/// How many series an account has, which is read with every author.
const COUNTS: Sums<Series, Uuid, 1> = Sums { table: "series_counts", key: "owner_id", amounts: ["series"], of: counts };

impl Stored for AllSeries {
    const ABOUT: &'static str = "Every series, its posts in order, and how many an account has";
    const DERIVED: &'static [&'static dyn Derived<Series>] = &[&Details { of: posts }, &COUNTS];
}

fn posts(series: &Series) -> Vec<SeriesPost> {
    let series_id = series.series_id;
    series.posts().map(|(place, post_id)| SeriesPost { series_id, place, post_id }).collect()
}

fn counts(series: &Series) -> Vec<(Uuid, [i64; 1])> {
    if series.deleted { Vec::new() } else { vec![(series.owner_id, [1])] }
}

table! {
    SeriesSlug as "series_slugs" {
        key { slug: String }
        series_id: Uuid,
    }
}

impl Stored for SeriesSlugs {
    const ABOUT: &'static str = "Every slug that a series ever had";
}
