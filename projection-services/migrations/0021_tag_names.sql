-- Every name of which something is said: what it stands for, and what a tag is about. All other names stand for themselves.
CREATE TABLE content.tag_names (
    name text CONSTRAINT tag_names_pkey PRIMARY KEY,
    tag text NOT NULL,
    description text NOT NULL,
    version bigint NOT NULL
);

CREATE INDEX tag_names_tag ON content.tag_names (tag, name);
