-- Invitations to write a post together, each account's last to a post. One that is closed keeps its row: what is older
-- than the row must not open it again.
CREATE TABLE content.invitations (
    account_id uuid NOT NULL,
    post_id uuid NOT NULL,
    invited_by uuid NOT NULL,
    open boolean NOT NULL,
    since timestamptz NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT invitations_pkey PRIMARY KEY (account_id, post_id)
);

-- The lists of an account and of a post, newest first.
CREATE INDEX invitations_of_account ON content.invitations (account_id, since DESC, post_id DESC) WHERE open;
CREATE INDEX invitations_of_post ON content.invitations (post_id, since DESC, account_id DESC) WHERE open;
