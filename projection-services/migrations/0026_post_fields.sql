-- What a post has beside its text. No post has had any of it before, so there is nothing to fill in.
ALTER TABLE content.posts
    ADD COLUMN canonical_url text,
    ADD COLUMN cover_image text,
    ADD COLUMN cover_alt text,
    ADD COLUMN cover_focal_x bigint,
    ADD COLUMN cover_focal_y bigint,
    ADD COLUMN language_tag text,
    ADD COLUMN translation_of uuid,
    ADD COLUMN meta_title text,
    ADD COLUMN meta_description text,
    ADD COLUMN custom_fields text,
    ADD COLUMN visibility text NOT NULL DEFAULT 'public',
    ADD COLUMN featured boolean NOT NULL DEFAULT false,
    ADD COLUMN comments text NOT NULL DEFAULT 'open';

ALTER TABLE content.tagged_posts ADD COLUMN unlisted boolean NOT NULL DEFAULT false;

-- The translations of a post.
CREATE INDEX posts_translations ON content.posts (translation_of) WHERE translation_of IS NOT NULL;

-- What the lists hold now that some posts are in none. The version before goes on reading `posts_newest`.
CREATE INDEX posts_listed ON content.posts (published_at DESC, post_id DESC)
    WHERE published AND NOT deleted AND visibility <> 'unlisted';
CREATE INDEX posts_featured ON content.posts (published_at DESC, post_id DESC)
    WHERE published AND NOT deleted AND visibility <> 'unlisted' AND featured;
