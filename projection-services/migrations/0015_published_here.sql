-- When a post was first published here: what dates it again once the date of its publication elsewhere is taken away.
-- Of what was published elsewhere first, only the log knows it: a rebuild of `posts` and `tags` fills it in.
ALTER TABLE content.posts ADD COLUMN published_here_at timestamptz;
ALTER TABLE content.tagged_posts ADD COLUMN published_here_at timestamptz;

UPDATE content.posts SET published_here_at = published_at WHERE originally_published_at IS NULL;
UPDATE content.tagged_posts SET published_here_at = published_at WHERE originally_published_at IS NULL;
