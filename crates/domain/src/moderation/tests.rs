mod filters;
mod people;

use super::event::happened;
use super::*;
use crate::Actor;
use crate::personal::Personal;
use crate::testing::{NOW, ada, ada_id, admin, bob, bob_id, editor, given, moderator, post_id, text};
use crate::values::{Measure, Statement, Visible};

crate::testing::properties!(Moderation);

const MINUTE: i64 = 60_000;

/// A comment of Ada's.
fn comment() -> About {
    let target = Target::Comment { post_id: post_id(1), number: 1 };
    About { target, subject_id: ada_id(), subject_role: Role::Author }
}

/// Ada herself, with this role.
fn person(subject_role: Role) -> About {
    About { target: Target::Account(ada_id()), subject_id: ada_id(), subject_role }
}

fn other_moderator() -> Actor {
    Actor::new(Uuid::from_u128(0x30e)).with(Role::Moderator)
}

fn ask(about: About, ask: Ask) -> Command {
    Command::Case(about, ask)
}

fn report(reporter_id: Uuid) -> Command {
    ask(comment(), Ask::Report { reporter_id, rule: text("spam"), statement: says("look") })
}

fn reported(reporter_id: Uuid) -> Event {
    happened!(&comment(), Reported { reporter_id, rule: text("spam"), statement: says("look") })
}

fn decide(about: About, measure: Measure) -> Command {
    ask(about, Ask::Decide(decision(measure)))
}

fn decision(measure: Measure) -> Decision {
    let explanation = Personal::Plain(text("a"));
    Decision { measure, rule: text("spam"), explanation, until: None, post_id: None, about: None }
}

fn decided(about: About, ruling: i64, by: &Actor, measure: Measure) -> Event {
    decided_until(about, (ruling, None), by, measure)
}

fn decided_until(about: About, terms: (i64, Option<Timestamp>), by: &Actor, measure: Measure) -> Event {
    decided_instead_of(None, about, terms, by, measure)
}

fn decided_instead_of(
    former_ruling: Option<i64>,
    about: About,
    (ruling, ends_at): (i64, Option<Timestamp>),
    by: &Actor,
    measure: Measure,
) -> Event {
    let (moderator_role, explanation) = (by.role().name().to_owned(), Personal::Plain(text("a")));
    let (ruled_at, moderator_id, rule, blocked_post_id, about_case) = (NOW, by.id, text("spam"), None, None);
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
}

fn dismissed(ruling: i64, by: &Actor) -> Event {
    let (moderator_id, moderator_role) = (by.id, by.role().name().to_owned());
    happened!(&comment(), Dismissed { ruling, ruled_at: NOW, moderator_id, moderator_role, edits: None })
}

fn lift(about: About, ruling: i64) -> Command {
    ask(about, Ask::Lift { ruling, explanation: Personal::Plain(text("b")) })
}

fn lifted(about: About, ruling: i64, by: &Actor, former_ruling: i64) -> Event {
    let (moderator_id, moderator_role) = (by.id, by.role().name().to_owned());
    let explanation = Personal::Plain(text("b"));
    happened!(&about, Lifted { ruling, ruled_at: NOW, moderator_id, moderator_role, former_ruling, explanation })
}

fn appeal(ruling: i64) -> Command {
    ask(comment(), Ask::Appeal { ruling, statement: says("why") })
}

fn appealed(former_ruling: i64) -> Event {
    happened!(&comment(), Appealed { former_ruling, statement: says("why") })
}

fn answer(ruling: i64, upheld: bool) -> Command {
    ask(comment(), Ask::Answer { ruling, upheld, explanation: Personal::Plain(text("b")) })
}

fn answered(ruling: i64, by: &Actor, former_ruling: i64, upheld: bool) -> Event {
    let (moderator_id, moderator_role, ruled_at) = (by.id, by.role().name().to_owned(), NOW);
    let explanation = Personal::Plain(text("b"));
    happened!(
        &comment(),
        AppealAnswered { ruling, ruled_at, moderator_id, moderator_role, former_ruling, upheld, explanation }
    )
}

fn claimed(by: &Actor) -> Event {
    happened!(&comment(), Claimed { moderator_id: by.id, claimed_until_at: NOW.plus_millis(MINUTE) })
}

