-- How many posts are in the lists of each month (UTC; 202603 is March of 2026): sums over `posts`, written in the same
-- transaction. A month without any has no row.
CREATE TABLE content.month_counts (
    month bigint CONSTRAINT month_counts_pkey PRIMARY KEY,
    posts bigint NOT NULL CONSTRAINT month_counts_posts_check CHECK (posts >= 0)
);

INSERT INTO content.month_counts
SELECT extract(year FROM published_at AT TIME ZONE 'UTC')::bigint * 100
    + extract(month FROM published_at AT TIME ZONE 'UTC')::bigint, count(*)
FROM content.posts
WHERE published AND NOT deleted AND visibility <> 'unlisted' AND published_at IS NOT NULL
GROUP BY 1;
