use domain::Timestamp;
use domain::views::{Comment, CommentRank, CommentRanks, Comments};
use uuid::Uuid;

use crate::content::derived::{Derived, Sums};
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

/// How many comments a post has that say something.
const ON_POSTS: Sums<Comment, Uuid, 1> =
    Sums { table: "comment_counts", key: "post_id", amounts: ["comments"], of: on_posts };

/// How many a person has written that say something.
const OF_PEOPLE: Sums<Comment, Uuid, 1> =
    Sums { table: "commenter_counts", key: "account_id", amounts: ["comments"], of: of_people };

/// How many answer a comment, be there some that say nothing any more: a reader is shown their places.
const ANSWERS: Sums<Comment, Uuid, 1> =
    Sums { table: "answer_counts", key: "comment_id", amounts: ["answers"], of: answers };

impl Stored for Comments {
    const ABOUT: &'static str =
        "Every comment, and how many there are on each post, of each person, and in answer to each";
    // For their texts.
    const IS_LARGE: bool = true;
    const DERIVED: &'static [&'static dyn Derived<Comment>] = &[&ON_POSTS, &OF_PEOPLE, &ANSWERS];
}

fn on_posts(comment: &Comment) -> Vec<(Uuid, [i64; 1])> {
    if comment.deleted { Vec::new() } else { vec![(comment.post_id, [1])] }
}

fn of_people(comment: &Comment) -> Vec<(Uuid, [i64; 1])> {
    if comment.deleted { Vec::new() } else { vec![(comment.author_id, [1])] }
}

fn answers(comment: &Comment) -> Vec<(Uuid, [i64; 1])> {
    comment.answered_id().map(|id| (id, [1])).into_iter().collect()
}
