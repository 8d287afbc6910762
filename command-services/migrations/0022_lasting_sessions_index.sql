-- no-transaction
CREATE UNIQUE INDEX CONCURRENTLY sessions_lasting ON vault.sessions (lasting_token_hash) WHERE lasting_token_hash IS NOT NULL;