fn says(words: &str) -> Personal<Statement> {
    Personal::Plain(text(words))
}

fn case(events: &[Event]) -> Case {
    match events.iter().fold(State::default(), Moderation::evolve) {
        State::Case(case) => *case,
        other @ (State::Nothing | State::Pair(_) | State::Filters(_)) => panic!("{other:?} is no case"),
    }
}

#[test]
fn a_person_reports_a_thing_once_until_it_is_looked_at() {
    given::<Moderation>([]).when(report(bob_id())).by(bob()).then(reported(bob_id()));
    given::<Moderation>([reported(bob_id())]).when(report(bob_id())).by(bob()).then_nothing();
    let looked_at = [reported(bob_id()), dismissed(1, &moderator())];
    given::<Moderation>(looked_at).when(report(bob_id())).by(bob()).then(reported(bob_id()));
}

#[test]
fn reports_are_made_in_ones_own_name_and_not_of_oneself() {
    given::<Moderation>([]).when(report(bob_id())).by(admin()).then_refused(Rejection::NotTheOwner);
    given::<Moderation>([]).when(report(ada_id())).by(ada()).then_refused(Rejection::Oneself);
}

#[test]
fn a_report_is_taken_back_by_who_made_it() {
    let withdraw = || ask(comment(), Ask::Withdraw { reporter_id: bob_id() });
    let withdrawn = happened!(&comment(), ReportWithdrawn { reporter_id: bob_id() });
    given::<Moderation>([reported(bob_id())]).when(withdraw()).by(bob()).then(withdrawn);
    given::<Moderation>([reported(bob_id())]).when(withdraw()).by(admin()).then_refused(Rejection::NotTheOwner);
    given::<Moderation>([]).when(withdraw()).by(bob()).then_nothing();
}

#[test]
fn a_thing_has_so_many_open_reports() {
    let id = |number: usize| Uuid::from_u128(u128::try_from(number).unwrap() + 1_000_000);
    let many = || (0..MOST_REPORTS).map(|number| reported(id(number)));
    given::<Moderation>(many()).when(report(bob_id())).by(bob()).then_refused(Rejection::TooManyReports);
    given::<Moderation>(many().skip(1)).when(report(bob_id())).by(bob()).then(reported(bob_id()));
}

#[test]
fn only_moderators_decide() {
    let asks = [
        Ask::Claim { for_ms: MINUTE },
        Ask::Release,
        Ask::Decide(decision(Measure::Hide)),
        Ask::Dismiss { held: false, edits: None },
        Ask::Lift { ruling: 1, explanation: Personal::Plain(text("b")) },
        Ask::Answer { ruling: 1, upheld: true, explanation: Personal::Plain(text("b")) },
    ];
    for one in asks {
        given::<Moderation>([reported(bob_id())])
            .when(ask(comment(), one))
            .by(bob())
            .then_refused(Rejection::NotAModerator);
    }
}

#[test]
fn what_one_moderator_has_claimed_no_other_decides_until_then() {
    let claim = || ask(comment(), Ask::Claim { for_ms: MINUTE });
    given::<Moderation>([]).when(claim()).by(moderator()).then(claimed(&moderator()));
    let theirs = || [reported(bob_id()), claimed(&moderator())];
    for command in
        [claim(), decide(comment(), Measure::Hide), ask(comment(), Ask::Dismiss { held: false, edits: None })]
    {
        given::<Moderation>(theirs()).when(command).by(editor()).then_refused(Rejection::ClaimedByAnother);
    }
    given::<Moderation>(theirs()).when(claim()).by(moderator()).then_nothing();
    let decided = decided(comment(), 1, &moderator(), Measure::Hide);
    given::<Moderation>(theirs()).when(decide(comment(), Measure::Hide)).by(moderator()).then(decided);
    // It ends by itself, and with a decision.
    let later = NOW.plus_millis(MINUTE);
    let until = happened!(
        &comment(),
        Claimed { moderator_id: other_moderator().id, claimed_until_at: later.plus_millis(MINUTE) }
    );
    given::<Moderation>(theirs()).when(claim()).by(other_moderator()).at(later).then(until);
    let done = [claimed(&moderator()), dismissed(1, &moderator())];
    given::<Moderation>(done).when(claim()).by(other_moderator()).then(claimed(&other_moderator()));
}

