use clap::{CommandFactory as _, Parser};

use super::*;
use crate::auth::TokenArgs;

#[derive(Debug, Parser)]
struct Cli {
    #[command(subcommand)]
    command: Sub,
}

#[derive(Debug, clap::Subcommand)]
enum Sub {
    Run(Run),
}

#[derive(Debug, clap::Args)]
struct Run {
    #[command(flatten)]
    http: HttpArgs<8099>,
    #[command(flatten)]
    kafka: KafkaArgs,
    #[command(flatten)]
    postgres: PostgresArgs,
    #[command(flatten)]
    redis: RedisArgs,
    #[command(flatten)]
    log: LogArgs,
}

fn run(arguments: &[&str]) -> Result<Run, clap::Error> {
    let Cli { command: Sub::Run(run) } = parse(&[&["run"], arguments].concat())?;
    Ok(run)
}

/// Parses as if no variable were set: `make test` sets most of them.
fn parse<T: Parser>(arguments: &[&str]) -> Result<T, clap::Error> {
    let matches = without_environment(T::command()).try_get_matches_from([&["inklog"], arguments].concat())?;
    T::from_arg_matches(&matches)
}

fn without_environment(command: clap::Command) -> clap::Command {
    command.mut_args(|arg| arg.env(clap::builder::Resettable::Reset)).mut_subcommands(without_environment)
}

#[test]
fn the_defaults_are_those_of_the_local_stack() {
    let run = run(&[]).unwrap();
    assert_eq!(run.http.listen.to_string(), "127.0.0.1:8099");
    assert_eq!((run.kafka.partitions, run.kafka.topic_prefix.as_str()), (2, "inklog"));
    assert_eq!(run.redis.redis_url.expose(), "redis://127.0.0.1:16379");
}

#[test]
fn a_bad_value_names_its_variable_and_exits_64() {
    for (flag, value, variable) in [
        ("--listen", "nowhere", "INKLOG_LISTEN"),
        ("--partitions", "0", "INKLOG_PARTITIONS"),
        ("--topic-prefix", "a b", "INKLOG_TOPIC_PREFIX"),
        ("--database-url", "mysql://x", "INKLOG_DATABASE_URL"),
        ("--redis-url", "http://x", "INKLOG_REDIS_URL"),
        ("--registry-url", "ftp://x", "INKLOG_REGISTRY_URL"),
        ("--log", "a=b=c", "INKLOG_LOG"),
    ] {
        let error = run(&[flag, value]).unwrap_err();
        assert_eq!(reading::exit_status(&error), 64);
        assert_eq!(reading::variables(&error, &mut Cli::command()), [variable], "{error}");
    }
}

#[test]
fn a_missing_key_names_its_variable() {
    #[derive(Debug, Parser)]
    struct Cli {
        #[command(flatten)]
        token: TokenArgs,
    }
    let error = parse::<Cli>(&[]).unwrap_err();
    assert_eq!(reading::variables(&error, &mut Cli::command()), ["INKLOG_TOKEN_PUBLIC_KEY_FILE"]);
    let error = Cli::try_parse_from(["inklog", "--token-public-key-file", "/nowhere"]).unwrap_err();
    assert!(error.to_string().contains("cannot be read"), "{error}");
}

#[test]
fn help_exits_0_and_shows_no_secret() {
    let error = Cli::try_parse_from(["inklog", "run", "--help"]).unwrap_err();
    assert_eq!(reading::exit_status(&error), 0);
    let help = error.to_string();
    assert!(help.contains("INKLOG_DATABASE_URL") && help.contains("127.0.0.1:8099"), "{help}");
    assert!(!help.contains("inklog:inklog"), "{help}");
}

#[test]
fn a_secret_does_not_show() {
    let secret: Secret<String> = "hunter2".into();
    assert_eq!(format!("{secret} {secret:?}"), "*** ***");
    assert!(!format!("{:?}", run(&[]).unwrap()).contains("inklog:inklog"));
}

#[test]
fn durations_have_units() {
    assert_eq!(duration("250ms"), Ok(Duration::from_millis(250)));
    assert_eq!(duration("10m"), Ok(Duration::from_secs(600)));
    for text in ["", "10", "h", "1w", "0s", "400d", "99999999999999999999s"] {
        assert!(duration(text).is_err(), "{text}");
    }
}
