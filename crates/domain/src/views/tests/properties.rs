use std::collections::HashMap;

use proptest::collection::vec;
use proptest::prelude::*;

use super::super::{
    AllSeries, Authors, Cases, Categories, CategorySlugs, CommentFilters, CommentRanks, Comments, FollowedSubjects,
    Follows, Invitations, PersonBlocks, Posts, Preferences, Previews, Reactions, Reviews, Ruling, Rulings, SeriesSlugs,
    Shares, Slugs, TagNames, Tags, View, ViewEvent, WrittenBy,
};
use super::histories::rows;
use crate::testing::any::{self, Drawn};
use crate::testing::post_id;
use crate::values::Visible;
use crate::{
    AnyEvent, Decider as _, DecisionContext, Recorded, Timestamp, accounts, comments, following, moderation, posts,
    reactions, series, taxonomy,
};

/// What the decider makes of commands on aggregates: histories as they can really be.
fn histories<C: Drawn<Event: Into<AnyEvent>>>() -> impl Strategy<Value = Vec<ViewEvent>> {
    vec((C::command(), any::decision_context()), 0..80).prop_map(decided::<C>)
}

fn decided<C: Drawn<Event: Into<AnyEvent>>>(commands: Vec<((String, C::Command), DecisionContext)>) -> Vec<ViewEvent> {
    let mut states: HashMap<String, (u64, C::State)> = HashMap::new();
    let mut events = Vec::new();
    for ((aggregate_id, command), context) in commands {
        let (version, state) = states.remove(&aggregate_id).unwrap_or_default();
        let decided = C::decide(&state, &command, &context).ok().flatten();
        let after = decided.iter().fold(state, C::evolve);
        let version = version + u64::from(decided.is_some());
        events.extend(decided.map(|event| Recorded {
            aggregate_id: aggregate_id.clone(),
            version,
            occurred_at: Timestamp(events.len() as i64),
            actor_id: context.actor.id,
            event: event.into(),
        }));
        states.insert(aggregate_id, (version, after));
    }
    events
}

/// As a projector does: loads the rows that a batch touches, folds in memory, writes them back.
fn in_batches<V: View>(events: &[ViewEvent], cuts: &[usize]) -> HashMap<V::Key, V::Row> {
    let mut table: HashMap<V::Key, V::Row> = HashMap::new();
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut % (events.len() + 1)).collect();
    cuts.extend([0, events.len()]);
    cuts.sort_unstable();
    for cut in cuts.windows(2) {
        let batch = &events[cut[0]..cut[1]];
        let touched = batch.iter().flat_map(V::touched);
        let mut loaded: HashMap<V::Key, V::Row> =
            touched.filter_map(|key| table.remove(&key).map(|row| (key, row))).collect();
        for event in batch {
            V::apply(&mut loaded, event).unwrap();
        }
        table.extend(loaded);
    }
    table
}

