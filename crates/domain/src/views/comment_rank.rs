use uuid::Uuid;

use super::{Seen, SourceEvent, View};
use crate::comments::{self, Comments, Deleted, Edited, Written, comment_id};
use crate::reactions::{self, Given, Reactions, Withdrawn};
use crate::values::TargetKind;

/// The view of how often comments are liked, on which post: what lists have them by that order. It is made of what is
/// said and of what is given, so it does not matter which of two topics is read first.
#[derive(Clone, Copy, Debug)]
pub struct CommentRanks;

crate::sources! {
    /// What comments are ranked by.
    pub struct Ranking of RankingEvent {
        /// Comments.
        Said = Comments,
        /// What is given to them.
        Given = Reactions,
    }
}

/// A comment's place among those on its post.
#[derive(Clone, Debug, PartialEq)]
pub struct CommentRank {
    /// The comment.
    pub comment_id: Uuid,
    /// The post; none as long as only what is given to the comment was read.
    pub post_id: Option<Uuid>,
    /// Its number among those on the post.
    pub number: Option<i64>,
    /// The number of the one that it answers.
    pub reply_to: Option<i64>,
    /// Whether it says nothing any more.
    pub deleted: bool,
    /// How many reactions it has, of all kinds together.
    pub given: i64,
    /// How many it is ranked by: one that says nothing is liked by no one.
    pub reactions: i64,
}

impl CommentRank {
    fn of(comment_id: Uuid) -> Self {
        let (post_id, number, reply_to) = (None, None, None);
        Self { comment_id, post_id, number, reply_to, deleted: false, given: 0, reactions: 0 }
    }
}

impl View for CommentRanks {
    const NAME: &'static str = "comment_ranks";
    type Source = Ranking;
    type Key = Uuid;
    type Row = CommentRank;

    fn keys(event: SourceEvent<'_, Ranking>) -> impl IntoIterator<Item = Uuid> {
        match event.event {
            RankingEvent::Said(
                comments::Event::Written(Written { post_id, number, .. })
                | comments::Event::Edited(Edited { post_id, number, .. })
                | comments::Event::Deleted(Deleted { post_id, number, .. }),
            ) => vec![comment_id(*post_id, *number)],
            RankingEvent::Said(comments::Event::Erased(erased)) => {
                erased.numbers.iter().map(|number| comment_id(erased.post_id, *number)).collect()
            }
            RankingEvent::Given(
                reactions::Event::Given(Given { target_kind, target_id, .. })
                | reactions::Event::Withdrawn(Withdrawn { target_kind, target_id, .. }),
            ) => {
                if *target_kind == TargetKind::Comment {
                    vec![*target_id]
                } else {
                    Vec::new()
                }
            }
            // Whom a comment is shown to says nothing of how it is liked.
            RankingEvent::Said(comments::Event::Hidden(_) | comments::Event::Shown(_))
            | RankingEvent::Given(reactions::Event::Shared(_) | reactions::Event::Unshared(_)) => Vec::new(),
        }
    }

    /// Many aggregates feed a row: each reaction is one.
    fn seen(_: Option<&CommentRank>, _: SourceEvent<'_, Ranking>) -> Seen {
        Seen::Unknown
    }

    fn fold(id: &Uuid, row: Option<CommentRank>, event: SourceEvent<'_, Ranking>) -> Option<CommentRank> {
        let mut row = row.unwrap_or_else(|| CommentRank::of(*id));
        match event.event {
            RankingEvent::Said(comments::Event::Written(Written { post_id, number, reply_to, .. })) => {
                (row.post_id, row.number, row.reply_to) = (Some(*post_id), Some(*number), *reply_to);
            }
            RankingEvent::Said(comments::Event::Deleted(_) | comments::Event::Erased(_)) => row.deleted = true,
            RankingEvent::Given(reactions::Event::Given(_)) => row.given += 1,
            RankingEvent::Given(reactions::Event::Withdrawn(_)) => row.given -= 1,
            RankingEvent::Said(comments::Event::Edited(_) | comments::Event::Hidden(_) | comments::Event::Shown(_))
            | RankingEvent::Given(reactions::Event::Shared(_) | reactions::Event::Unshared(_)) => {}
        }
        row.reactions = if row.deleted { 0 } else { row.given };
        // What was given to a comment and taken back before it was read is as if it had never been.
        (row.post_id.is_some() || row.deleted || row.given != 0).then_some(row)
    }
}
