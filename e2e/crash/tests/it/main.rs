//! A few seeds of the crash lab, on a stack of their own beside that of the other tests: what they break is no
//! other test's. The programs are those of this build; its times prove nothing, so only what is wrong for good counts.

#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Seeds that found something once, or that draw much of what there is to draw, and what else is asked for: a while of
/// each.
const SEEDS: [(u64, &[&str]); 4] = [(1, &[]), (4, &[]), (503, &["--repartition"]), (501, RARE)];
const SECONDS: u64 = 30;
/// What clients ask a second.
const RATE: &str = "300";
/// With three brokers, of which one is killed, frozen or cut off from the others: here barriers are records.
const OF_THREE: (u64, &[&str]) = (77_700, &["--clients=16"]);
/// The same with three brokers, which leave the programs a part of two cores.
const RATE_OF_THREE: &str = "60";
/// What is drawn seldom.
const RARE: &[&str] = &[
    "--only=redis loses a key",
    "--only=redis loses key after key",
    "--only=registry lost and restored",
    "--only=registry lost, begun anew and restored",
    "--only=add a partition to a topic",
    "--only=clock off, as tolerated",
    "--only=clock off by too much",
    "--only=folder of media gone",
    "--only=disk full: media",
];
/// Above the ports of the other tests' stack.
const OFFSET: u16 = 500;

/// A stack that is taken down whatever happens.
struct Stack {
    environment: Vec<(&'static str, String)>,
    rate: &'static str,
}

impl Stack {
    fn up(brokers: &str) -> Self {
        let offset: u16 = std::env::var("INKLOG_STACK_OFFSET").map_or(2_000, |offset| offset.parse().unwrap());
        let folder = repository().join(".inklog-crash-test").display().to_string();
        let programs = Path::new(env!("CARGO_BIN_EXE_crash")).parent().unwrap().display().to_string();
        let environment = vec![
            ("INKLOG_STACK_DIR", folder),
            ("INKLOG_STACK_OFFSET", (offset + OFFSET).to_string()),
            ("INKLOG_BIN_DIR", programs),
            ("INKLOG_KAFKA_PROXIES", "4".to_owned()),
            ("INKLOG_DISK_MB", "1024".to_owned()),
            ("INKLOG_PARTITIONS", "4".to_owned()),
            ("INKLOG_BROKERS", brokers.to_owned()),
        ];
        let rate = if brokers == "1" { RATE } else { RATE_OF_THREE };
        let stack = Self { environment, rate };
        // Brokers reach each other by way of the lab's proxies, so it starts them itself where there are several.
        let begin = if brokers == "1" { "up" } else { "install" };
        for verb in ["down", "reset", begin] {
            assert!(stack.control(&[verb]), "dev/stack {verb}");
        }
        stack
    }

    /// Breaks what it draws from a seed for a while, and has it judged.
    fn judge(&self, (seed, more): (u64, &[&str])) {
        let (seed, lasts) = (seed.to_string(), SECONDS.to_string());
        let mut arguments = vec!["exec", "crash", "run", "--seed", &seed, "--seconds", &lasts, "--rate", self.rate];
        arguments.extend(["--seed-seconds", &lasts, "--without-bounds"]);
        arguments.extend(["--folder", "target/crash-test", "--json", "target/crash-test.json"]);
        arguments.extend(more);
        assert!(self.control(&arguments), "what seed {seed} found is in target/crash-test/{seed}");
    }

    fn control(&self, arguments: &[&str]) -> bool {
        let environment = self.environment.iter().map(|(name, value)| (*name, value));
        let mut command = Command::new(repository().join("dev/stack"));
        let command = command.args(arguments).current_dir(repository()).envs(environment).stdin(Stdio::null());
        command.status().unwrap().success()
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        self.control(&["down"]);
        // Its disks are in memory; after a failure a person wants to look at them.
        if !std::thread::panicking() {
            self.control(&["reset"]);
        }
    }
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_owned()
}

#[test]
fn nothing_is_lost_doubled_or_invented() {
    let stack = Stack::up("1");
    SEEDS.into_iter().for_each(|seed| stack.judge(seed));
    drop(stack);
    Stack::up("3").judge(OF_THREE);
}
