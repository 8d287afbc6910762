-- What an author was called before, in lower case: leads to them until another bears the name.
ALTER TABLE content.authors ADD COLUMN former_user_names text[] NOT NULL DEFAULT '{}';

CREATE INDEX authors_former_user_names ON content.authors USING gin (former_user_names);
