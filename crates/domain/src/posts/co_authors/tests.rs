use super::*;
use crate::posts::schedule::Moment;
use crate::posts::{Command, Deleted, Drafted, Event, Posts, Published};
use crate::reservations::Lease;
use crate::testing::{NOW, ada, ada_id, bob, bob_id, drafted, editor, given, text};
use crate::{Decider as _, Role};

fn carol_id() -> Uuid {
    Uuid::from_u128(0xca)
}

/// She writes posts, too.
fn carol() -> Actor {
    Actor::new(carol_id()).with(Role::Author)
}

fn a_draft() -> Event {
    Event::Drafted(drafted())
}

/// A post that an import names Bob in, or that is from before there were invitations.
fn naming_bob() -> Event {
    Event::Drafted(Drafted { co_author_ids: vec![bob_id()], ..drafted() })
}

fn invited(account_id: Uuid) -> Event {
    Event::CoAuthors(CoAuthorEvent::CoAuthorInvited(CoAuthorInvited { account_id }))
}

fn withdrawn(account_id: Uuid) -> Event {
    Event::CoAuthors(CoAuthorEvent::InvitationWithdrawn(InvitationWithdrawn { account_id }))
}

fn declined(account_id: Uuid) -> Event {
    Event::CoAuthors(CoAuthorEvent::InvitationDeclined(InvitationDeclined { account_id }))
}

fn joined(account_id: Uuid) -> Event {
    Event::CoAuthors(CoAuthorEvent::CoAuthorJoined(CoAuthorJoined { account_id }))
}

fn left(account_id: Uuid) -> Event {
    Event::CoAuthors(CoAuthorEvent::CoAuthorLeft(CoAuthorLeft { account_id }))
}

fn handed_over(from_account_id: Uuid, to_account_id: Uuid) -> Event {
    Event::CoAuthors(CoAuthorEvent::HandedOver(HandedOver { from_account_id, to_account_id }))
}

fn with_bob() -> [Event; 3] {
    [a_draft(), invited(bob_id()), joined(bob_id())]
}

fn ask(command: CoAuthorCommand) -> Command {
    Command::CoAuthors(command)
}

fn invite(account_id: Uuid) -> Command {
    ask(CoAuthorCommand::Invite(account_id))
}

fn remove(account_id: Uuid) -> Command {
    ask(CoAuthorCommand::Remove(account_id))
}

fn hand_over(account_id: Uuid) -> Command {
    ask(CoAuthorCommand::HandOver(account_id))
}

const ACCEPT: Command = Command::CoAuthors(CoAuthorCommand::Accept);
const DECLINE: Command = Command::CoAuthors(CoAuthorCommand::Decline);
const PUBLISHED: Event = Event::Published(Published {});
const DELETED: Event = Event::Deleted(Deleted {});

fn retitled() -> Edited {
    Edited { title: Some(text("Notes")), ..Edited::default() }
}

fn naming(ids: &[Uuid]) -> Edited {
    Edited { co_author_ids: Some(ids.to_vec()), ..Edited::default() }
}

fn edit(change: Edited) -> Command {
    Command::Edit { change, lease: None }
}

fn put(co_author_ids: &[Uuid]) -> Command {
    let content = Drafted { co_author_ids: co_author_ids.to_vec(), ..drafted() };
    Command::Put { content, overwrite: true, lease: Lease::CONFIRMED }
}

#[test]
fn the_owner_invites_once() {
    given::<Posts>([a_draft()]).when(invite(bob_id())).by(ada()).then(invited(bob_id()));
    given::<Posts>([a_draft(), invited(bob_id())]).when(invite(bob_id())).by(ada()).then_nothing();
    given::<Posts>(with_bob()).when(invite(bob_id())).by(ada()).then_nothing();
}

#[test]
fn only_the_owner_or_an_editor_invites() {
    given::<Posts>([a_draft()]).when(invite(carol_id())).by(editor()).then(invited(carol_id()));
    given::<Posts>([a_draft()]).when(invite(carol_id())).by(bob()).then_refused(Rejection::NotFound);
    given::<Posts>(with_bob()).when(invite(carol_id())).by(bob()).then_refused(Rejection::NotTheAuthor);
    let reader = Actor::new(ada_id()).with(Role::Reader);
    given::<Posts>([a_draft()]).when(invite(carol_id())).by(reader).then_refused(Rejection::NotAnAuthor);
}

