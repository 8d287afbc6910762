use clap::Args;

/// What tokens say of whence and whither they are.
#[derive(Args, Clone, Debug)]
pub struct TokenNames {
    /// Who must have issued an access token: its `iss`.
    #[arg(long, env = "INKLOG_TOKEN_ISSUER", value_name = "NAME", default_value = "inklog")]
    pub token_issuer: String,
    /// Whom an access token must be for: its `aud`.
    #[arg(long, env = "INKLOG_TOKEN_AUDIENCE", value_name = "NAME", default_value = "inklog")]
    pub token_audience: String,
}
