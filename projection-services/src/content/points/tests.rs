use domain::views::ranks::Mark;

use super::Points;
use crate::content::derived::Change;

/// A row that gives so many points to a key, on a day.
type Row = (&'static str, i64, i64);

const POINTS: Points<Row, String> = Points { table: "points", key: "name", of: given };

fn given((name, day, points): &Row) -> Vec<(String, Mark)> {
    vec![((*name).to_owned(), Mark { day: *day, points: *points })]
}

fn differences(changes: &[(Option<Row>, Option<Row>)]) -> Vec<(String, i64, i64)> {
    let changes: Vec<Change<'_, Row>> =
        changes.iter().map(|(before, after)| Change { before: before.as_ref(), after: after.as_ref() }).collect();
    POINTS.differences(&changes).into_iter().map(|((name, day), points)| (name, day, points)).collect()
}

#[test]
fn points_are_summed_by_key_and_day() {
    let changes = [(None, Some(("a", 2, 10))), (None, Some(("a", 2, 20))), (None, Some(("b", 1, 10)))];
    assert_eq!(differences(&changes), [("a".to_owned(), 2, 30), ("b".to_owned(), 1, 10)]);
}

#[test]
fn what_goes_takes_the_points_of_its_own_day_with_it() {
    assert_eq!(differences(&[(Some(("a", 2, 10)), None)]), [("a".to_owned(), 2, -10)]);
    let moved = (Some(("a", 2, 10)), Some(("a", 5, 10)));
    assert_eq!(differences(&[moved]), [("a".to_owned(), 2, -10), ("a".to_owned(), 5, 10)]);
}

#[test]
fn what_stays_as_it_was_changes_nothing() {
    let same = (Some(("a", 2, 10)), Some(("a", 2, 10)));
    let back = (None, Some(("b", 3, 10)));
    let gone = (Some(("b", 3, 10)), None);
    assert_eq!(differences(&[same, back, gone]), []);
}