#[test]
fn the_owner_is_not_invited() {
    given::<Posts>([a_draft()]).when(invite(ada_id())).by(ada()).then_refused(CoAuthorRejection::IsTheOwner);
}

#[test]
fn who_is_named_without_being_asked_can_be_invited() {
    given::<Posts>([naming_bob()]).when(invite(bob_id())).by(ada()).then(invited(bob_id()));
}

#[test]
fn an_invitation_is_withdrawn_once() {
    let withdraw = || ask(CoAuthorCommand::Withdraw(bob_id()));
    given::<Posts>([a_draft(), invited(bob_id())]).when(withdraw()).by(ada()).then(withdrawn(bob_id()));
    given::<Posts>([a_draft(), invited(bob_id()), withdrawn(bob_id())]).when(withdraw()).by(ada()).then_nothing();
    given::<Posts>(with_bob()).when(withdraw()).by(ada()).then_nothing();
    given::<Posts>([a_draft(), invited(bob_id())]).when(withdraw()).by(bob()).then_refused(Rejection::NotTheAuthor);
}

#[test]
fn who_is_invited_accepts_once() {
    given::<Posts>([a_draft(), invited(carol_id())]).when(ACCEPT).by(carol()).then(joined(carol_id()));
    given::<Posts>(with_bob()).when(ACCEPT).by(bob()).then_nothing();
    given::<Posts>([naming_bob(), invited(bob_id())]).when(ACCEPT).by(bob()).then(joined(bob_id()));
}

#[test]
fn who_is_not_invited_does_not_answer() {
    let not_invited = CoAuthorRejection::NotInvited;
    for answer in [ACCEPT, DECLINE] {
        for other in [ada(), bob(), editor()] {
            given::<Posts>([a_draft()]).when(answer.clone()).by(other).then_refused(not_invited);
        }
    }
    given::<Posts>([a_draft(), invited(bob_id()), withdrawn(bob_id())])
        .when(ACCEPT)
        .by(bob())
        .then_refused(not_invited);
    given::<Posts>([a_draft(), invited(bob_id()), declined(bob_id())]).when(ACCEPT).by(bob()).then_refused(not_invited);
    given::<Posts>([naming_bob()]).when(ACCEPT).by(bob()).then_refused(not_invited);
    given::<Posts>([]).when(ACCEPT).by(bob()).then_refused(Rejection::NotFound);
}

#[test]
fn who_is_invited_declines_once() {
    given::<Posts>([a_draft(), invited(bob_id())]).when(DECLINE).by(bob()).then(declined(bob_id()));
    given::<Posts>([a_draft(), invited(bob_id()), declined(bob_id())]).when(DECLINE).by(bob()).then_nothing();
}

#[test]
fn who_declined_is_asked_again_by_an_editor_only() {
    let events = || [a_draft(), invited(bob_id()), declined(bob_id())];
    given::<Posts>(events()).when(invite(bob_id())).by(ada()).then_refused(CoAuthorRejection::HasDeclined);
    given::<Posts>(events()).when(invite(bob_id())).by(editor()).then(invited(bob_id()));
}

#[test]
fn a_co_author_who_agreed_edits_and_does_nothing_else() {
    given::<Posts>(with_bob()).when(edit(retitled())).by(bob()).then(Event::Edited(retitled()));
    for command in [Command::Publish, Command::Unpublish, Command::Delete, Command::Restore, remove(ada_id())] {
        given::<Posts>(with_bob()).when(command).by(bob()).then_refused(Rejection::NotTheAuthor);
    }
    given::<Posts>(with_bob()).when(hand_over(bob_id())).by(bob()).then_refused(Rejection::NotTheAuthor);
}

