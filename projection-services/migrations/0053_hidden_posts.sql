-- Who is shown a post of those who may see it otherwise. No moderator has hidden one before.
ALTER TABLE content.posts ADD COLUMN visible text NOT NULL DEFAULT 'all';
ALTER TABLE content.tagged_posts ADD COLUMN hidden boolean NOT NULL DEFAULT false;