#[test]
fn a_claim_is_given_up_by_who_has_it_or_ended_by_an_editor() {
    let release = || ask(comment(), Ask::Release);
    let released = || happened!(&comment(), ClaimReleased { moderator_id: moderator().id });
    let theirs = || [claimed(&moderator())];
    given::<Moderation>(theirs()).when(release()).by(moderator()).then(released());
    given::<Moderation>(theirs()).when(release()).by(editor()).then(released());
    given::<Moderation>(theirs()).when(release()).by(other_moderator()).then_refused(Rejection::ClaimedByAnother);
    given::<Moderation>([]).when(release()).by(moderator()).then_nothing();
}

#[test]
fn a_decision_answers_all_reports_and_is_made_once() {
    let hidden = || decided(comment(), 1, &moderator(), Measure::Hide);
    let two = [reported(bob_id()), reported(editor().id)];
    given::<Moderation>(two.clone()).when(decide(comment(), Measure::Hide)).by(moderator()).then(hidden());
    let after = || [two[0].clone(), two[1].clone(), hidden()];
    assert!(case(&after()).reporters().is_empty());
    given::<Moderation>(after()).when(decide(comment(), Measure::Hide)).by(other_moderator()).then_nothing();
    // What was reported again since is answered again.
    let again = after().into_iter().chain([reported(bob_id())]);
    let next = decided_instead_of(Some(1), comment(), (2, None), &other_moderator(), Measure::Hide);
    given::<Moderation>(again).when(decide(comment(), Measure::Hide)).by(other_moderator()).then(next);
}

#[test]
fn what_was_not_reported_is_not_dismissed_unless_it_is_held() {
    let dismiss = |held| ask(comment(), Ask::Dismiss { held, edits: None });
    given::<Moderation>([]).when(dismiss(false)).by(moderator()).then_nothing();
    given::<Moderation>([]).when(dismiss(true)).by(moderator()).then(dismissed(1, &moderator()));
    given::<Moderation>([reported(bob_id())]).when(dismiss(false)).by(moderator()).then(dismissed(1, &moderator()));
}

#[test]
fn a_thing_is_shown_as_the_strictest_measure_in_force_says() {
    let (hide, remove) = (decided(comment(), 1, &moderator(), Measure::Hide), Measure::Remove);
    assert_eq!(case(std::slice::from_ref(&hide)).visible(), Visible::Author);
    let both = [hide, decided(comment(), 2, &moderator(), remove)];
    assert_eq!(case(&both).visible(), Visible::Moderators);
    let without = [both[0].clone(), both[1].clone(), lifted(comment(), 3, &moderator(), 2)];
    assert_eq!(case(&without).visible(), Visible::Author);
    assert_eq!(case(&[reported(bob_id()), dismissed(1, &moderator())]).visible(), Visible::All);
}

#[test]
fn a_measure_is_lifted_by_who_decided_it_or_one_of_the_role_and_lifting_twice_changes_nothing() {
    let by_editor = || [decided(comment(), 1, &editor(), Measure::Hide)];
    let lifts = |actor: &Actor| lifted(comment(), 2, actor, 1);
    given::<Moderation>(by_editor()).when(lift(comment(), 1)).by(moderator()).then_refused(Rejection::HigherRole);
    for actor in [editor(), admin()] {
        given::<Moderation>(by_editor()).when(lift(comment(), 1)).by(actor.clone()).then(lifts(&actor));
    }
    let gone = [by_editor()[0].clone(), lifts(&admin())];
    given::<Moderation>(gone).when(lift(comment(), 1)).by(editor()).then_nothing();
    for ruling in [0, 2, -1, i64::MAX] {
        let command = lift(comment(), ruling);
        given::<Moderation>(by_editor()).when(command).by(admin()).then_refused(Rejection::NotInForce);
    }
}