#[test]
fn a_co_author_who_is_no_author_edits_nothing() {
    let carol = || Actor::new(carol_id());
    let events = [a_draft(), invited(carol_id()), joined(carol_id())];
    given::<Posts>(events).when(edit(retitled())).by(carol()).then_refused(Rejection::NotAnAuthor);
}

#[test]
fn who_is_only_named_or_invited_may_not_edit() {
    given::<Posts>([naming_bob()]).when(edit(retitled())).by(bob()).then_refused(Rejection::NotTheAuthor);
    let events = [a_draft(), invited(bob_id())];
    given::<Posts>(events).when(edit(retitled())).by(bob()).then_refused(Rejection::NotTheAuthor);
}

#[test]
fn who_left_edits_no_more() {
    let events = || with_bob().into_iter().chain([left(bob_id())]);
    given::<Posts>(events()).when(edit(retitled())).by(bob()).then_refused(Rejection::NotFound);
    let public = events().chain([PUBLISHED]);
    given::<Posts>(public).when(edit(retitled())).by(bob()).then_refused(Rejection::NotTheAuthor);
}

#[test]
fn a_co_author_leaves_once() {
    given::<Posts>(with_bob()).when(remove(bob_id())).by(bob()).then(left(bob_id()));
    given::<Posts>([naming_bob()]).when(remove(bob_id())).by(bob()).then(left(bob_id()));
    given::<Posts>([naming_bob(), left(bob_id())]).when(remove(bob_id())).by(bob()).then_nothing();
    given::<Posts>([naming_bob(), DELETED]).when(remove(bob_id())).by(bob()).then(left(bob_id()));
    given::<Posts>([a_draft()]).when(remove(bob_id())).by(bob()).then_refused(Rejection::NotFound);
}

#[test]
fn a_co_author_is_removed_by_the_owner_or_an_editor() {
    for actor in [ada(), editor()] {
        given::<Posts>(with_bob()).when(remove(bob_id())).by(actor.clone()).then(left(bob_id()));
        given::<Posts>([a_draft()]).when(remove(bob_id())).by(actor).then_nothing();
    }
    given::<Posts>(with_bob()).when(remove(bob_id())).by(carol()).then_refused(Rejection::NotFound);
    let public = || with_bob().into_iter().chain([PUBLISHED]);
    given::<Posts>(public()).when(remove(bob_id())).by(carol()).then_refused(Rejection::NotTheAuthor);
    let reader = Actor::new(carol_id());
    given::<Posts>(public()).when(remove(bob_id())).by(reader).then_refused(Rejection::NotAnAuthor);
}

#[test]
fn who_left_can_be_invited_again() {
    let events = with_bob().into_iter().chain([left(bob_id())]);
    given::<Posts>(events).when(invite(bob_id())).by(ada()).then(invited(bob_id()));
}

#[test]
fn the_owner_hands_over_to_a_co_author_who_agreed() {
    given::<Posts>(with_bob()).when(hand_over(bob_id())).by(ada()).then(handed_over(ada_id(), bob_id()));
    given::<Posts>(with_bob()).when(hand_over(bob_id())).by(editor()).then(handed_over(ada_id(), bob_id()));
    let no_co_author = CoAuthorRejection::IsNoCoAuthor;
    for events in [vec![a_draft()], vec![naming_bob()], vec![a_draft(), invited(bob_id())]] {
        given::<Posts>(events).when(hand_over(bob_id())).by(ada()).then_refused(no_co_author);
    }
}

#[test]
fn the_former_owner_is_a_co_author() {
    let events = || with_bob().into_iter().chain([handed_over(ada_id(), bob_id())]);
    given::<Posts>(events()).when(Command::Publish).by(bob()).then(PUBLISHED);
    given::<Posts>(events()).when(Command::Publish).by(ada()).then_refused(Rejection::NotTheAuthor);
    given::<Posts>(events()).when(edit(retitled())).by(ada()).then(Event::Edited(retitled()));
    given::<Posts>(events()).when(hand_over(bob_id())).by(ada()).then_nothing();
    given::<Posts>(events()).when(remove(ada_id())).by(ada()).then(left(ada_id()));
    given::<Posts>(events()).when(hand_over(ada_id())).by(bob()).then(handed_over(bob_id(), ada_id()));
}

