//! Accounts: passwords, mail, exports, the vault.

use crate::declaring::measures;

measures! {
    "Accounts" in ["command-services"];

    SECURITY_EVENTS: Count<1> = "inklog_security_events_total" in "events" [event: "a kind of note about security"],
        "What happened to the security of accounts: log-ins, failed ones, passwords, second factors.";
    PASSWORD_DURATION: Spread<0> = "inklog_password_duration_seconds" in "seconds" [],
        "How long checking or hashing a password took, waiting included.";
    PASSWORDS_TURNED_AWAY: Count<0> = "inklog_passwords_turned_away_total" in "requests" [],
        "Passwords that were not looked at, because too many waited.";
    THROTTLED: Count<0> = "inklog_throttled_total" in "requests" [],
        "Attempts to get in that were refused unseen, because of those before them.";
    MAIL: Count<1> = "inklog_mail_total" in "letters" [outcome: "sent|failed"],
        "Letters; one that failed is tried again.";
    EXPORT_RECORDS: Count<1> = "inklog_export_records_total" in "records" [by: "index|scan"],
        "Records that exports read, found by the index or by reading the log.";
    EXPORTS_CUT_OFF: Count<0> = "inklog_exports_cut_off_total" in "exports" [],
        "Exports that were ended before they were whole.";
    VAULT_FAILURES: Count<0> = "inklog_vault_failures_total" in "failures" [],
        "Work in the vault that Postgres did not do.";
}
