-- Deletes every key of a set of lists if its positions are gone (Redis was emptied, or evicted them): what is left
-- would be folded into a second time.
--
-- KEYS: positions
-- ARGV[1]: the pattern of all keys of the set
if redis.call('EXISTS', KEYS[1]) == 1 then
    return 0
end
local cursor = '0'
local deleted = 0
repeat
    local page = redis.call('SCAN', cursor, 'MATCH', ARGV[1], 'COUNT', 1000)
    cursor = page[1]
    for _, key in ipairs(page[2]) do
        deleted = deleted + redis.call('UNLINK', key)
    end
until cursor == '0'
return deleted
