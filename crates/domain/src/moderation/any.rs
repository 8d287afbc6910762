use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use uuid::Uuid;

use super::event::happened;
use super::{
    About, Ask, Command, Decision, Event, FILTERS, Filters, FiltersChanged, Moderation, Pair, PersonBlocked,
    PersonUnblocked, Target,
};
use crate::Role;
use crate::personal::Personal;
use crate::testing::any::{Drawn, account_id, any_text, time};
use crate::testing::{ada_id, admin, editor, moderator, post_id};
use crate::values::{Explanation, HouseRule, Measure, Statement};

impl Drawn for Moderation {
    /// Each warning is one more, and what is held is shown by each dismissal.
    fn is_idempotent(command: &Command) -> bool {
        match command {
            Command::Case(_, Ask::Decide(decision)) => decision.measure != Measure::Warn,
            Command::Case(_, Ask::Dismiss { held, .. }) => !held,
            Command::Case(..) | Command::Block(_) | Command::Unblock(_) | Command::SetFilters(_) => true,
        }
    }

    fn command() -> impl Strategy<Value = (String, Command)> {
        let of_case = (about(), ask()).prop_map(|(about, ask)| (about.target.id(), Command::Case(about, ask)));
        let block = pair().prop_map(|pair| (pair.id(), Command::Block(pair)));
        let unblock = pair().prop_map(|pair| (pair.id(), Command::Unblock(pair)));
        let filters = filters().prop_map(|filters| (FILTERS.to_owned(), Command::SetFilters(filters)));
        prop_oneof![12 => of_case, 1 => block, 1 => unblock, 1 => filters]
    }

    fn event() -> impl Strategy<Value = Event> {
        let changed = filters().prop_map(|Filters { words, most_links, first_comments }| {
            Event::FiltersChanged(FiltersChanged { words, most_links, first_comments })
        });
        let blocked = pair()
            .prop_map(|Pair { blocker_id, blocked_id }| Event::PersonBlocked(PersonBlocked { blocker_id, blocked_id }));
        let unblocked = pair().prop_map(|Pair { blocker_id, blocked_id }| {
            Event::PersonUnblocked(PersonUnblocked { blocker_id, blocked_id })
        });
        prop_oneof![8 => reported(), 16 => ruled(), 8 => appealed(), 1 => changed, 1 => blocked, 1 => unblocked]
    }
}

fn about() -> impl Strategy<Value = About> {
    let comment = Target::Comment { post_id: post_id(1), number: 1 };
    let target = select(vec![comment, Target::Post(post_id(1)), Target::Account(ada_id())]);
    (target, select(Role::ALL.to_vec())).prop_map(|(target, subject_role)| About {
        target,
        subject_id: ada_id(),
        subject_role,
    })
}

fn ask() -> impl Strategy<Value = Ask> {
    prop_oneof![
        (account_id(), rule(), statement()).prop_map(|(reporter_id, rule, statement)| Ask::Report {
            reporter_id,
            rule,
            statement
        }),
        account_id().prop_map(|reporter_id| Ask::Withdraw { reporter_id }),
        (0..100_000_i64).prop_map(|for_ms| Ask::Claim { for_ms }),
        Just(Ask::Release),
        decision().prop_map(Ask::Decide),
        (any::<bool>(), edits()).prop_map(|(held, edits)| Ask::Dismiss { held, edits }),
        (0..4_i64, explanation()).prop_map(|(ruling, explanation)| Ask::Lift { ruling, explanation }),
        (0..4_i64, statement()).prop_map(|(ruling, statement)| Ask::Appeal { ruling, statement }),
        (0..4_i64, any::<bool>(), explanation()).prop_map(|(ruling, upheld, explanation)| Ask::Answer {
            ruling,
            upheld,
            explanation
        }),
        (0..4_i64).prop_map(|ruling| Ask::CarryOut { ruling }),
        Just(Ask::Erase),
    ]
}

fn decision() -> impl Strategy<Value = Decision> {
    let from = option::of(Just(post_id(1)));
    let comment = option::of(Just(Target::Comment { post_id: post_id(1), number: 1 }));
    (select(Measure::ALL), rule(), explanation(), option::of(time()), from, comment).prop_map(
        |(measure, rule, explanation, until, post_id, about)| Decision {
            measure,
            rule,
            explanation,
            until,
            post_id,
            about,
        },
    )
}

