//! What an import has to say about a file: why it was refused, or what was repaired or left out.

use serde::Serialize;

/// Why an entry is not imported, and where in its file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct Refusal {
    /// The line of the file, from 1.
    pub line: usize,
    /// What is wrong.
    pub reason: String,
}

impl Refusal {
    /// A refusal.
    #[must_use]
    pub fn new(line: usize, reason: impl Into<String>) -> Self {
        Self { line, reason: reason.into() }
    }
}

/// Something that was repaired or left out; the entry is imported all the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Note {
    /// What.
    pub kind: NoteKind,
    /// The line of the file, from 1.
    pub line: usize,
    /// What it was about: the text that was replaced, and by what.
    pub detail: String,
}

impl Note {
    /// A note.
    #[must_use]
    pub fn new(kind: NoteKind, line: usize, detail: impl Into<String>) -> Self {
        Self { kind, line, detail: detail.into() }
    }
}

/// Declares the kinds of notes with the sentence that the report shows.
macro_rules! note_kinds {
    ($($(#[$doc:meta])* $name:ident => $text:literal,)+) => {
        /// The kinds of notes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum NoteKind {
            $($(#[$doc])* $name,)+
        }

        impl NoteKind {
            /// The kind in words.
            #[must_use]
            pub fn text(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)+
                }
            }
        }
    };
}

impl NoteKind {
    /// Whether what the note is about hides the entry from readers.
    #[must_use]
    pub fn hides(self) -> bool {
        use NoteKind::{
            BundlePart, Expired, HiddenByField, HiddenByPath, HiddenBySection, HiddenText, NeverPublished,
            NotYetPublished,
        };
        matches!(
            self,
            HiddenText
                | HiddenByField
                | HiddenByPath
                | HiddenBySection
                | BundlePart
                | NotYetPublished
                | NeverPublished
                | Expired
        )
    }
}

note_kinds! {
    /// Bytes that are not UTF-8.
    NotUtf8 => "bytes that are not UTF-8 were read as Windows-1252",
    /// CRLF line ends.
    LineEnds => "line ends were CRLF",
    /// Blank lines or a byte order mark before the front matter.
    LateFrontMatter => "the front matter began after blank lines",
    /// A key of the front matter given more than once.
    RepeatedKey => "a key was given twice; the last one was read",
    /// A key of the front matter that inklog has no place for.
    FieldNotKept => "a field of the front matter is not kept",
    /// A picture beside a post that is to be its cover, without words for it.
    CoverUndescribed => "a cover is left out that no `cover_alt` describes: with it a post could not become public",
    /// An author's page has text beside its front matter.
    AuthorTextNotKept => "the text of an author's page is not kept; only its field `bio` is",
    /// A post that a field of its front matter hides.
    HiddenByField => "hidden by its front matter; a draft",
    /// A post that its folder's or file's name hides.
    HiddenByPath => "hidden by the name of its folder or file; a draft",
    /// A post that the front matter of a folder above hides.
    HiddenBySection => "hidden by the front matter of a folder above; a draft",
    /// A file beside or below an `index.md`, which Hugo does not show as a page.
    BundlePart => "a part of a bundle, which is no page of its own; a draft, or left out without front matter",
    /// A post with a comment that its generator does not show.
    HiddenText => "a template's comment would be seen by readers; a draft",
    /// A post of the future.
    NotYetPublished => "dated in the future; a draft, released by itself then if nothing else hides it",
    /// A post with the date that WordPress gives to what was never published.
    NeverPublished => "dated as WordPress dates what was never published; a draft",
    /// A post whose date of expiry has passed.
    Expired => "expired; a draft (--publish-expired publishes it)",
    /// A post with a date of expiry to come.
    Expires => "expires; it is unpublished by itself then",
    /// A post that is published although its date of expiry has passed.
    ExpiryDropped => "expired, and published for good",
    /// A post that is not published again, for its expiry has passed, and its file says none.
    ExpiredHere => "its expiry, which was set here, has passed; it stays unpublished",
    /// An author's page that is hidden.
    AuthorHidden => "a hidden page of an author gave only the name",
    /// No date.
    NoDate => "no date; the post has no date of first publication",
    /// A date without a time.
    DateWithoutTime => "the date had no time; midnight was assumed",
    /// A time without a zone.
    TimeWithoutZone => "the time had no zone; that of --time-zone was assumed, or UTC",
    /// No title.
    NoTitle => "no title; one was made",
    /// A title of several lines.
    TitleJoined => "the title's line breaks became spaces",
    /// A title or name had characters in it that are not seen.
    HiddenCharacters => "characters that are not seen were left out of a title or name",
    /// No summary, but a deck.
    SummaryFromDeck => "no summary; the deck was taken",
    /// No slug.
    NoSlug => "no slug; one was made from the file's name",
    /// A slug that is none.
    SlugRepaired => "the slug was made valid",
    /// A slug that another post of the folder has.
    SlugMadeUnique => "another post has the slug; a number was added",
    /// An entry that is there by another address than its file's name would give.
    AddressKept => "what is there keeps the address that it has",
    /// A tag that is none.
    TagRepaired => "a tag was made valid",
    /// A tag that has no letter or digit.
    TagDropped => "a tag had no letter or digit and was dropped",
    /// A tag given twice.
    RepeatedTag => "a tag was given twice; once is enough",
    /// A category that is none.
    CategoryDropped => "a category had no letter or digit, or too many levels or characters, and was dropped",
    /// An author named twice.
    RepeatedAuthor => "an author was named twice; once is enough",
    /// An author's name that has no letter or digit.
    AuthorDropped => "an author's name had no letter or digit and was dropped",
    /// An author who has no page.
    UnknownAuthor => "an author has no page; an account with just the name was made",
    /// An author named by another spelling.
    AuthorMatched => "an author was named in Latin letters that another spelling comes to",
    /// A user name that is none.
    UserNameRepaired => "a user name was made valid",
    /// A user name that another account has.
    UserNameMadeUnique => "another account has the user name; a number was added",
    /// No display name.
    NoDisplayName => "no display name; the folder's name was taken",
    /// A topic's page that cannot be read.
    TopicUnreadable => "a topic's page cannot be used; its folder's name is all that is",
    /// Hugo shortcodes.
    Shortcodes => "Hugo shortcodes were kept as they are",
    /// A picture of the text that is not in the folder.
    MediaMissing => "a picture that the text shows is not in the folder",
    /// A picture or file of the text that the server does not take.
    MediaRefused => "a picture or file that the text refers to was refused; the text refers to it as before",
    /// An address of a picture or file that is not found again where it stands.
    MediaNotRewritten => "a picture or file is in the folder; how the text refers to it is not understood, and stays",
    /// A translation in a bundle of its own.
    Translation => "a translation in a bundle became a post of its own",
    /// A file that is no entry.
    FileSkipped => "a file that is no entry was skipped",
    /// A file that is not Markdown.
    NotMarkdown => "a file that is not Markdown was left out",
    /// A file or folder that the generators pass over.
    LeftOut => "a file or folder that the generators pass over was left out",
}
