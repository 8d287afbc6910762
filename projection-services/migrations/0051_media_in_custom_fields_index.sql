-- no-transaction
-- Who uses it. What stands in the way of a second run is the invalid index that a cancelled one leaves: DROP it.
CREATE INDEX CONCURRENTLY media_uses_custom ON content.media_uses USING gin (custom_sha256s);
