use clap::Args;

use super::key_set::KeySet;
use super::names::TokenNames;
use super::pem::PublicKey;
use super::source::JwksSource;
use super::verify::TokenVerifier;

/// Which access tokens are believed.
#[derive(Args, Clone, Debug)]
pub struct TokenArgs {
    /// PEM file with an Ed25519 public key that access tokens are checked against, whatever else is published.
    #[arg(long, env = "INKLOG_TOKEN_PUBLIC_KEY_FILE", value_name = "FILE", required_unless_present = "token_jwks")]
    pub token_public_key_file: Option<PublicKey>,
    /// The published keys that access tokens are checked against: a JWKS, as a file or as an http or https address. It
    /// is read again when it changes.
    #[arg(long, env = "INKLOG_TOKEN_JWKS", value_name = "FILE|URL")]
    pub token_jwks: Option<JwksSource>,
    #[command(flatten)]
    #[allow(missing_docs, reason = "clap takes a doc comment here for the command's own")]
    pub names: TokenNames,
}

impl TokenArgs {
    /// The verifier that these arguments describe. Published keys are kept fresh by a task; that needs a Tokio.
    #[must_use]
    pub fn verifier(&self) -> TokenVerifier {
        let keys = KeySet::new(self.token_public_key_file.clone());
        let verifier = TokenVerifier::new(keys, &self.names);
        if let Some(source) = &self.token_jwks {
            source.keep_fresh(verifier.clone());
        }
        verifier
    }
}
