-- The items that a post's custom fields name.
ALTER TABLE content.media_uses ADD COLUMN custom_sha256s text[] NOT NULL DEFAULT '{}';
