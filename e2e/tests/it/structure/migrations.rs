//! A migration runs beside services that read and write: one that keeps a table locked for as long as it takes to read
//! all of it keeps their callers waiting as long.

use std::collections::{BTreeMap, BTreeSet};

use super::source::root;

/// The folders of migrations, and the last number in each that an installation may have run. What has landed is never
/// changed: two of them do lock a table (`docs/operations.md` says which, and for how long). A table that comes after
/// is empty when those after it run.
const FOLDERS: [(&str, u32); 2] = [("projection-services/migrations", 32), ("command-services/migrations", 16)];

/// The statements of a migration as words, without comments and in capitals.
fn statements(sql: &str) -> Vec<Vec<String>> {
    let plain: Vec<&str> = sql.lines().map(|line| line.split("--").next().unwrap_or_default()).collect();
    let plain = plain.join(" ").to_ascii_uppercase();
    plain.split(';').map(|one| one.split_whitespace().map(str::to_owned).collect()).collect()
}

/// What is wrong with a migration that runs where these tables are empty.
fn faults(sql: &str, empty: &BTreeSet<String>) -> Vec<String> {
    let is_made = |table: &str| empty.contains(table.split('(').next().unwrap_or_default());
    let mut faults = Vec::new();
    for words in &statements(sql) {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let text = words.join(" ");
        let indexes = matches!(words.as_slice(), ["CREATE", "INDEX", ..] | ["CREATE", "UNIQUE", "INDEX", ..]);
        let after = |word: &str| words.iter().skip_while(|found| **found != word).nth(1).copied().unwrap_or_default();
        if indexes && !words.contains(&"CONCURRENTLY") && !is_made(after("ON")) {
            faults.push(format!("an index of a table that is there is made CONCURRENTLY: {text}"));
        }
        if indexes && words.contains(&"CONCURRENTLY") && !sql.starts_with("-- no-transaction\n") {
            faults.push(format!("CONCURRENTLY needs `-- no-transaction` in the first line: {text}"));
        }
        if text.starts_with("ALTER TABLE") && text.contains(" STORED") && !is_made(after("TABLE")) {
            faults.push(format!("a stored column writes a table anew that is there: {text}"));
        }
    }
    faults
}

/// The tables that a migration makes.
fn tables(sql: &str) -> BTreeSet<String> {
    let made = |words: Vec<String>| match &words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["CREATE", "TABLE", name, ..] | ["CREATE", "UNLOGGED", "TABLE", name, ..] => {
            name.split('(').next().map(str::to_owned)
        }
        _ => None,
    };
    statements(sql).into_iter().filter_map(made).collect()
}

#[test]
fn migrations_lock_no_table_while_they_read_all_of_it() {
    for (folder, landed) in FOLDERS {
        let mut later = BTreeMap::new();
        for entry in std::fs::read_dir(root().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            let number: u32 = name[..4].parse().unwrap_or_else(|_| panic!("{name} begins with no number"));
            if number > landed {
                later.insert(name, std::fs::read_to_string(&path).unwrap());
            }
        }
        let mut empty = BTreeSet::new();
        for (name, sql) in later {
            empty.extend(tables(&sql));
            let found = faults(&sql, &empty);
            assert!(found.is_empty(), "{folder}/{name}: {found:#?}");
        }
    }
}

#[test]
fn an_index_of_a_table_that_is_there_is_noticed() {
    let count = |sql: &str| faults(sql, &tables(sql)).len();
    assert_eq!(count("CREATE INDEX a ON content.posts (slug);"), 1);
    assert_eq!(count("-- Words.\nCREATE UNIQUE INDEX a\n    ON content.posts\n    (slug);"), 1);
    assert_eq!(count("CREATE INDEX CONCURRENTLY a ON content.posts (slug);"), 1, "it is in a transaction");
    assert_eq!(count("-- no-transaction\nCREATE INDEX CONCURRENTLY a ON content.posts (slug);"), 0);
    assert_eq!(count("CREATE TABLE content.x (a int); CREATE INDEX x_a ON content.x (a);"), 0);
    assert_eq!(count("CREATE UNLOGGED TABLE content.x (a int);\ncreate index x_a on content.x(a);"), 0);
    assert_eq!(count("ALTER TABLE w.c ADD COLUMN s text GENERATED ALWAYS AS (upper(t)) STORED;"), 1);
    assert_eq!(count("ALTER TABLE w.c ADD COLUMN s text NOT NULL DEFAULT ''; -- CREATE INDEX a ON w.c (s);"), 0);
}