#[test]
fn a_quarrel_about_a_thing_ends_with_a_higher_role() {
    let lifted_by_another =
        || [decided(comment(), 1, &moderator(), Measure::Hide), lifted(comment(), 2, &other_moderator(), 1)];
    let hide = || decide(comment(), Measure::Hide);
    given::<Moderation>(lifted_by_another()).when(hide()).by(moderator()).then_refused(Rejection::HigherRole);
    let by = |actor: &Actor| decided(comment(), 3, actor, Measure::Hide);
    given::<Moderation>(lifted_by_another()).when(hide()).by(other_moderator()).then(by(&other_moderator()));
    given::<Moderation>(lifted_by_another()).when(hide()).by(editor()).then(by(&editor()));
    // Who has lifted their own has only thought better of it.
    let own = [decided(comment(), 1, &moderator(), Measure::Hide), lifted(comment(), 2, &moderator(), 1)];
    given::<Moderation>(own).when(hide()).by(other_moderator()).then(by(&other_moderator()));
}

#[test]
fn no_quarrel_is_about_what_an_admin_decides() {
    let other = Actor::new(Uuid::from_u128(0xad2)).with(Role::Admin);
    let lifted_by_another = [decided(comment(), 1, &admin(), Measure::Hide), lifted(comment(), 2, &other, 1)];
    let hidden = decided(comment(), 3, &admin(), Measure::Hide);
    given::<Moderation>(lifted_by_another).when(decide(comment(), Measure::Hide)).by(admin()).then(hidden);
}

#[test]
fn what_a_higher_role_decided_is_not_replaced_by_a_lower_one() {
    let (ada, soon) = (person(Role::Author), NOW.plus_millis(1));
    let mute = |until| ask(ada, Ask::Decide(Decision { until, ..decision(Measure::Mute) }));
    let muted = || [decided(ada, 1, &admin(), Measure::Mute)];
    given::<Moderation>(muted()).when(mute(Some(soon))).by(moderator()).then_refused(Rejection::HigherRole);
    let instead = decided_instead_of(Some(1), ada, (2, Some(soon)), &admin(), Measure::Mute);
    given::<Moderation>(muted()).when(mute(Some(soon))).by(admin()).then(instead);
}

#[test]
fn while_an_appeal_waits_its_measure_is_replaced_by_who_may_answer_it() {
    let (ada, soon) = (person(Role::Author), NOW.plus_millis(1));
    let appealed = happened!(&ada, Appealed { former_ruling: 1, statement: says("why") });
    let waits = |by: &Actor| [decided(ada, 1, by, Measure::Mute), appealed.clone()];
    let mute = || ask(ada, Ask::Decide(Decision { until: Some(soon), ..decision(Measure::Mute) }));
    given::<Moderation>(waits(&moderator())).when(mute()).by(moderator()).then_refused(Rejection::OwnRuling);
    for (by, actor) in [(moderator(), other_moderator()), (moderator(), editor()), (admin(), admin())] {
        let instead = decided_instead_of(Some(1), ada, (2, Some(soon)), &actor, Measure::Mute);
        given::<Moderation>(waits(&by)).when(mute()).by(actor).then(instead);
    }
}

#[test]
fn no_moderator_has_a_hand_in_their_own_case() {
    let own = About { subject_id: moderator().id, subject_role: Role::Moderator, ..comment() };
    let claim =
        happened!(&own, Claimed { moderator_id: other_moderator().id, claimed_until_at: NOW.plus_millis(MINUTE) });
    let asks = [Ask::Claim { for_ms: MINUTE }, Ask::Release, Ask::Dismiss { held: true, edits: None }];
    for one in asks {
        given::<Moderation>([claim.clone()]).when(ask(own, one)).by(moderator()).then_refused(Rejection::Oneself);
    }
}