fn reported() -> impl Strategy<Value = Event> {
    let reported = (about(), account_id(), rule(), statement())
        .prop_map(|(about, reporter_id, rule, statement)| happened!(&about, Reported { reporter_id, rule, statement }));
    let withdrawn =
        (about(), account_id()).prop_map(|(about, reporter_id)| happened!(&about, ReportWithdrawn { reporter_id }));
    let claimed = (about(), moderator_id(), time()).prop_map(|(about, moderator_id, claimed_until_at)| {
        happened!(&about, Claimed { moderator_id, claimed_until_at })
    });
    let released =
        (about(), moderator_id()).prop_map(|(about, moderator_id)| happened!(&about, ClaimReleased { moderator_id }));
    prop_oneof![2 => reported, 1 => withdrawn, 1 => claimed, 1 => released]
}

fn ruled() -> impl Strategy<Value = Event> {
    let by = || (about(), 1..4_i64, time(), moderator_id(), select(vec!["moderator", "editor", "admin"]));
    let decided = (by(), decision()).prop_map(|((about, ruling, ruled_at, moderator_id, role), decision)| {
        let Decision { measure, rule, explanation, until, post_id, about: for_comment } = decision;
        let (moderator_role, ends_at, blocked_post_id, about_case) = (role.to_owned(), until, post_id, for_comment);
        let former_ruling = None;
        happened!(
            &about,
            Decided {
                ruling,
                ruled_at,
                moderator_id,
                moderator_role,
                measure,
                rule,
                explanation,
                ends_at,
                blocked_post_id,
                about_case,
                former_ruling,
            }
        )
    });
    let dismissed = (by(), edits()).prop_map(|((about, ruling, ruled_at, moderator_id, role), edits)| {
        let moderator_role = role.to_owned();
        happened!(&about, Dismissed { ruling, ruled_at, moderator_id, moderator_role, edits })
    });
    let lifted = (by(), 0..4_i64, explanation());
    let lifted = lifted.prop_map(|((about, ruling, ruled_at, moderator_id, role), former_ruling, explanation)| {
        let moderator_role = role.to_owned();
        happened!(&about, Lifted { ruling, ruled_at, moderator_id, moderator_role, former_ruling, explanation })
    });
    prop_oneof![4 => decided, 1 => dismissed, 1 => lifted]
}

fn edits() -> impl Strategy<Value = Option<i64>> {
    proptest::option::of(0..3_i64)
}

fn appealed() -> impl Strategy<Value = Event> {
    let appealed = (about(), 0..4_i64, statement())
        .prop_map(|(about, former_ruling, statement)| happened!(&about, Appealed { former_ruling, statement }));
    let answered = (about(), 1..4_i64, time(), moderator_id(), 0..4_i64, any::<bool>(), explanation());
    let answered = answered.prop_map(|(about, ruling, ruled_at, moderator_id, former_ruling, upheld, explanation)| {
        let moderator_role = "editor".to_owned();
        happened!(
            &about,
            AppealAnswered { ruling, ruled_at, moderator_id, moderator_role, former_ruling, upheld, explanation }
        )
    });
    let carried_out = (about(), 0..4_i64).prop_map(|(about, ruling)| happened!(&about, CarriedOut { ruling }));
    let erased = (about(), 1..4_i64).prop_map(|(about, ruling)| happened!(&about, Erased { ruling }));
    prop_oneof![2 => appealed, 1 => answered, 1 => carried_out, 1 => erased]
}

fn filters() -> impl Strategy<Value = Filters> {
    (vec(any_text(), 0..3), option::of(0..3_i64), 0..3_i64).prop_map(|(words, most_links, first_comments)| Filters {
        words,
        most_links,
        first_comments,
    })
}

fn pair() -> impl Strategy<Value = Pair> {
    (account_id(), account_id()).prop_map(|(blocker_id, blocked_id)| Pair { blocker_id, blocked_id })
}

fn moderator_id() -> impl Strategy<Value = Uuid> {
    select(vec![moderator().id, editor().id, admin().id])
}

fn rule() -> impl Strategy<Value = HouseRule> {
    any_text()
}

fn statement() -> impl Strategy<Value = Personal<Statement>> {
    any_text::<Statement>().prop_map(Personal::Plain)
}

fn explanation() -> impl Strategy<Value = Personal<Explanation>> {
    any_text::<Explanation>().prop_map(Personal::Plain)
}
