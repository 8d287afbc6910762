//! Who may do what with a post: the one table of it. `docs/security.md` has it, made from this.

use uuid::Uuid;

use super::Rejection;
use crate::{Actor, Role};

/// What an actor is to a post. One can be several of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// Its author, whose post it is.
    Owner,
    /// A co-author who accepted an invitation.
    CoAuthor,
    /// Named as a co-author by an import, and never asked.
    Named,
    /// Invited, and has not answered.
    Invited,
    /// An editor.
    Editor,
    /// An admin.
    Admin,
}

/// What can be done with a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Draft it in the owner's name.
    Draft,
    /// Read it while it is a draft; its text, while who is a member is not said; its working copy, and its preview
    /// links.
    ReadDraft,
    /// Change its texts, tags, slug and dates, be it published or not; save, discard and release its working copy;
    /// submit it for review.
    Edit,
    /// Put it before others.
    Feature,
    /// Give links by which it is read before it is public, and take them back.
    Preview,
    /// Approve what is in review, or want it changed.
    Approve,
    /// Publish it, now or at a time, have it expire, and put it into the archive or take it out.
    Publish,
    /// Unpublish it: an owner whose role was taken away may still take back what is public in their name.
    Unpublish,
    /// Delete and restore it, and give a former slug up.
    Delete,
    /// See who is invited.
    SeeInvited,
    /// Invite co-authors, and take invitations back.
    Invite,
    /// Invite again an account that declined.
    InviteAgain,
    /// Accept an invitation. A co-author may come to own the post, and an owner has to be able to take it back.
    Accept,
    /// Decline an invitation.
    Decline,
    /// Be named as its author no more.
    Leave,
    /// Remove a co-author.
    Remove,
    /// Hand it over to a co-author.
    HandOver,
    /// Name co-authors without asking them: for imports.
    Name,
}

/// A row of the table.
struct Right {
    /// What is done, for people.
    what: &'static str,
    /// The role that it takes whatever the actor is to the post.
    least: Option<Role>,
    /// Who may.
    who: &'static [Relation],
}

const fn right(what: &'static str, least: Option<Role>, who: &'static [Relation]) -> Right {
    Right { what, least, who }
}

impl Relation {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Owner, Self::CoAuthor, Self::Named, Self::Invited, Self::Editor, Self::Admin];

    const fn name(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::CoAuthor => "co-author",
            Self::Named => "named by an import",
            Self::Invited => "invited",
            Self::Editor => "editor",
            Self::Admin => "admin",
        }
    }

    /// What an actor is to the post of an author, beside what the post says of co-authors.
    pub(super) fn to_post_of(author_id: Uuid, actor: &Actor) -> Vec<Self> {
        let own = (actor.id == author_id).then_some(Self::Owner);
        let editor = actor.is_at_least(Role::Editor).then_some(Self::Editor);
        let admin = actor.is_at_least(Role::Admin).then_some(Self::Admin);
        own.into_iter().chain(editor).chain(admin).collect()
    }
}

impl Action {
    /// All of them, in the order of the table.
    pub const ALL: [Self; 18] = [
        Self::Draft,
        Self::ReadDraft,
        Self::Edit,
        Self::Feature,
        Self::Preview,
        Self::Approve,
        Self::Publish,
        Self::Unpublish,
        Self::Delete,
        Self::SeeInvited,
        Self::Invite,
        Self::InviteAgain,
        Self::Accept,
        Self::Decline,
        Self::Leave,
        Self::Remove,
        Self::HandOver,
        Self::Name,
    ];

