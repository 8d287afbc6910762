-- Releases of working copies that are under way, each under its caller's key: whether one was accepted the log says, and
-- then the copy goes. What a process leaves that dies in between is settled by another (docs/adr/0017-working-copies.md).
CREATE TABLE writing.releases (
    post_id uuid NOT NULL,
    version bigint NOT NULL,
    account_id uuid NOT NULL,
    key text NOT NULL,
    begun_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT releases_pkey PRIMARY KEY (post_id, account_id, key)
);
