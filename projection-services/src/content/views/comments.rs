use domain::Timestamp;
use domain::views::ranks::{COMMENT, Mark};
use domain::views::{Comment, CommentRank, CommentRanks, Comments};
use uuid::Uuid;

use crate::content::derived::{Derived, Sums};
use crate::content::points::Points;
use crate::content::table::table;
use crate::content::view::Stored;

table! {
    Comment as "comments" {
        key { post_id: Uuid, number: i64 }
        comment_id: Uuid,
        author_id: Uuid,
        reply_to: Option<i64>,
        depth: i64,
        text: String,
        former_texts: Vec<String>,
        former_texts_at: Vec<i64>,
        deleted: bool,
        written_at: Timestamp,
        edited_at: Option<Timestamp>,
        editable_until_at: Timestamp,
        version: u64,
        visible: String,
        held_by: Vec<String>,
        withheld_texts: i64,
    }
}

table! {
    CommentRank as "comment_ranks" {
        key { comment_id: Uuid }
        post_id: Option<Uuid>,
        number: Option<i64>,
        reply_to: Option<i64>,
        deleted: bool,
        given: i64,
        reactions: i64,
    }
}

impl Stored for CommentRanks {
    const ABOUT: &'static str = "How many reactions each comment has, by post";
}

/// How many comments a post has that say something and are shown to all.
const ON_POSTS: Sums<Comment, Uuid, 1> =
    Sums { table: "comment_counts", key: "post_id", amounts: ["comments"], of: on_posts };

/// How many a person has written that say something and are shown to all.
const OF_PEOPLE: Sums<Comment, Uuid, 1> =
    Sums { table: "commenter_counts", key: "account_id", amounts: ["comments"], of: of_people };

/// How many that are shown to all answer a comment, be there some that say nothing any more: a reader is shown their
/// places.
const ANSWERS: Sums<Comment, Uuid, 1> =
    Sums { table: "answer_counts", key: "comment_id", amounts: ["answers"], of: answers };

/// The points that posts have by them.
const POINTS: Points<Comment, Uuid> = Points { table: "comment_points", key: "post_id", of: points };

impl Stored for Comments {
    const ABOUT: &'static str =
        "Every comment, and how many there are on each post, of each person, and in answer to each";
    // For their texts.
    const IS_LARGE: bool = true;
    const DERIVED: &'static [&'static dyn Derived<Comment>] = &[&ON_POSTS, &OF_PEOPLE, &ANSWERS, &POINTS];
}

/// What is hidden is counted for no one, its author neither: a number would tell that it is there.
fn counts(comment: &Comment) -> bool {
    !comment.deleted && comment.is_shown()
}

fn on_posts(comment: &Comment) -> Vec<(Uuid, [i64; 1])> {
    if counts(comment) { vec![(comment.post_id, [1])] } else { Vec::new() }
}

/// Of those that are counted, and of no others.
fn points(comment: &Comment) -> Vec<(Uuid, Mark)> {
    on_posts(comment).into_iter().map(|(post_id, _)| (post_id, Mark::at(comment.written_at, COMMENT))).collect()
}

fn of_people(comment: &Comment) -> Vec<(Uuid, [i64; 1])> {
    if counts(comment) { vec![(comment.author_id, [1])] } else { Vec::new() }
}

fn answers(comment: &Comment) -> Vec<(Uuid, [i64; 1])> {
    comment.answered_id().filter(|_| comment.is_shown()).map(|id| (id, [1])).into_iter().collect()
}