proptest! {
    #[test]
    fn however_a_history_is_cut_into_batches_the_rows_are_the_same(
        events in histories::<posts::Posts>(),
        cuts in vec(any::<usize>(), 0..6),
    ) {
        prop_assert_eq!(in_batches::<Posts>(&events, &cuts), rows::<Posts>(&events));
        prop_assert_eq!(in_batches::<Slugs>(&events, &cuts), rows::<Slugs>(&events));
        prop_assert_eq!(in_batches::<Tags>(&events, &cuts), rows::<Tags>(&events));
        let written = rows::<WrittenBy>(&events);
        prop_assert_eq!(in_batches::<WrittenBy>(&events, &cuts), written.clone());
        // Feeds list by whom what the lists do.
        for (id, post) in rows::<Posts>(&events) {
            prop_assert_eq!(written[&id].listed(), post.listed_by());
        }
        prop_assert_eq!(in_batches::<Invitations>(&events, &cuts), rows::<Invitations>(&events));
        prop_assert_eq!(in_batches::<Previews>(&events, &cuts), rows::<Previews>(&events));
        prop_assert_eq!(in_batches::<Reviews>(&events, &cuts), rows::<Reviews>(&events));
    }

    #[test]
    fn however_the_history_of_reactions_is_cut_and_whichever_topic_is_read_first_the_rows_are_the_same(
        reactions in histories::<reactions::Reactions>(),
        posts in histories::<posts::Posts>(),
        cuts in vec(any::<usize>(), 0..6),
    ) {
        let (given, shared) = (rows::<Reactions>(&reactions), rows::<Shares>(&reactions));
        for events in [[posts.clone(), reactions.clone()].concat(), [reactions, posts].concat()] {
            prop_assert_eq!(in_batches::<Reactions>(&events, &cuts), given.clone());
            prop_assert_eq!(in_batches::<Shares>(&events, &cuts), shared.clone());
        }
    }

    #[test]
    fn whichever_of_comments_and_what_is_decided_of_them_is_read_first_the_rows_are_the_same(
        comments in histories::<comments::Comments>(),
        cases in histories::<moderation::Moderation>(),
        cuts in vec(any::<usize>(), 0..6),
    ) {
        for events in [[comments.clone(), cases.clone()].concat(), [cases.clone(), comments.clone()].concat()] {
            prop_assert_eq!(in_batches::<Comments>(&events, &cuts), rows::<Comments>(&comments));
            prop_assert_eq!(in_batches::<Cases>(&events, &cuts), rows::<Cases>(&cases));
            prop_assert_eq!(in_batches::<Rulings>(&events, &cuts), rows::<Rulings>(&cases));
            prop_assert_eq!(in_batches::<PersonBlocks>(&events, &cuts), rows::<PersonBlocks>(&cases));
            prop_assert_eq!(in_batches::<CommentFilters>(&events, &cuts), rows::<CommentFilters>(&cases));
        }
    }

    #[test]
    fn the_row_of_a_case_says_what_a_decision_knows(events in histories::<moderation::Moderation>()) {
        let rulings = rows::<Rulings>(&events);
        for (id, row) in rows::<Cases>(&events) {
            let of_case = events.iter().filter(|event| event.aggregate_id == id);
            let of_context = of_case.filter_map(|event| {
                let AnyEvent::Moderation(event) = &event.event else { return None };
                Some(event)
            });
            let state = of_context.fold(moderation::State::default(), moderation::Moderation::evolve);
            let moderation::State::Case(case) = state else { panic!("{id} is no case") };
            prop_assert_eq!((&row.reporter_ids[..], row.rulings), (case.reporters(), case.rulings()));
            let numbers = (1..=row.rulings).all(|ruling| rulings.contains_key(&(id.clone(), ruling)));
            prop_assert!(numbers, "{} has a ruling without a row", id);
            let hides = |ruling: &Ruling| ruling.lifted_at.is_none() && ["hide", "remove"].contains(&&*ruling.kind);
            let hidden = rulings.values().any(|ruling| ruling.case_id == id && hides(ruling));
            prop_assert_eq!(hidden, case.visible() != Visible::All);
        }
    }

    #[test]
    fn whichever_of_two_topics_is_read_first_comments_have_the_ranks_that_their_reactions_add_up_to(
        said in histories::<comments::Comments>(),
        given in histories::<reactions::Reactions>(),
        cuts in vec(any::<usize>(), 0..6),
    ) {
        let (comments, reactions) = (rows::<Comments>(&said), rows::<Reactions>(&given));
        let ranks = rows::<CommentRanks>(&[said.clone(), given.clone()].concat());
        for comment in comments.into_values() {
            let active = reactions.values().filter(|row| row.active && row.target_id == comment.comment_id);
            let count = active.filter(|row| row.target_kind == "comment").count() as i64;
            let rank = &ranks[&comment.comment_id];
            let shown = if comment.deleted { 0 } else { count };
            prop_assert_eq!((rank.post_id, rank.number), (Some(comment.post_id), Some(comment.number)));
            prop_assert_eq!((rank.deleted, rank.given, rank.reactions), (comment.deleted, count, shown));
        }
        for events in [[said.clone(), given.clone()].concat(), [given, said].concat()] {
            prop_assert_eq!(in_batches::<CommentRanks>(&events, &cuts), ranks.clone());
        }
    }

    #[test]
    fn however_the_history_of_pairs_is_cut_into_batches_the_rows_are_the_same(
        events in histories::<following::Following>(),
        cuts in vec(any::<usize>(), 0..6),
    ) {
        let pairs = rows::<Follows>(&events);
        prop_assert_eq!(in_batches::<Follows>(&events, &cuts), pairs.clone());
        let subjects = rows::<FollowedSubjects>(&events);
        prop_assert_eq!(in_batches::<FollowedSubjects>(&events, &cuts), subjects.clone());
        // The last event says how it is: of what is no person, too.
        for ((follower, kind, which), row) in subjects {
            let id = format!("{follower}:{kind}:{which}");
            let last = events.iter().rfind(|event| event.aggregate_id == id).unwrap();
            let follows = matches!(last.event, AnyEvent::Following(following::Event::SubjectFollowed(_)));
            prop_assert_eq!((row.active, row.version, row.since), (follows, last.version, last.occurred_at));
        }
        // The last event of a pair says how it is.
        for ((follower, followee), row) in pairs {
            let id = following::Edge { follower_id: follower, followee_id: followee }.id();
            let last = events.iter().rfind(|event| event.aggregate_id == id).unwrap();
            let follows = matches!(last.event, AnyEvent::Following(following::Event::Followed(_)));
            prop_assert_eq!((row.active, row.version, row.since), (follows, last.version, last.occurred_at));
        }
    }

    #[test]
    fn however_the_history_of_accounts_is_cut_into_batches_the_rows_are_the_same(
        events in histories::<accounts::Accounts>(),
        cuts in vec(any::<usize>(), 0..6),
    ) {
        prop_assert_eq!(in_batches::<Preferences>(&events, &cuts), rows::<Preferences>(&events));
        prop_assert_eq!(in_batches::<Authors>(&events, &cuts), rows::<Authors>(&events));
    }

    #[test]
    fn however_the_history_of_categories_is_cut_into_batches_the_rows_are_the_same(
        events in histories::<taxonomy::Taxonomy>(),
        cuts in vec(any::<usize>(), 0..6),
    ) {
        let names = rows::<TagNames>(&events);
        prop_assert_eq!(in_batches::<TagNames>(&events, &cuts), names.clone());
        for name in names.values() {
            // What a name stands for stands for itself.
            prop_assert!(names.get(&name.tag).is_none_or(|tag| tag.tag == name.tag), "{name:?}");
            prop_assert!(name.name != name.tag || !name.description.is_empty(), "nothing is said of it: {name:?}");
        }
        let (categories, slugs) = (rows::<Categories>(&events), rows::<CategorySlugs>(&events));
        prop_assert_eq!(in_batches::<Categories>(&events, &cuts), categories.clone());
        prop_assert_eq!(in_batches::<CategorySlugs>(&events, &cuts), slugs.clone());
        for category in categories.values().filter(|row| !row.deleted && row.merged_into.is_none()) {
            prop_assert_eq!(slugs[&category.slug].category_id, category.category_id);
            // What it is below is there, too.
            let parent = category.parent_id.map(|parent| &categories[&parent]);
            prop_assert!(parent.is_none_or(|parent| !parent.deleted && parent.merged_into.is_none()));
        }
    }

    #[test]
    fn however_the_history_of_series_is_cut_into_batches_the_rows_are_the_same(
        events in histories::<series::Series>(),
        cuts in vec(any::<usize>(), 0..6),
    ) {
        let (all, slugs) = (rows::<AllSeries>(&events), rows::<SeriesSlugs>(&events));
        prop_assert_eq!(in_batches::<AllSeries>(&events, &cuts), all.clone());
        prop_assert_eq!(in_batches::<SeriesSlugs>(&events, &cuts), slugs.clone());
        for series in all.into_values() {
            prop_assert!(slugs.contains_key(&series.slug));
            let mut once = series.post_ids.clone();
            once.sort_unstable();
            once.dedup();
            prop_assert_eq!(once.len(), series.post_ids.len(), "a post is in a series once");
        }
    }

    #[test]
    fn posts_and_tags_agree_on_what_is_listed_where(events in histories::<posts::Posts>()) {
        let (posts, tags) = (rows::<Posts>(&events), rows::<Tags>(&events));
        prop_assert_eq!(posts.len(), tags.len());
        for (id, post) in posts {
            let tagged = &tags[&id];
            prop_assert_eq!(&post.tags, &tagged.tags);
            prop_assert_eq!(
                (post.published, post.deleted, post.published_at, post.originally_published_at, post.version),
                (tagged.published, tagged.deleted, tagged.published_at, tagged.originally_published_at, tagged.version)
            );
            prop_assert_eq!(post.listed(), tagged.listed().is_some(), "a listed post has a time to be listed at");
        }
    }

    #[test]
    fn every_post_is_found_by_its_slug(events in histories::<posts::Posts>()) {
        // Here nothing keeps two posts from one slug, so only the last to take it is found by it, and none if that one
        // gave it up.
        let gave_up = |event: &AnyEvent, slug: &str| {
            matches!(event, AnyEvent::Posts(posts::Event::SlugGivenUp(given_up)) if given_up.slug.as_str() == slug)
        };
        let slugs = rows::<Slugs>(&events);
        for post in rows::<Posts>(&events).into_values() {
            let is_given_up = events.iter().any(|recorded| gave_up(&recorded.event, &post.slug));
            prop_assert!(slugs.contains_key(&post.slug) || is_given_up);
        }
    }

    /// Whatever stands in a log: a view refuses it or folds it, and goes on.
    #[test]
    fn a_view_never_panics(
        events in vec((0..3_u64, posts::Posts::event()), 0..20),
    ) {
        for (version, event) in events {
            let recorded = |aggregate_id: String| Recorded {
                aggregate_id,
                version,
                occurred_at: Timestamp(0),
                actor_id: post_id(0),
                event: event.clone().into(),
            };
            for event in [recorded(post_id(1).to_string()), recorded("no uuid".into())] {
                let _ = (Posts::fold_all([&event]), Slugs::fold_all([&event]), Tags::fold_all([&event]));
                let _ = Invitations::fold_all([&event]);
                let _ = Previews::fold_all([&event]);
                let _ = Reviews::fold_all([&event]);
            }
        }
    }
}
