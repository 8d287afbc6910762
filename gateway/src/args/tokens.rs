use clap::Args;
use service_kit::auth::{JwksSource, PublicKey, TokenNames};

/// By which keys access tokens are judged. As the services', but there may be none.
#[derive(Args, Clone, Debug)]
pub struct TokenArgs {
    /// PEM file with an Ed25519 public key that access tokens are checked against, whatever else is published.
    #[arg(long, env = "INKLOG_TOKEN_PUBLIC_KEY_FILE", value_name = "FILE")]
    pub token_public_key_file: Option<PublicKey>,
    /// The published keys that access tokens are checked against: a JWKS, as a file or as an http or https address.
    /// Without any key the services alone judge tokens.
    #[arg(long, env = "INKLOG_TOKEN_JWKS", value_name = "FILE|URL")]
    pub token_jwks: Option<JwksSource>,
    /// What tokens say of whence and whither they are.
    #[command(flatten)]
    pub names: TokenNames,
}
