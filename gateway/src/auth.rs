//! Access tokens, as far as the gateway looks at them: one that is certainly bad costs no service any time. Services
//! check every token for themselves, so what the gateway cannot judge it lets pass.

use http::HeaderMap;
use http::header::AUTHORIZATION;
use service_kit::TokenVerifier;
use service_kit::auth::{KeySet, Refused, Verified};
use service_kit::network::Network;

use crate::args::TokenArgs;
use crate::limits::Limits;
use crate::refusal::Refusal;

/// Judges tokens. Published keys are read again every few seconds, and sooner where a token names an unknown one.
#[derive(Clone, Debug)]
pub(crate) struct Tokens(TokenVerifier);

impl Tokens {
    /// By these keys. Needs a running Tokio.
    pub(crate) fn new(args: TokenArgs) -> Self {
        let verifier = TokenVerifier::new(KeySet::new(args.token_public_key_file), &args.names);
        if let Some(source) = args.token_jwks {
            source.keep_fresh(verifier.clone());
        }
        Self(verifier)
    }

    /// Whose token this is. `None`: there is no token, or none that can be judged here, for its key is not known (yet,
    /// or because keys cannot be read). To look at a signature takes longer than all else that the gateway does, and
    /// comes before the request is counted: so tokens that were bad are counted by themselves.
    ///
    /// # Errors
    /// 401: the token is certainly bad. 429: so many of this network were bad that no further one is looked at; those
    /// that were found good before are believed all the same.
    pub(crate) fn caller(
        &self,
        headers: &HeaderMap,
        limits: &Limits,
        network: &Network,
    ) -> Result<Option<Verified>, Refusal> {
        let Some(token) = headers.get(AUTHORIZATION).and_then(|value| bearer(value.to_str().ok()?)) else {
            return Ok(None);
        };
        if !self.0.has_keys() {
            return Ok(None);
        }
        if let Err(refusal) = limits.may_try_a_token(network) {
            return self.0.remembered(token).map(Some).ok_or(refusal);
        }
        match self.0.verify(token) {
            Ok(verified) => Ok(Some(verified)),
            Err(Refused::Key | Refused::Missing | Refused::Scheme) => Ok(None),
            Err(refused) => {
                limits.token_was_bad(network);
                Err(Refusal::token(refused))
            }
        }
    }
}

fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
