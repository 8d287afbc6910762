use super::*;

fn terms(measure: Measure, until: Option<Timestamp>, post_id: Option<Uuid>) -> Command {
    ask(person(Role::Author), Ask::Decide(Decision { until, post_id, ..decision(measure) }))
}

fn outcome(command: &Command, actor: Actor) -> Result<(), Rejection> {
    let context = DecisionContext { actor, now: NOW };
    Moderation::decide(&State::Nothing, command, &context).map(|event| assert!(event.is_some()))
}

#[test]
fn a_thing_is_hidden_by_a_role_no_less_than_its_authors_and_a_person_muted_by_a_higher_one() {
    let of_thing = |role| decide(About { subject_role: role, ..comment() }, Measure::Hide);
    let of_person = |role| decide(person(role), Measure::Mute);
    let actors = [(Role::Moderator, moderator()), (Role::Editor, editor()), (Role::Admin, admin())];
    for (own, actor) in actors {
        for theirs in Role::ALL {
            let expected = |may: bool| if may { Ok(()) } else { Err(Rejection::HigherRole) };
            assert_eq!(outcome(&of_thing(theirs), actor.clone()), expected(own >= theirs), "{own:?} {theirs:?}");
            assert_eq!(outcome(&of_person(theirs), actor.clone()), expected(own > theirs), "{own:?} {theirs:?}");
        }
    }
}

#[test]
fn no_one_decides_on_what_is_theirs() {
    let own = Actor::new(ada_id()).with(Role::Admin);
    let of_herself = [
        decide(comment(), Measure::Hide),
        decide(person(Role::Reader), Measure::Warn),
        ask(comment(), Ask::Dismiss { held: true, edits: None }),
        ask(comment(), Ask::Claim { for_ms: MINUTE }),
        lift(comment(), 1),
        answer(1, false),
    ];
    for command in of_herself {
        assert_eq!(outcome(&command, own.clone()), Err(Rejection::Oneself));
    }
}

#[test]
fn a_measure_is_for_what_it_is_for() {
    let until = Some(NOW.plus_millis(1));
    let on_post = About { target: Target::Post(post_id(1)), ..comment() };
    let fine = [
        decide(on_post, Measure::Hide),
        terms(Measure::Warn, None, None),
        terms(Measure::Mute, until, None),
        terms(Measure::Block, None, Some(post_id(1))),
        terms(Measure::Block, until, None),
    ];
    for command in fine {
        assert_eq!(outcome(&command, admin()), Ok(()));
    }
    let wrong = [
        terms(Measure::Hide, None, None),
        terms(Measure::Warn, until, None),
        terms(Measure::Mute, until, Some(post_id(1))),
        decide(comment(), Measure::Mute),
        decide(on_post, Measure::Mute),
    ];
    for command in wrong {
        assert_eq!(outcome(&command, admin()), Err(Rejection::NotForThis), "{command:?}");
    }
    assert_eq!(outcome(&terms(Measure::Mute, Some(NOW), None), admin()), Err(Rejection::NotToCome));
}

#[test]
fn a_mute_silences_until_it_ends_and_a_block_on_the_post_that_it_is_from() {
    let at = |after: i64| NOW.plus_millis(after);
    let muted = case(&[decided_until(person(Role::Author), (1, Some(at(MINUTE))), &moderator(), Measure::Mute)]);
    assert!(muted.silences(post_id(1), at(MINUTE - 1)).is_some() && muted.bars(NOW).is_none());
    assert!(muted.silences(post_id(1), at(MINUTE)).is_none());
    let Event::Decided(mut of_one) = decided(person(Role::Author), 1, &moderator(), Measure::Block) else { panic!() };
    let of_all = case(&[Event::Decided(of_one.clone())]);
    assert!(of_all.silences(post_id(2), NOW).is_some() && of_all.bars(NOW).is_some());
    of_one.blocked_post_id = Some(post_id(1));
    let of_one = case(&[Event::Decided(of_one)]);
    assert!(of_one.silences(post_id(1), NOW).is_some() && of_one.silences(post_id(2), NOW).is_none());
    assert!(of_one.bars(NOW).is_none());
    let warned = case(&[decided(person(Role::Author), 1, &moderator(), Measure::Warn)]);
    assert!(warned.silences(post_id(1), NOW).is_none());
}

#[test]
fn another_term_takes_the_place_of_the_one_before_and_warnings_stay() {
    let until = |ruling, after: i64| {
        decided_until(person(Role::Author), (ruling, Some(NOW.plus_millis(after))), &moderator(), Measure::Mute)
    };
    let shorter = case(&[until(1, 10 * MINUTE), until(2, MINUTE)]);
    assert!(shorter.silences(post_id(1), NOW.plus_millis(MINUTE)).is_none());
    let warning = |ruling| decided(person(Role::Author), ruling, &moderator(), Measure::Warn);
    let full = || (1..=i64::try_from(MOST_IN_FORCE).unwrap()).map(warning);
    let warn = || decide(person(Role::Author), Measure::Warn);
    given::<Moderation>(full()).when(warn()).by(moderator()).then_refused(Rejection::TooManyInForce);
    given::<Moderation>(full().skip(1)).when(warn()).by(moderator()).then(warning(101));
}

#[test]
fn a_person_blocks_another_in_their_own_name_and_either_may_end_it() {
    let pair = Pair { blocker_id: ada_id(), blocked_id: bob_id() };
    let blocked = || Event::PersonBlocked(PersonBlocked { blocker_id: ada_id(), blocked_id: bob_id() });
    let unblocked = || Event::PersonUnblocked(PersonUnblocked { blocker_id: ada_id(), blocked_id: bob_id() });
    given::<Moderation>([]).when(Command::Block(pair)).by(ada()).then(blocked());
    given::<Moderation>([blocked()]).when(Command::Block(pair)).by(ada()).then_nothing();
    for other in [bob(), admin()] {
        given::<Moderation>([]).when(Command::Block(pair)).by(other).then_refused(Rejection::NotTheOwner);
    }
    given::<Moderation>([blocked()]).when(Command::Unblock(pair)).by(ada()).then(unblocked());
    given::<Moderation>([blocked()]).when(Command::Unblock(pair)).by(admin()).then_refused(Rejection::NotTheOwner);
    let oneself = Pair { blocker_id: ada_id(), blocked_id: ada_id() };
    given::<Moderation>([]).when(Command::Block(oneself)).by(ada()).then_refused(Rejection::Oneself);
    assert_eq!((Pair::of(&pair.id()), Pair::of(&comment().target.id())), (Some(pair), None));
    assert!(Moderation::concerns(&blocked()).is_empty());
    assert_eq!(Moderation::ends_with(&pair.id(), &blocked()), [ada_id(), bob_id()]);
}