#[test]
fn of_a_deleted_post_invitations_and_co_authors_can_only_end() {
    let events = || [a_draft(), invited(bob_id()), joined(bob_id()), invited(carol_id()), DELETED];
    for (command, actor) in [(invite(Uuid::nil()), ada()), (ACCEPT, carol()), (hand_over(bob_id()), ada())] {
        given::<Posts>(events()).when(command).by(actor).then_refused(Rejection::Deleted);
    }
    given::<Posts>(events()).when(DECLINE).by(carol()).then(declined(carol_id()));
    given::<Posts>(events()).when(remove(bob_id())).by(ada()).then(left(bob_id()));
}

#[test]
fn no_author_names_co_authors_in_a_post() {
    let not_asked = CoAuthorRejection::NotAsked;
    given::<Posts>([]).when(put(&[bob_id()])).by(ada()).then_refused(not_asked);
    given::<Posts>([a_draft()]).when(put(&[bob_id()])).by(ada()).then_refused(not_asked);
    given::<Posts>([a_draft()]).when(edit(naming(&[bob_id()]))).by(ada()).then_refused(not_asked);
    given::<Posts>(with_bob()).when(edit(naming(&[]))).by(ada()).then_refused(not_asked);
    given::<Posts>(with_bob()).when(edit(naming(&[bob_id(), carol_id()]))).by(bob()).then_refused(not_asked);
}

#[test]
fn an_author_says_the_same_or_nothing_of_co_authors() {
    for same in [put(&[bob_id()]), put(&[]), edit(naming(&[bob_id()]))] {
        given::<Posts>(with_bob()).when(same.clone()).by(ada()).then_nothing();
        given::<Posts>([naming_bob()]).when(same).by(ada()).then_nothing();
    }
}

#[test]
fn an_import_names_whom_a_corpus_names() {
    let content = Drafted { co_author_ids: vec![bob_id()], ..drafted() };
    let put_new = Command::Put { content: content.clone(), overwrite: false, lease: Lease::CONFIRMED };
    given::<Posts>([]).when(put_new.clone()).by(editor()).then(Event::Drafted(content));
    given::<Posts>([naming_bob()]).when(put_new).by(editor()).then_nothing();
    given::<Posts>([a_draft()]).when(put(&[bob_id()])).by(editor()).then(Event::Edited(naming(&[bob_id()])));
    given::<Posts>([naming_bob()]).when(put(&[])).by(editor()).then(Event::Edited(naming(&[])));
}

#[test]
fn an_import_removes_no_one_who_agreed_and_does_not_bring_back_who_left_or_declined() {
    given::<Posts>(with_bob()).when(put(&[])).by(editor()).then_nothing();
    let named = Event::Edited(naming(&[carol_id(), bob_id()]));
    given::<Posts>(with_bob()).when(put(&[carol_id()])).by(editor()).then(named);
    given::<Posts>([naming_bob(), left(bob_id())]).when(put(&[bob_id()])).by(editor()).then_nothing();
    let events = [a_draft(), invited(bob_id()), declined(bob_id())];
    given::<Posts>(events).when(put(&[bob_id()])).by(editor()).then_nothing();
}

#[test]
fn who_is_named_by_an_import_after_agreeing_has_agreed_still() {
    let events = with_bob().into_iter().chain([Event::Edited(naming(&[carol_id(), bob_id()]))]);
    given::<Posts>(events).when(edit(retitled())).by(bob()).then(Event::Edited(retitled()));
}

#[test]
fn few_accounts_are_asked_that_do_not_agree() {
    let asked = |count: u128| {
        let ids = (0..count).map(|number| Uuid::from_u128(0x1_0000 + number));
        let answered =
            |id: Uuid| [invited(id), declined(id)].into_iter().take(if id.as_u128().is_multiple_of(2) { 1 } else { 2 });
        [a_draft()].into_iter().chain(ids.flat_map(answered)).collect::<Vec<_>>()
    };
    given::<Posts>(asked(19)).when(invite(bob_id())).by(ada()).then(invited(bob_id()));
    given::<Posts>(asked(20)).when(invite(bob_id())).by(ada()).then_refused(CoAuthorRejection::TooManyAsked);
    let one_who_declined = Uuid::from_u128(0x1_0001);
    given::<Posts>(asked(20)).when(invite(one_who_declined)).by(editor()).then(invited(one_who_declined));
}

