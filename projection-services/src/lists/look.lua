-- Looks whether a set of lists is whole: all of it but the tags' lists, and so many of those. Says how many those were,
-- or -1 if something is lost. On request what is left then is deleted: it would be folded into a second time.
--
-- ARGV: 'look', 'begin anew' (deletes what is left of a set that is not whole) or 'delete' (deletes the set); the
-- pattern of all keys of the set; what the key of a tag's list begins with; the rank of the first tag; how many; what
-- the generation of a set is to be that is begun anew, or has none
local function delete()
    local cursor = '0'
    repeat
        local page = redis.call('SCAN', cursor, 'MATCH', ARGV[2], 'COUNT', 1000)
        cursor = page[1]
        for _, key in ipairs(page[2]) do
            redis.call('UNLINK', key)
        end
    until cursor == '0'
end

local function looked_at()
    if not is_intact() then
        return -1
    end
    local stretch = redis.call('ZRANGE', tags, ARGV[4], ARGV[4] + ARGV[5] - 1)
    for _, tag in ipairs(stretch) do
        if not is_tag_intact(tag, ARGV[3] .. tag) then
            return -1
        end
    end
    return #stretch
end

if ARGV[1] == 'delete' then
    delete()
    return 0
end
local looked = looked_at()
if looked == -1 and ARGV[1] == 'begin anew' then
    delete()
    -- Should a writer of the version before fill it, these say that they are not of its positions.
    note_sizes()
    redis.call('HSET', sizes, 'generation', ARGV[6])
elseif ARGV[1] == 'begin anew' then
    redis.call('HSETNX', sizes, 'generation', ARGV[6])
end
return looked
