-- no-transaction
-- What is hidden of an author's. What stands in the way of a second run is the invalid index that a cancelled one leaves: DROP it.
CREATE INDEX CONCURRENTLY posts_hidden ON content.posts (author_id) WHERE visible <> 'all';
