//! `command-services admin`: what an operator does before there is an admin. An operator who has the key that signs
//! tokens can do everything anyway, so that key is what these commands show; what they do goes through the public API.

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use clap::{Args, Subcommand};
use domain::Role;
use domain::values::UserName;
use reqwest::header::RETRY_AFTER;
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use service_kit::auth::{SessionClaims, TokenNames};
use uuid::Uuid;

use super::args::SigningArgs;
use super::secret::Token;

/// Who an operator is in the log.
const OPERATOR: Uuid = Uuid::from_u128(0x6f70_6572_6174_4000_8000_0000_0000_0001);
/// For one request.
const DEADLINE: Duration = Duration::from_secs(20);
/// So long a request is asked again that is answered with `Retry-After`.
const PATIENCE: Duration = Duration::from_secs(60);

/// What an operator can do.
#[derive(Debug, Subcommand)]
pub enum AdminTask {
    /// Allow an account a role: how the first admin comes to be.
    Grant(Box<GrantArgs>),
    /// Make an account that a program logs in to, if there is none, and allow it a role. Its password is drawn and
    /// written to a file that only its owner reads.
    ServiceAccount(Box<ServiceAccountArgs>),
    /// Remove the second factor of an account whose owner lost it, where no admin is left who could.
    RemoveSecondFactor(Box<AccountArgs>),
}

/// Where, and by what right.
#[derive(Args, Clone, Debug)]
pub struct OperatorArgs {
    /// Where the command API is.
    #[arg(long, env = "INKLOG_COMMANDS_URL", value_name = "URL", default_value = "http://127.0.0.1:8081")]
    pub url: String,
    #[command(flatten)]
    #[allow(missing_docs, reason = "clap takes a doc comment here for the command's own")]
    pub signing: SigningArgs,
    #[command(flatten)]
    #[allow(missing_docs, reason = "clap takes a doc comment here for the command's own")]
    pub names: TokenNames,
}

/// An account.
#[derive(Args, Clone, Debug)]
pub struct AccountArgs {
    /// The account's id.
    pub account: Uuid,
    #[command(flatten)]
    #[allow(missing_docs, reason = "clap takes a doc comment here for the command's own")]
    pub operator: OperatorArgs,
}

/// An account and a role.
#[derive(Args, Clone, Debug)]
pub struct GrantArgs {
    /// The account's id.
    pub account: Uuid,
    /// reader, author, moderator, editor or admin.
    #[arg(value_parser = role)]
    pub role: Role,
    #[command(flatten)]
    #[allow(missing_docs, reason = "clap takes a doc comment here for the command's own")]
    pub operator: OperatorArgs,
}

/// A program's account.
#[derive(Args, Clone, Debug)]
pub struct ServiceAccountArgs {
    /// Its user name.
    #[arg(value_parser = str::parse::<UserName>)]
    pub name: UserName,
    /// reader, author, moderator, editor or admin.
    #[arg(long, value_parser = role)]
    pub role: Role,
    /// Where its password is, or is to be.
    #[arg(long, value_name = "FILE")]
    pub password_file: PathBuf,
    #[command(flatten)]
    #[allow(missing_docs, reason = "clap takes a doc comment here for the command's own")]
    pub operator: OperatorArgs,
}

fn role(name: &str) -> Result<Role, String> {
    Role::named(name).ok_or_else(|| "is not reader, author, moderator, editor or admin".into())
}

/// Does it.
///
/// # Errors
/// The command API does not answer, or refuses.
pub async fn run(task: AdminTask) -> anyhow::Result<()> {
    match task {
        AdminTask::Grant(args) => grant(&args.operator, args.account, args.role).await,
        AdminTask::ServiceAccount(args) => {
            let id = service_account(&args).await?;
            println!("{id}");
            Ok(())
        }
        AdminTask::RemoveSecondFactor(args) => {
            let path = format!("/v1/accounts/{}/second-factor", args.account);
            let (status, body) = operate(&args.operator, Method::DELETE, &path).await?;
            anyhow::ensure!(status.is_success(), "the second factor was not removed: {status} {}", said(&body));
            Ok(())
        }
    }
}

