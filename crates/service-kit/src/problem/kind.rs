use actix_web::http::StatusCode;

/// A kind of problem: its name is the end of its `type`, and never changes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Kind {
    /// The end of `urn:inklog:problem:<name>`.
    pub name: &'static str,
    /// The HTTP status it goes with.
    pub status: StatusCode,
    /// What people read.
    pub title: &'static str,
}

/// Declares the kinds there are, as constants of [`Kind`].
macro_rules! kinds {
    ($($constant:ident = $name:literal, $status:ident, $title:literal;)+) => {
        impl Kind {
            $(
                #[doc = $title]
                pub const $constant: Self = Self { name: $name, status: StatusCode::$status, title: $title };
            )+

            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$constant),+];
        }
    };
}

kinds! {
    MALFORMED = "malformed", BAD_REQUEST, "The request cannot be read";
    UNAUTHORIZED = "unauthorized", UNAUTHORIZED, "An access token is needed";
    INVALID_CREDENTIALS = "invalid-credentials", UNAUTHORIZED, "The log-in failed";
    SECOND_FACTOR_REQUIRED = "second-factor-required", UNAUTHORIZED, "A second factor is needed";
    FORBIDDEN = "forbidden", FORBIDDEN, "This needs another role";
    ACCOUNT_DEACTIVATED = "account-deactivated", FORBIDDEN, "The account is deactivated";
    NOT_THE_AUTHOR = "not-the-author", FORBIDDEN, "Only the author may do this";
    MAY_NOT_COMMENT = "may-not-comment", FORBIDDEN, "It takes comments of others only";
    MUTED = "muted", FORBIDDEN, "A moderator has muted the account";
    BLOCKED = "blocked", FORBIDDEN, "A moderator has blocked the account";
    PRIVATE = "private", FORBIDDEN, "It is private";
    NOT_FOUND = "not-found", NOT_FOUND, "Not found";
    NO_SUCH_ADDRESS = "no-such-address", NOT_FOUND, "There is nothing at this address";
    NO_WORKING_COPY = "no-working-copy", NOT_FOUND, "The post has no working copy";
    METHOD_NOT_ALLOWED = "method-not-allowed", METHOD_NOT_ALLOWED, "Method not allowed";
    BODY_TOO_SLOW = "body-too-slow", REQUEST_TIMEOUT, "The body did not arrive in time";
    SLUG_TAKEN = "slug-taken", CONFLICT, "The slug is taken";
    USER_NAME_TAKEN = "user-name-taken", CONFLICT, "The user name is taken";
    EMAIL_TAKEN = "email-taken", CONFLICT, "The e-mail address is taken";
    SECOND_FACTOR_EXISTS = "second-factor-exists", CONFLICT, "There is a second factor already";
    DECLINED = "declined", CONFLICT, "The account declined";
    COMMENTS_CLOSED = "comments-closed", CONFLICT, "It takes no comments";
    TOO_LATE = "too-late", CONFLICT, "It is too late for that";
    CLAIMED = "claimed", CONFLICT, "Another moderator has claimed it";
    NOT_IN_FORCE = "not-in-force", CONFLICT, "No such ruling is in force";
    STILL_OPEN = "still-open", CONFLICT, "Something is still open";
    TOO_MANY = "too-many", CONFLICT, "There are as many as there may be";
    DELETED = "deleted", CONFLICT, "It is deleted";
    PUBLISHED = "published", CONFLICT, "It is published";
    NOT_PUBLISHED = "not-published", CONFLICT, "It is not published";
    ARCHIVED = "archived", CONFLICT, "It is archived";
    EXPIRED = "expired", CONFLICT, "It has expired";
    OUTDATED = "outdated", CONFLICT, "The post was edited meanwhile";
    NOT_IN_REVIEW = "not-in-review", CONFLICT, "It is not in review";
    NOT_APPROVED = "not-approved", FORBIDDEN, "An editor has to approve it first";
    EXISTS = "exists", CONFLICT, "It is there already, and differs";
    NOT_EMPTY = "not-empty", CONFLICT, "There is something in it";
    FOREIGN_POSITION = "foreign-position", CONFLICT, "The position is of another log";
    ACCOUNT_ERASED = "account-erased", GONE, "The account was erased";
    GONE = "gone", GONE, "It was deleted";
    VERSION_CONFLICT = "version-conflict", PRECONDITION_FAILED, "It changed meanwhile";
    BODY_TOO_LARGE = "body-too-large", PAYLOAD_TOO_LARGE, "The body is too large";
    UNSUPPORTED_MEDIA_TYPE = "unsupported-media-type", UNSUPPORTED_MEDIA_TYPE, "The media type is not supported";
    RANGE_NOT_SATISFIABLE = "range-not-satisfiable", RANGE_NOT_SATISFIABLE, "It does not go so far";
    INVALID = "invalid", UNPROCESSABLE_ENTITY, "The request breaks a rule";
    ALT_TEXT_MISSING = "alt-text-missing", UNPROCESSABLE_ENTITY, "A picture has no alternative text";
    IDEMPOTENCY_KEY_REUSED = "idempotency-key-reused", UNPROCESSABLE_ENTITY, "The idempotency key was used before";
    PRECONDITION_REQUIRED = "precondition-required", PRECONDITION_REQUIRED, "If-Match is needed";
    QUOTA_EXCEEDED = "quota-exceeded", TOO_MANY_REQUESTS, "More than the quota";
    TOO_MANY_ATTEMPTS = "too-many-attempts", TOO_MANY_REQUESTS, "Too many attempts";
    INTERNAL = "internal", INTERNAL_SERVER_ERROR, "Something went wrong here";
    BAD_GATEWAY = "bad-gateway", BAD_GATEWAY, "A service gave no readable answer";
    OVERLOADED = "overloaded", SERVICE_UNAVAILABLE, "Too busy";
    MOVING = "moving", SERVICE_UNAVAILABLE, "Another instance is taking over";
    BEHIND = "behind", SERVICE_UNAVAILABLE, "The read model has not come that far yet";
    UNAVAILABLE = "unavailable", SERVICE_UNAVAILABLE, "Temporarily unavailable";
    OUTCOME_UNKNOWN = "outcome-unknown", GATEWAY_TIMEOUT, "Whether it was done is not known yet";
    TIMED_OUT = "timed-out", GATEWAY_TIMEOUT, "A service did not answer in time";
    STORAGE_FULL = "storage-full", INSUFFICIENT_STORAGE, "There is no room for it";
}