#[test]
fn an_appeal_is_the_persons_once_and_another_answers_it() {
    let hidden = || decided(comment(), 1, &moderator(), Measure::Hide);
    given::<Moderation>([hidden()]).when(appeal(1)).by(ada()).then(appealed(1));
    given::<Moderation>([hidden()]).when(appeal(1)).by(bob()).then_refused(Rejection::NotTheOwner);
    given::<Moderation>([hidden()]).when(answer(1, true)).by(editor()).then_refused(Rejection::NotAppealed);
    let waits = || [hidden(), appealed(1)];
    given::<Moderation>(waits()).when(appeal(1)).by(ada()).then_nothing();
    given::<Moderation>(waits()).when(answer(1, true)).by(moderator()).then_refused(Rejection::OwnRuling);
    let upheld = answered(2, &other_moderator(), 1, true);
    given::<Moderation>(waits()).when(answer(1, true)).by(other_moderator()).then(upheld.clone());
    let done = || [hidden(), appealed(1), upheld.clone()];
    given::<Moderation>(done()).when(appeal(1)).by(ada()).then_refused(Rejection::AppealedBefore);
    given::<Moderation>(done()).when(answer(1, false)).by(editor()).then_refused(Rejection::NotAppealed);
    assert_eq!(case(&done()).visible(), Visible::Author);
    let granted = [hidden(), appealed(1), answered(2, &editor(), 1, false)];
    assert_eq!(case(&granted).visible(), Visible::All);
    given::<Moderation>(granted).when(appeal(1)).by(ada()).then_refused(Rejection::NotInForce);
}

#[test]
fn the_only_admin_there_is_answers_appeals_against_their_own_rulings() {
    let waits = [decided(comment(), 1, &admin(), Measure::Hide), appealed(1)];
    given::<Moderation>(waits).when(answer(1, false)).by(admin()).then(answered(2, &admin(), 1, false));
}

#[test]
fn what_was_decided_of_a_thing_is_due_until_it_is_carried_out() {
    let due = |events: &[Event]| Moderation::due(&events.iter().fold(State::default(), Moderation::evolve));
    let about = About { subject_role: Role::Reader, ..comment() };
    let carry_out = |ruling| Command::Case(about, Ask::CarryOut { ruling });
    assert_eq!(due(&[reported(bob_id())]), None);
    let mut events = vec![decided(comment(), 1, &moderator(), Measure::Hide)];
    assert_eq!(due(&events), Some((NOW, carry_out(1))));
    events.push(lifted(comment(), 2, &moderator(), 1));
    assert_eq!(due(&events), Some((NOW, carry_out(2))));
    let carried_out = happened!(&about, CarriedOut { ruling: 2 });
    given::<Moderation>(events.clone()).when(carry_out(2)).by(Actor::new(Uuid::nil())).then(carried_out.clone());
    given::<Moderation>(events.clone()).when(carry_out(3)).by(Actor::new(Uuid::nil())).then_nothing();
    events.push(carried_out);
    assert_eq!(due(&events), None);
    given::<Moderation>(events).when(carry_out(1)).by(Actor::new(Uuid::nil())).then_nothing();
    assert_eq!(due(&[decided(person(Role::Author), 1, &moderator(), Measure::Warn)]), None);
}

#[test]
fn whom_a_report_is_about_is_told_neither_of_it_nor_of_who_made_it() {
    assert!(Moderation::concerns(&reported(bob_id())).is_empty());
    assert_eq!(Moderation::belongs_to(&reported(bob_id())), None);
    assert_eq!(Moderation::ends_with(&comment().target.id(), &reported(bob_id())), [bob_id()]);
    assert_eq!(Moderation::concerns(&decided(comment(), 1, &moderator(), Measure::Hide)), [ada_id()]);
}

#[test]
fn a_target_has_one_id() {
    let targets = [comment().target, Target::Account(ada_id()), Target::Post(post_id(1))];
    for target in targets {
        assert_eq!(Target::of(&target.id()), Some(target));
    }
    let upper = Target::Account(ada_id()).id().to_uppercase();
    for bad in ["", "post:", "comment:1:2", "comment:00000000-0000-0000-0000-000000000ada:01", "filters", &upper] {
        assert_eq!(Target::of(bad), None, "{bad}");
    }
}

