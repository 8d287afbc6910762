-- How many of a comment's former texts only its author and moderators read. Until now nothing was held or hidden, and
-- edited: all of them were shown.
ALTER TABLE content.comments ADD COLUMN withheld_texts bigint NOT NULL DEFAULT 0;
