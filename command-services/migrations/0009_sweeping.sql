-- What is over is found without reading a table whole.
CREATE INDEX refresh_tokens_expiry ON vault.refresh_tokens (expires_at);
CREATE INDEX sessions_ended ON vault.sessions (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX outbox_done ON vault.outbox (COALESCE(sent_at, failed_at));
