use uuid::Uuid;

use super::{Seen, SourceEvent, View};
use crate::Timestamp;
use crate::comments::{Deleted, Edited, Event, Hidden, Shown, Written, comment_id};
use crate::values::{Filter, Visible};

/// The view of every comment that there ever was. Numbers of comments and answers are sums over it.
#[derive(Clone, Copy, Debug)]
pub struct Comments;

/// A comment. One that is deleted says nothing and keeps its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Comment {
    /// The post.
    pub post_id: Uuid,
    /// Its number among those on the post.
    pub number: i64,
    /// Its id.
    pub comment_id: Uuid,
    /// Who wrote it.
    pub author_id: Uuid,
    /// The number of the one that it answers.
    pub reply_to: Option<i64>,
    /// How deep in the thread it is: 0 if it answers the post.
    pub depth: i64,
    /// What it says.
    pub text: String,
    /// What it said before, the first first.
    pub former_texts: Vec<String>,
    /// Since when it said each of those, in milliseconds since 1970.
    pub former_texts_at: Vec<i64>,
    /// How many of those, the first, only its author and moderators read: the last of them was not shown to all when it
    /// was replaced, so what no moderator let pass is no one else's by a later text that one did.
    pub withheld_texts: i64,
    /// Whether it says nothing any more.
    pub deleted: bool,
    /// Who is shown it: the name of a [`Visible`].
    pub visible: String,
    /// What holds it until a moderator has read it: the names of [`Filter`]s.
    pub held_by: Vec<String>,
    /// When it was written.
    pub written_at: Timestamp,
    /// Since when it says what it says, if it said something else before.
    pub edited_at: Option<Timestamp>,
    /// Until when it may be edited.
    pub editable_until_at: Timestamp,
    /// The version of the comments on its post at its last change.
    pub version: u64,
}

impl Comment {
    fn new(written: &Written, event: SourceEvent<'_, crate::comments::Comments>) -> Self {
        Self {
            post_id: written.post_id,
            number: written.number,
            comment_id: written.comment_id,
            author_id: written.author_id,
            reply_to: written.reply_to,
            depth: written.depth,
            text: written.text.shown().to_owned(),
            former_texts: Vec::new(),
            former_texts_at: Vec::new(),
            withheld_texts: 0,
            deleted: false,
            visible: visible(&written.held_by.0).name().to_owned(),
            held_by: names(&written.held_by.0),
            written_at: event.occurred_at,
            edited_at: None,
            editable_until_at: written.editable_until_at,
            version: event.version,
        }
    }

    /// The id of the comment that it answers.
    #[must_use]
    pub fn answered_id(&self) -> Option<Uuid> {
        self.reply_to.map(|number| comment_id(self.post_id, number))
    }

    fn edit(mut self, edited: &Edited, at: Timestamp) -> Self {
        if !self.is_shown() {
            self.withheld_texts = i64::try_from(self.former_texts.len()).unwrap_or(i64::MAX).saturating_add(1);
        }
        let held_by = &edited.held_by.0;
        if !held_by.is_empty() {
            self.held_by = names(held_by);
            self = if self.is_shown() { self.shown_to(visible(held_by)) } else { self };
        }
        let before = std::mem::replace(&mut self.text, edited.text.shown().to_owned());
        self.former_texts.push(before);
        self.former_texts_at.push(self.edited_at.unwrap_or(self.written_at).0);
        Self { edited_at: Some(at), ..self }
    }

    /// Whether it is shown to all who can read its post.
    #[must_use]
    pub fn is_shown(&self) -> bool {
        self.visible == Visible::All.name()
    }

    fn shown_to(self, visible: Visible) -> Self {
        Self { visible: visible.name().to_owned(), ..self }
    }

    /// After a moderator has read it.
    fn ruled(self, visible: Visible) -> Self {
        Self { held_by: Vec::new(), ..self.shown_to(visible) }
    }

    /// Without a word of what it said.
    fn silenced(self) -> Self {
        let (text, former_texts, former_texts_at) = (String::new(), Vec::new(), Vec::new());
        Self { text, former_texts, former_texts_at, withheld_texts: 0, deleted: true, edited_at: None, ..self }
    }
}

impl View for Comments {
    const NAME: &'static str = "comments";
    type Source = crate::comments::Comments;
    type Key = (Uuid, i64);
    type Row = Comment;

    fn keys(event: SourceEvent<'_, Self::Source>) -> impl IntoIterator<Item = (Uuid, i64)> {
        match event.event {
            Event::Written(Written { post_id, number, .. })
            | Event::Edited(Edited { post_id, number, .. })
            | Event::Hidden(Hidden { post_id, number, .. })
            | Event::Shown(Shown { post_id, number, .. })
            | Event::Deleted(Deleted { post_id, number, .. }) => vec![(*post_id, *number)],
            Event::Erased(erased) => erased.numbers.iter().map(|number| (erased.post_id, *number)).collect(),
        }
    }

    /// What happens to the others on the post passes a row by.
    fn seen(row: Option<&Comment>, _: SourceEvent<'_, Self::Source>) -> Seen {
        Seen::Some(row.map_or(0, |row| row.version))
    }

    fn fold(_: &(Uuid, i64), row: Option<Comment>, event: SourceEvent<'_, Self::Source>) -> Option<Comment> {
        let row = match event.event {
            Event::Written(written) => Comment::new(written, event),
            Event::Edited(edited) => row?.edit(edited, event.occurred_at),
            Event::Deleted(_) | Event::Erased(_) => row?.silenced(),
            Event::Hidden(Hidden { from_author: true, .. }) => row?.ruled(Visible::Moderators),
            Event::Hidden(Hidden { from_author: false, .. }) => row?.ruled(Visible::Author),
            Event::Shown(_) => row?.ruled(Visible::All),
        };
        Some(Comment { version: event.version, ..row })
    }
}

/// Who is shown a comment that these hold.
fn visible(held_by: &[Filter]) -> Visible {
    if held_by.is_empty() { Visible::All } else { Visible::Author }
}

fn names(filters: &[Filter]) -> Vec<String> {
    filters.iter().map(|filter| filter.name().to_owned()).collect()
}
