-- What every script begins with. Redis may lose a key of a set of lists: evicted when memory is short, or deleted by an
-- operator. What is left must not be taken for all that there is, nor be written to. So every writer notes how large
-- the keys are, and at which positions; and each script that writes or looks compares first. How long the list of a
-- tag is, is noted in `tags`.
--
-- Of feeds, `newest` is the set of authors who are merged on read, and `tags` has the sizes of all that there is once a
-- person.
--
-- KEYS: positions, sizes, posts, newest, tags, parked, parked_keys
local positions, sizes, posts, newest, tags, parked, parked_keys = unpack(KEYS)

local function at()
    local sum = 0
    for _, position in ipairs(redis.call('HVALS', positions)) do
        sum = sum + cjson.decode(position).next_offset
    end
    return string.format('%.0f', sum)
end

local function found()
    return {
        'posts', redis.call('HLEN', posts),
        'newest', redis.call('ZCARD', newest),
        'tags', redis.call('ZCARD', tags),
        'parked', redis.call('HLEN', parked),
        'parked_keys', redis.call('HLEN', parked_keys),
    }
end

local function note_sizes()
    redis.call('HSET', sizes, 'at', at(), unpack(found()))
end

-- A writer of the version before notes no sizes: those that are there are then of former positions, and say nothing.
local function is_intact()
    local noted, fields = {}, redis.call('HGETALL', sizes)
    for i = 1, #fields, 2 do
        noted[fields[i]] = fields[i + 1]
    end
    local now = at()
    if (noted.at or '0') ~= now then
        return noted.at ~= nil and now ~= '0'
    end
    local size = found()
    for i = 1, #size, 2 do
        if tonumber(noted[size[i]] or 0) ~= size[i + 1] then
            return false
        end
    end
    return true
end

local function is_tag_intact(tag, key)
    return redis.call('ZCARD', key) == tonumber(redis.call('ZSCORE', tags, tag) or 0)
end

local function note_tag(tag, key)
    local size = redis.call('ZCARD', key)
    if size == 0 then
        redis.call('ZREM', tags, tag)
    else
        redis.call('ZADD', tags, size, tag)
    end
end