#[test]
fn what_was_said_of_a_person_is_erased_with_them_and_what_was_decided_stays() {
    let erase = || ask(comment(), Ask::Erase);
    let events = || [decided(comment(), 1, &moderator(), Measure::Hide), appealed(1)];
    let erased = happened!(&comment(), Erased { ruling: 1 });
    given::<Moderation>(events()).when(erase()).by(ada()).then(erased.clone());
    given::<Moderation>(events()).when(erase()).by(admin()).then_refused(Rejection::NotTheOwner);
    given::<Moderation>([reported(bob_id())]).when(erase()).by(ada()).then_nothing();
    let after = [events()[0].clone(), events()[1].clone(), erased];
    given::<Moderation>(after.clone()).when(erase()).by(ada()).then_nothing();
    assert_eq!(case(&after).visible(), Visible::Author);
    assert_eq!(Moderation::ends_with(&comment().target.id(), &events()[0]), [ada_id()]);
}

/// A post of Ada's.
fn post() -> About {
    About { target: Target::Post(post_id(1)), ..comment() }
}

#[test]
fn a_post_is_hidden_and_removed_as_a_comment_is_and_that_is_due_until_it_is_carried_out() {
    for measure in [Measure::Hide, Measure::Remove] {
        let decided = decided(post(), 1, &moderator(), measure);
        given::<Moderation>([]).when(decide(post(), measure)).by(moderator()).then(decided.clone());
        let about = About { subject_role: Role::Reader, ..post() };
        let due = Moderation::due(&Moderation::evolve(State::default(), &decided));
        assert_eq!(due, Some((NOW, Command::Case(about, Ask::CarryOut { ruling: 1 }))));
    }
    for measure in [Measure::Warn, Measure::Mute, Measure::Block] {
        given::<Moderation>([]).when(decide(post(), measure)).by(moderator()).then_refused(Rejection::NotForThis);
    }
    for measure in [Measure::Hide, Measure::Remove] {
        let of_person = decide(person(Role::Author), measure);
        given::<Moderation>([]).when(of_person).by(moderator()).then_refused(Rejection::NotForThis);
    }
}

#[test]
fn who_got_a_post_appeals_for_it_and_what_each_said_ends_with_them() {
    let bobs = About { subject_id: bob_id(), ..post() };
    let appeal = ask(bobs, Ask::Appeal { ruling: 1, statement: says("why") });
    let appealed = happened!(&bobs, Appealed { former_ruling: 1, statement: says("why") });
    let hidden = || decided(post(), 1, &moderator(), Measure::Hide);
    given::<Moderation>([hidden()]).when(appeal).by(bob()).then(appealed.clone());
    let erased = |about: About| happened!(&about, Erased { ruling: 1 });
    let events = || [hidden(), appealed.clone()];
    given::<Moderation>(events()).when(ask(bobs, Ask::Erase)).by(bob()).then(erased(bobs));
    let after = || events().into_iter().chain([erased(post())]);
    given::<Moderation>(after()).when(ask(post(), Ask::Erase)).by(ada()).then_nothing();
    given::<Moderation>(after()).when(ask(bobs, Ask::Erase)).by(bob()).then(erased(bobs));
}

#[test]
fn measures_that_have_ended_leave_room_for_others() {
    let ada = person(Role::Author);
    let block = |number: u128, until| {
        let post_id = Some(post_id(number));
        ask(ada, Ask::Decide(Decision { until, post_id, ..decision(Measure::Block) }))
    };
    let soon = NOW.plus_millis(MINUTE);
    let mut events: Vec<Event> = Vec::new();
    for number in 0..MOST_IN_FORCE {
        let state = events.iter().fold(State::default(), Moderation::evolve);
        let context = crate::DecisionContext { actor: moderator(), now: NOW };
        let decided = Moderation::decide(&state, &block(number as u128 + 10, Some(soon)), &context).unwrap();
        events.extend(decided);
    }
    given::<Moderation>(events.clone()).when(block(1, None)).by(moderator()).then_refused(Rejection::TooManyInForce);
    let later = events.iter().fold(State::default(), Moderation::evolve);
    let context = crate::DecisionContext { actor: moderator(), now: soon };
    let decided = Moderation::decide(&later, &block(1, None), &context).unwrap().unwrap();
    let State::Case(case) = Moderation::evolve(later, &decided) else { panic!() };
    assert_eq!(case.silences(post_id(1), soon).map(|one| one.ruling), Some(MOST_IN_FORCE as i64 + 1));
    assert!(case.silences(post_id(10), soon).is_none());
}
