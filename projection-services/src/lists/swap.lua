-- Puts a rebuilt set of lists in the place of the live one, unless the live one has read further: readers must not
-- see time go back. The positions come along, so the live projector finds them moved and reads on from there.
--
-- KEYS: live positions, new positions
-- ARGV: live base, new base, '1' to swap whatever the live positions say (they are of another log)
local live_positions, new_positions = KEYS[1], KEYS[2]
local live, new = ARGV[1], ARGV[2]

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
for _, tag in ipairs(redis.call('ZRANGE', live .. 'tags', 0, -1)) do
    redis.call('UNLINK', live .. 'tag:' .. tag)
end
for _, tag in ipairs(redis.call('ZRANGE', new .. 'tags', 0, -1)) do
    redis.call('RENAME', new .. 'tag:' .. tag, live .. 'tag:' .. tag)
end
for _, name in ipairs({'posts', 'newest', 'tags', 'parked', 'parked_keys', 'sizes', 'positions'}) do
    redis.call('UNLINK', live .. name)
    if redis.call('EXISTS', new .. name) == 1 then
        redis.call('RENAME', new .. name, live .. name)
    end
end
return 1