async fn grant(operator: &OperatorArgs, account: Uuid, role: Role) -> anyhow::Result<()> {
    let path = format!("/v1/accounts/{account}/roles/{}", role.name());
    let (status, body) = operate(operator, Method::PUT, &path).await?;
    anyhow::ensure!(status.is_success(), "the role was not granted: {status} {}", said(&body));
    Ok(())
}

/// Asks the command API for something, as an admin.
async fn operate(operator: &OperatorArgs, method: Method, path: &str) -> anyhow::Result<(StatusCode, Value)> {
    let keys = operator.signing.keys(&operator.names)?;
    let roles = [Role::Admin].into();
    let token =
        keys.sign(SessionClaims { subject: OPERATOR, session: Uuid::new_v4(), roles: &roles, confirmed: true })?;
    send(client()?.request(method, format!("{}{path}", operator.url)).bearer_auth(token)).await
}

/// Repeatable: what is there already stays.
async fn service_account(args: &ServiceAccountArgs) -> anyhow::Result<Uuid> {
    let (url, name) = (&args.operator.url, &args.name);
    let password = password(&args.password_file)?;
    // No person reads mail at such an address, so none is sent there (RFC 2606).
    let body = json!({"user_name": name, "email": format!("{name}@service.invalid"), "password": password});
    let key = format!("service-account-{name}");
    let request = client()?.post(format!("{url}/v1/register")).header("Idempotency-Key", key).json(&body);
    let (status, body) = send(request).await?;
    let there = status == StatusCode::CONFLICT;
    anyhow::ensure!(status.is_success() || there, "{name} was not registered: {status} {}", said(&body));
    let session = log_in(url, name.as_str(), &password).await?;
    let id = session["account_id"].as_str().and_then(|id| id.parse().ok()).context("the reply names no account")?;
    grant(&args.operator, id, args.role).await?;
    Ok(id)
}

/// Logs in: the reply, with its tokens.
///
/// # Errors
/// The command API does not answer, or refuses.
pub async fn log_in(url: &str, name: &str, password: &str) -> anyhow::Result<Value> {
    let request = client()?.post(format!("{url}/v1/sessions")).json(&json!({"login": name, "password": password}));
    let (status, body) = send(request).await?;
    anyhow::ensure!(status.is_success(), "{name} cannot log in: {status} {}", said(&body));
    Ok(body)
}

/// The password in a file; drawn and written where there is none yet.
fn password(file: &Path) -> anyhow::Result<String> {
    if let Ok(text) = std::fs::read_to_string(file) {
        return Ok(text.trim().to_owned());
    }
    let password = Token::draw().expose().to_owned();
    let mut options = std::fs::OpenOptions::new();
    // Before it is used anywhere: a password that is lost is an account that is lost.
    let mut created =
        options.write(true).create_new(true).mode(0o600).open(file).context("writing the password file")?;
    created.write_all(password.as_bytes()).and_then(|()| created.sync_all()).context("writing the password file")?;
    Ok(password)
}

fn client() -> anyhow::Result<Client> {
    Client::builder().timeout(DEADLINE).no_proxy().build().context("setting the HTTP client up")
}

/// Asks, and asks again as long as the answer is to come back later. What is sent here may be sent twice.
async fn send(request: RequestBuilder) -> anyhow::Result<(StatusCode, Value)> {
    let until = Instant::now() + PATIENCE;
    loop {
        let request = request.try_clone().context("a body that is streamed cannot be sent again")?;
        let response = request.send().await.context("the command API does not answer (INKLOG_COMMANDS_URL)")?;
        let (status, again) = (response.status(), retry_after(&response));
        let body = response.bytes().await.context("reading the answer")?;
        match again.filter(|pause| Instant::now() + *pause < until) {
            Some(pause) => tokio::time::sleep(pause).await,
            None => return Ok((status, serde_json::from_slice(&body).unwrap_or_default())),
        }
    }
}

/// When a request that was not served may come again.
fn retry_after(response: &Response) -> Option<Duration> {
    let seconds = response.headers().get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    (!response.status().is_success()).then(|| Duration::from_secs(seconds).max(Duration::from_millis(100)))
}

fn said(body: &Value) -> &str {
    body["detail"].as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests;