    const fn right(self) -> Right {
        use Relation::{Admin, CoAuthor, Editor, Invited, Named, Owner};
        const AUTHOR: Option<Role> = Some(Role::Author);
        match self {
            Self::Draft => right("draft it in the owner's name", AUTHOR, &[Owner, Editor, Admin]),
            Self::ReadDraft => {
                let what = "read a draft, a working copy, members' text";
                right(what, None, &[Owner, CoAuthor, Named, Editor, Admin])
            }
            Self::Edit => {
                right("edit it, release its working copy, submit it", AUTHOR, &[Owner, CoAuthor, Editor, Admin])
            }
            Self::Feature => right("say whether it is featured", AUTHOR, &[Editor, Admin]),
            Self::Preview => right("give and revoke preview links", AUTHOR, &[Owner, CoAuthor, Editor, Admin]),
            Self::Approve => right("approve it, request changes", AUTHOR, &[Editor, Admin]),
            Self::Publish => right("publish, schedule, archive", AUTHOR, &[Owner, Editor, Admin]),
            Self::Unpublish => right("unpublish", None, &[Owner, Editor, Admin]),
            Self::Delete => right("delete, restore, give a slug up", AUTHOR, &[Owner, Editor, Admin]),
            Self::SeeInvited => right("see who is invited", None, &[Owner, Editor, Admin]),
            Self::Invite => right("invite, withdraw an invitation", AUTHOR, &[Owner, Editor, Admin]),
            Self::InviteAgain => right("invite an account that declined", AUTHOR, &[Editor, Admin]),
            Self::Accept => right("accept the invitation", AUTHOR, &[Invited]),
            Self::Decline => right("decline the invitation", None, &[Invited]),
            Self::Leave => right("leave", None, &[CoAuthor, Named]),
            Self::Remove => right("remove a co-author", AUTHOR, &[Owner, Editor, Admin]),
            Self::HandOver => right("hand it over to a co-author who accepted", AUTHOR, &[Owner, Editor, Admin]),
            Self::Name => right("name co-authors without asking them, for imports", AUTHOR, &[Editor, Admin]),
        }
    }

    /// Whether an actor who is this to a post may do it.
    ///
    /// # Errors
    /// The role is too little, or it takes another to do this.
    pub(super) fn permit(self, actor: &Actor, relations: &[Relation]) -> Result<(), Rejection> {
        let Right { least, who, .. } = self.right();
        if least.is_some_and(|least| !actor.is_at_least(least)) {
            return Err(Rejection::NotAnAuthor);
        }
        if who.iter().any(|permitted| relations.contains(permitted)) { Ok(()) } else { Err(Rejection::NotTheAuthor) }
    }

    /// Whether a reader may do it with a post of this author's that names these co-authors, of whom it is not known
    /// whether they were asked.
    #[must_use]
    pub fn is_open_to(self, reader: &Actor, author_id: Uuid, co_author_ids: &[Uuid]) -> bool {
        let mut relations = Relation::to_post_of(author_id, reader);
        relations.extend(co_author_ids.contains(&reader.id).then_some(Relation::Named));
        self.permit(reader, &relations).is_ok()
    }

    /// The table in Markdown: of the documents.
    #[must_use]
    pub fn table() -> String {
        let mut table = format!("| | role | {} |\n", Relation::ALL.map(Relation::name).join(" | "));
        table.push_str(&"|---".repeat(Relation::ALL.len() + 2));
        table.push_str("|\n");
        for action in Self::ALL {
            let Right { what, least, who } = action.right();
            let cells = Relation::ALL.map(|relation| if who.contains(&relation) { "yes" } else { "" });
            let role = least.map_or("", Role::name);
            table.push_str(&format!("| {what} | {role} | {} |\n", cells.join(" | ")));
        }
        table
    }
}

/// Whether an actor may draft posts in the name of `author_id`. The routes ask for the role author too; this holds
/// whatever they ask.
///
/// # Errors
/// The actor is no author, or not this one.
pub fn permit(actor: &Actor, author_id: Uuid) -> Result<(), Rejection> {
    Action::Draft.permit(actor, &Relation::to_post_of(author_id, actor))
}

/// Whether an actor writes posts at all.
///
/// # Errors
/// The role is too little.
pub(super) fn writes_posts(actor: &Actor) -> Result<(), Rejection> {
    if actor.is_at_least(Role::Author) { Ok(()) } else { Err(Rejection::NotAnAuthor) }
}

#[cfg(test)]
mod tests;
