-- Deleting a person deletes their sessions, those that have ended, too: of these no index knew whose they are, and
-- every erasure read them all.
CREATE INDEX sessions_of_account ON vault.sessions (account_id);

-- Who was erased lately is looked after every hour: without reading all who ever were.
CREATE INDEX erasures_finished ON vault.erasures (finished_at);
