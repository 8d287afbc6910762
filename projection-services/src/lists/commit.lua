-- Writes rows, lists, parked events and positions, or nothing: if a position is not where the writer believes it to
-- be, another instance has written; and if the set is of another generation, a rebuild or a beginning anew has put
-- another in its place, which may stand at the very same positions and has nothing of what earlier scripts wrote. Redis undoes nothing when a script fails midway, so everything below says how things
-- are to be, not by how much they change: doing it again is always right. Positions come last. The tags' numbers are
-- counted, not added up, so they cannot drift.
--
-- Gives 1; 0 if it is not where the writer believes; 2 if something of it is lost.
--
-- ARGV[1]: JSON {generation, expect, held, still, commands, tags, feeds, park, unpark, advance, channel, announcements}
local work = cjson.decode(ARGV[1])

if (redis.call('HGET', sizes, 'generation') or '') ~= work.generation then
    return 0
end
for _, expected in ipairs(work.expect) do
    local stored = redis.call('HGET', positions, expected[1])
    local offset = stored and cjson.decode(stored).next_offset or 0
    if offset ~= expected[2] then
        return 0
    end
end
if not is_intact() then
    return 2
end
for _, tag in ipairs(work.tags) do
    if not is_tag_intact(tag[1], tag[2]) then
        return 2
    end
end
-- What was replayed meanwhile holds its aggregate no more: what is to wait for it now would wait for ever.
for _, key in ipairs(work.held) do
    if redis.call('HEXISTS', parked_keys, key) == 0 then
        return 0
    end
end
for _, place in ipairs(work.still) do
    if redis.call('HEXISTS', parked, place) == 0 then
        return 0
    end
end
for _, entry in ipairs(work.unpark) do
    if redis.call('HEXISTS', parked, entry.place) == 0 then
        return 0
    end
end

-- By the rows of before, as the scripts before this one did their part of it.
if work.feeds and not write_feeds(work.feeds) then
    -- What was written of it is not taken for whole by any reader, and is begun anew.
    return 2
end
for _, command in ipairs(work.commands) do
    redis.call(unpack(command))
end
for _, tag in ipairs(work.tags) do
    note_tag(tag[1], tag[2])
end
for _, entry in ipairs(work.park) do
    if redis.call('HSETNX', parked, entry.place, entry.json) == 1 then
        redis.call('HINCRBY', parked_keys, entry.key, 1)
    end
end
for _, entry in ipairs(work.unpark) do
    redis.call('HDEL', parked, entry.place)
    if redis.call('HINCRBY', parked_keys, entry.key, -1) <= 0 then
        redis.call('HDEL', parked_keys, entry.key)
    end
end
for _, position in ipairs(work.advance) do
    redis.call('HSET', positions, position[1], position[2])
end
note_sizes()
for _, announcement in ipairs(work.announcements) do
    redis.call('PUBLISH', work.channel, announcement)
end
return 1
