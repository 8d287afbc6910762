-- How many reactions each comment has, of all kinds together, beside the post that it is on: a page of those that are
-- liked most is read from the index. Of a comment of which only that was read that is given to it, the post is null.
CREATE TABLE content.comment_ranks (
    comment_id uuid CONSTRAINT comment_ranks_pkey PRIMARY KEY,
    post_id uuid,
    number bigint,
    reply_to bigint,
    deleted boolean NOT NULL,
    given bigint NOT NULL,
    reactions bigint NOT NULL
);

-- Of those with as many the older is first.
CREATE INDEX comment_ranks_of_post ON content.comment_ranks (post_id, reactions DESC, (-number) DESC);
CREATE INDEX comment_ranks_answers ON content.comment_ranks (post_id, reply_to, reactions DESC, (-number) DESC);

-- What is there already. What an instance of the version before writes after this is not in it: a rebuild of
-- `comment_ranks`, once none of them runs any more, puts that right.
INSERT INTO content.comment_ranks
SELECT COALESCE(c.comment_id, r.target_id), c.post_id, c.number, c.reply_to, COALESCE(c.deleted, false),
    COALESCE(r.given, 0), CASE WHEN c.deleted THEN 0 ELSE COALESCE(r.given, 0) END
FROM content.comments c FULL JOIN (
    SELECT target_id, sum(people)::bigint AS given FROM content.reaction_counts
    WHERE target_kind = 'comment' GROUP BY target_id
) r ON r.target_id = c.comment_id;