#[test]
fn a_post_has_at_most_50_co_authors() {
    let ids: Vec<Uuid> = (0..51).map(|number| Uuid::from_u128(0x1_0000 + number)).collect();
    let naming_many = |count| Event::Drafted(Drafted { co_author_ids: ids[..count].to_vec(), ..drafted() });
    given::<Posts>([naming_many(49)]).when(invite(bob_id())).by(ada()).then(invited(bob_id()));
    given::<Posts>([naming_many(50)]).when(invite(bob_id())).by(ada()).then_refused(CoAuthorRejection::TooMany);
    let meanwhile = Event::Edited(naming(&ids[..50]));
    let events = [a_draft(), invited(bob_id()), meanwhile];
    given::<Posts>(events).when(ACCEPT).by(bob()).then_refused(CoAuthorRejection::TooMany);
    given::<Posts>(with_bob()).when(put(&ids[..50])).by(editor()).then_refused(CoAuthorRejection::TooMany);
}

#[test]
fn what_an_account_has_to_do_with_a_post_ends_with_it() {
    let end = |events: &[Event], account_id| match events.iter().fold(crate::posts::State::default(), Posts::evolve) {
        crate::posts::State::Post(post) => post.end_of(account_id),
        crate::posts::State::Nothing | crate::posts::State::Reservation(..) => None,
    };
    assert_eq!(end(&with_bob(), ada_id()), None, "a post stays when its owner goes");
    assert_eq!(end(&with_bob(), bob_id()), Some(CoAuthorCommand::Remove(bob_id())));
    assert_eq!(end(&[naming_bob(), invited(bob_id())], bob_id()), Some(CoAuthorCommand::Remove(bob_id())));
    assert_eq!(end(&[naming_bob(), invited(bob_id()), left(bob_id())], bob_id()), None, "the invitation ended too");
    assert_eq!(end(&[a_draft(), invited(bob_id())], bob_id()), Some(CoAuthorCommand::Decline));
    assert_eq!(end(&[a_draft(), invited(bob_id()), declined(bob_id())], bob_id()), None);
}

#[test]
fn a_post_is_found_by_all_who_are_named_or_invited() {
    assert_eq!(Posts::ends_with("", &naming_bob()), [bob_id()]);
    assert_eq!(Posts::ends_with("", &Event::Edited(naming(&[bob_id()]))), [bob_id()]);
    assert_eq!(Posts::ends_with("", &invited(bob_id())), [bob_id()]);
    assert_eq!(Posts::ends_with("", &handed_over(ada_id(), bob_id())), [ada_id()], "the former owner is named");
    assert!(Posts::ends_with("", &a_draft()).is_empty());
}

#[test]
fn a_post_is_handed_over_with_nothing_left_that_would_go_on_in_the_others_name() {
    let open = Rejection::CoAuthors(CoAuthorRejection::StillOpen);
    let asked = with_bob().into_iter().chain([invited(carol_id())]);
    given::<Posts>(asked).when(hand_over(bob_id())).by(ada()).then_refused(open.clone());
    let moment = Moment { at: NOW.plus_millis(1_000), local: None };
    let scheduled = with_bob().into_iter().chain([Event::Scheduled(moment.into())]);
    given::<Posts>(scheduled).when(hand_over(bob_id())).by(ada()).then_refused(open);
}

#[test]
fn who_may_not_own_a_post_does_not_come_to_write_it() {
    let reader = Actor::new(bob_id()).with(Role::Reader);
    given::<Posts>([a_draft(), invited(bob_id())]).when(ACCEPT).by(reader.clone()).then_refused(Rejection::NotAnAuthor);
    given::<Posts>([a_draft(), invited(bob_id())]).when(DECLINE).by(reader).then(declined(bob_id()));
}
