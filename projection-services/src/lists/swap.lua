-- Puts a rebuilt set of lists in the place of the live one, unless the live one has read further: readers must not
-- see time go back. The positions come along, so the live projector finds them moved and reads on from there. Where they
-- are the same, the generation tells a writer that was between two scripts.
--
-- KEYS: live positions, new positions
-- ARGV: live base, new base, '1' to swap whatever the live positions say (they are of another log); the name of the key
-- that names those of which there are many, what these begin with, the generation that this begins, and the names of the other keys
local live_positions, new_positions = KEYS[1], KEYS[2]
local live, new, sizes, part = ARGV[1], ARGV[2], ARGV[4], ARGV[5]

if ARGV[3] ~= '1' then
    local positions = redis.call('HGETALL', live_positions)
    for i = 1, #positions, 2 do
        local rebuilt = redis.call('HGET', new_positions, positions[i])
        local offset = rebuilt and cjson.decode(rebuilt).next_offset or 0
        if offset < cjson.decode(positions[i + 1]).next_offset then
            return 0
        end
    end
end
for _, name in ipairs(redis.call('ZRANGE', live .. sizes, 0, -1)) do
    redis.call('UNLINK', live .. part .. name)
end
for _, name in ipairs(redis.call('ZRANGE', new .. sizes, 0, -1)) do
    redis.call('RENAME', new .. part .. name, live .. part .. name)
end
for at = 7, #ARGV do
    redis.call('UNLINK', live .. ARGV[at])
    if redis.call('EXISTS', new .. ARGV[at]) == 1 then
        redis.call('RENAME', new .. ARGV[at], live .. ARGV[at])
    end
end
redis.call('HSET', live .. 'sizes', 'generation', ARGV[6])
return 1
