-- In which version of a post its fields were last given: what was typed beside an earlier one is outdated. Of posts that were edited before,
-- a rebuild tells.
ALTER TABLE content.posts ADD COLUMN edited_version bigint NOT NULL DEFAULT 1;
