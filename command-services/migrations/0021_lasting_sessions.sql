-- What stands for the token of a session that lasts without being refreshed; null where it is refreshed. See
-- src/identity/vault/lasting.rs.
ALTER TABLE vault.sessions ADD COLUMN lasting_token_hash bytea;
