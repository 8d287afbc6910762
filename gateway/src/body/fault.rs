/// Why a body broke off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[repr(u8)]
pub(crate) enum Fault {
    /// It is larger than it may be.
    #[error("the body is too large")]
    TooLarge = 1,
    /// It made no progress.
    #[error("the body did not arrive in time")]
    TooSlow = 2,
    /// It is malformed, or the client has gone.
    #[error("the body broke off")]
    Broken = 3,
}
