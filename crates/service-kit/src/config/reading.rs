use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, Parser};

/// The exit status of a wrong command line or environment: `EX_USAGE` of sysexits.h.
pub const EXIT_USAGE: i32 = 64;

/// Reads the command line and the environment. A wrong one is explained, with the variable that sets what is wrong,
/// and ends the process with status 64; `--help` and `--version` end it with 0.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "nothing has begun yet, and clap's own way out of --help is this one")]
pub fn parse<T: Parser>() -> T {
    T::try_parse().unwrap_or_else(|error| {
        let status = exit_status(&error);
        // A reader that has closed our output does not want to read this.
        let _ = error.print();
        for variable in variables(&error, &mut T::command()) {
            eprintln!("note: the environment variable {variable} sets this");
        }
        std::process::exit(status)
    })
}

pub(super) fn exit_status(error: &clap::Error) -> i32 {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => 0,
        _ => EXIT_USAGE,
    }
}

/// The environment variables of the arguments that an error is about.
pub(super) fn variables(error: &clap::Error, command: &mut Command) -> Vec<String> {
    let about: Vec<String> = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(argument)) => vec![argument.clone()],
        Some(ContextValue::Strings(arguments)) => arguments.clone(),
        _ => Vec::new(),
    };
    command.build();
    let mut found = Vec::new();
    collect(command, &about, &mut found);
    found.sort();
    found.dedup();
    found
}

fn collect(command: &Command, about: &[String], found: &mut Vec<String>) {
    for argument in command.get_arguments() {
        if let (true, Some(variable)) = (about.contains(&argument.to_string()), argument.get_env()) {
            found.push(variable.to_string_lossy().into_owned());
        }
    }
    for subcommand in command.get_subcommands() {
        collect(subcommand, about, found);
    }
}
