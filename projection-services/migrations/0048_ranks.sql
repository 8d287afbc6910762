-- What popular, trending and related posts are found by: docs/ranks.md.

-- How much a day weighs, days being those since 1970-01-01 (UTC): ten times as much as the day ten days before it. Days
-- before 2026 weigh as its first one, those after the hundredth year as the last of that. A whole number of any size, so
-- that sums do not depend on the order in which they are added up.
CREATE FUNCTION content.weight_of_day(day bigint) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (ARRAY[1000, 1259, 1585, 1995, 2512, 3162, 3981, 5012, 6310, 7943])[1 + (age % 10)::int]
        * ('1e' || (age / 10)::text)::numeric
    FROM (SELECT least(greatest(day - 20454, 0), 36524) AS age) AS since_2026
$$;

-- Sums over `reactions` and `comments`, written in the same transactions: the points that a post got, by the weights of
-- their days. What has none has no row.
CREATE TABLE content.reaction_points (
    post_id uuid CONSTRAINT reaction_points_pkey PRIMARY KEY,
    points numeric NOT NULL
);
CREATE INDEX reaction_points_most ON content.reaction_points (points DESC, post_id DESC);

CREATE TABLE content.comment_points (
    post_id uuid CONSTRAINT comment_points_pkey PRIMARY KEY,
    points numeric NOT NULL
);
CREATE INDEX comment_points_most ON content.comment_points (points DESC, post_id DESC);

-- The same over `tagged_posts`: the points that a tag got by posts in the lists, by the name that they have it under.
CREATE TABLE content.tag_points (
    tag text CONSTRAINT tag_points_pkey PRIMARY KEY,
    points numeric NOT NULL
);
CREATE INDEX tag_points_most ON content.tag_points (points DESC, tag COLLATE "C" DESC);

-- What is in the lists under which word of its title, as `post_tags` is by tags. A rebuild of `posts` fills it.
CREATE TABLE content.post_words (
    word text NOT NULL,
    published_at timestamptz NOT NULL,
    post_id uuid NOT NULL,
    CONSTRAINT post_words_pkey PRIMARY KEY (word, published_at, post_id)
);
CREATE INDEX post_words_post ON content.post_words (post_id);

-- Points of reads, which query-api counts: of a post, and of the tags that it had then, as they were called.
CREATE TABLE reads.points (
    post_id uuid PRIMARY KEY,
    points numeric NOT NULL
);
CREATE INDEX points_most ON reads.points (points DESC, post_id DESC);

CREATE TABLE reads.tag_points (
    tag text PRIMARY KEY,
    points numeric NOT NULL
);
CREATE INDEX tag_points_most ON reads.tag_points (points DESC, tag COLLATE "C" DESC);

INSERT INTO content.reaction_points
SELECT target_id, sum(10 * content.weight_of_day(floor(extract(epoch FROM since) / 86400)::bigint))
FROM content.reactions WHERE active AND target_kind = 'post' GROUP BY target_id;

INSERT INTO content.comment_points
SELECT post_id, sum(20 * content.weight_of_day(floor(extract(epoch FROM written_at) / 86400)::bigint))
FROM content.comments WHERE NOT deleted AND visible = 'all' GROUP BY post_id;

INSERT INTO content.tag_points
SELECT tag, sum(20 * content.weight_of_day(floor(extract(epoch FROM published_at) / 86400)::bigint))
FROM content.post_tags GROUP BY tag;

INSERT INTO reads.points
SELECT post_id, sum(reads * content.weight_of_day((day - date '1970-01-01')::bigint)) FROM reads.daily GROUP BY post_id;

INSERT INTO reads.tag_points
SELECT tag, sum(reads * content.weight_of_day((day - date '1970-01-01')::bigint))
FROM (SELECT DISTINCT d.day, d.post_id, d.reads, COALESCE(n.tag, t.tag) AS tag
    FROM reads.daily d JOIN content.post_tags t USING (post_id) LEFT JOIN content.tag_names n ON n.name = t.tag) AS daily
GROUP BY tag;
