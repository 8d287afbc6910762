-- What a commit does to feeds. Each is a sorted set of posts by time, of at most so many; what was cut off is marked by
-- the last of it, as `-<post>`: above that a feed has every post of those whom its reader follows, and who are not
-- merged on read. So that a reader whose rows are behind these lists knows that something was taken away, `gone:` has, of each
-- feed, up to where the log was read when that last happened, or may have happened.
--
-- A post is in a feed by those alone who are not merged: so which feed has what is the same whatever was read first, and
-- a rebuild compares it. What a script tells of a post before the rest of its commit is done is in `unsettled:posts`
-- until it is: no row has it should that never come, and it is found there by what takes posts out of feeds.
--
-- Gives whether all that it needed of them was there. What was not is noted as lost, so that they are begun anew.
--
-- feeds: {part, most, followers, ends, is_last, settles, posts: {id, at, moved, writers, told, left},
-- follows: {reader, followee, active}}
local function write_feeds(feeds)
    local touched, lost = {}, {}

    -- The key of a part; that it is whole is looked at before it is first written to.
    local function part(kind, id)
        local name = kind .. ':' .. id
        local key = feeds.part .. name
        if not touched[name] then
            touched[name] = key
            if not is_tag_intact(name, key) then
                lost[#lost + 1] = name
            end
        end
        return key
    end

    local function takes_away(reader)
        local key = part('gone', reader)
        for _, at in ipairs(feeds.ends) do
            redis.call('ZADD', key, 'GT', at[2], at[1])
        end
    end

    -- When whom a reader follows changes, their feed is made of the posts as they are by now: they were not told what
    -- was taken away before they followed, and of a post that they saw by one author they may have been left another's.
    -- Rows may know whom they follow and not these posts yet, for the topics have no common order.
    local read_of_posts
    local function is_of_posts_until_now(reader)
        if not read_of_posts then
            read_of_posts = {}
            local stored = redis.call('HGETALL', positions)
            for i = 1, #stored, 2 do
                local offset = cjson.decode(stored[i + 1]).next_offset
                if string.sub(stored[i], 1, 6) == 'posts/' and offset > 0 then
                    read_of_posts[#read_of_posts + 1] = string.format('%.0f', offset)
                    read_of_posts[#read_of_posts + 1] = stored[i]
                end
            end
        end
        if #read_of_posts > 0 then
            redis.call('ZADD', part('gone', reader), 'GT', unpack(read_of_posts))
        end
    end

    local function followers_of(writer)
        return redis.call('ZRANGE', part('followers', writer), 0, -1)
    end

    -- Whether a reader follows one of these who is not merged.
    local function is_told_by_any(reader, writers)
        if #writers == 0 then
            return false
        end
        for i, score in ipairs(redis.call('ZMSCORE', part('following', reader), unpack(writers))) do
            if score and not redis.call('ZSCORE', newest, writers[i]) then
                return true
            end
        end
        return false
    end

    -- Who writes a post, as its row says.
    local written_by = {}
    local function writers_of(id)
        if not written_by[id] then
            local row = redis.call('HGET', posts, id)
            local writers, all = row and cjson.decode(row).writers, {}
            if type(writers) == 'table' then
                all = writers.co_author_ids
                all[#all + 1] = writers.author_id
            end
            written_by[id] = all
        end
        return written_by[id]
    end

    local function with_unsettled(ids)
        for _, id in ipairs(redis.call('ZRANGE', part('unsettled', 'posts'), 0, -1)) do
            ids[#ids + 1] = id
        end
        return ids
    end

    -- Takes out of a feed what it has of these by one author alone.
    local function take_out(reader, author, ids)
        local feed, alone = part('of', reader), {}
        for i, score in ipairs(redis.call('ZMSCORE', feed, unpack(ids))) do
            local writers = score and writers_of(ids[i]) or {}
            local is_theirs = #writers == 1 and writers[1] == author
            if score and (is_theirs or not is_told_by_any(reader, writers)) then
                alone[#alone + 1] = ids[i]
            end
        end
        if #alone > 0 then
            redis.call('ZREM', feed, unpack(alone))
            takes_away(reader)
            is_of_posts_until_now(reader)
        end
    end

    local function is_above(at, id, floor)
        local floor_at = floor and tonumber(floor[2])
        return not floor or at > floor_at or (at == floor_at and id > string.sub(floor[1], 2))
    end

    local function cut(feed, marks)
        local beyond = redis.call('ZCARD', feed) - marks - feeds.most
        if beyond > 0 then
            local last = marks + beyond - 1
            local highest = redis.call('ZRANGE', feed, last, last, 'WITHSCORES')
            redis.call('ZREMRANGEBYRANK', feed, 0, last)
            redis.call('ZADD', feed, highest[2], '-' .. highest[1])
        end
    end

    -- Entries: time, post, time, post, …
    local function add(reader, entries)
        local feed = part('of', reader)
        local floor = redis.call('ZRANGE', feed, 0, 0, 'WITHSCORES')
        if not floor[1] or string.sub(floor[1], 1, 1) ~= '-' then
            floor = nil
        end
        local new = {}
        for i = 1, #entries, 2 do
            local at, id = entries[i], entries[i + 1]
            if is_above(tonumber(at), id, floor) then
                new[#new + 1] = at
                new[#new + 1] = id
            else
                redis.call('ZREM', feed, id)
            end
        end
        if #new > 0 then
            redis.call('ZADD', feed, unpack(new))
            cut(feed, floor and 1 or 0)
        end
    end

    -- First who follows whom, by the posts as they were: what has become of these is told to those who follow then.
    local merged = {}
    for _, follow in ipairs(feeds.follows) do
        local following = part('following', follow.reader)
        local is_merged = redis.call('ZSCORE', newest, follow.followee)
        if follow.active then
            redis.call('ZADD', following, 0, follow.followee)
            if not is_merged then
                local followers = part('followers', follow.followee)
                redis.call('ZADD', followers, 0, follow.reader)
                if redis.call('ZCARD', followers) > feeds.followers then
                    -- From now on their posts are looked for when a feed is read.
                    redis.call('ZADD', newest, 0, follow.followee)
                    merged[#merged + 1] = {follow.followee, redis.call('ZRANGE', followers, 0, -1)}
                    redis.call('UNLINK', followers)
                end
            end
        else
            redis.call('ZREM', following, follow.followee)
            if not is_merged then
                redis.call('ZREM', part('followers', follow.followee), follow.reader)
            end
            takes_away(follow.reader)
            is_of_posts_until_now(follow.reader)
        end
    end

    -- No follower is told what becomes of them from now on. A feed has no more of them than it may have of all.
    for _, author in ipairs(merged) do
        local ids = with_unsettled(redis.call('ZRANGE', part('by', author[1]), 0, feeds.most - 1, 'REV'))
        if #ids > 0 then
            for _, reader in ipairs(author[2]) do
                take_out(reader, author[1], ids)
            end
        end
    end

    local function of_followee(reader, followee)
        local ids = redis.call('ZRANGE', part('of', reader), 0, -1)
        if #ids == 0 then
            return {}
        end
        local scores, found = redis.call('ZMSCORE', part('by', followee), unpack(ids)), {}
        for i, id in ipairs(ids) do
            if scores[i] then
                found[#found + 1] = id
            end
        end
        return found
    end

    for _, follow in ipairs(feeds.follows) do
        if not follow.active then
            local ids = with_unsettled(of_followee(follow.reader, follow.followee))
            if #ids > 0 then
                take_out(follow.reader, follow.followee, ids)
            end
        elseif not redis.call('ZSCORE', newest, follow.followee) then
            local by, entries = part('by', follow.followee), {}
            -- One more than a feed has: if there are more, it is cut.
            local latest = redis.call('ZRANGE', by, 0, feeds.most, 'REV', 'WITHSCORES')
            for i = 1, #latest, 2 do
                entries[#entries + 1] = latest[i + 1]
                entries[#entries + 1] = latest[i]
            end
            add(follow.reader, entries)
            is_of_posts_until_now(follow.reader)
        end
    end

    for _, post in ipairs(feeds.posts) do
        if not feeds.is_last then
            redis.call('ZADD', part('unsettled', 'posts'), 0, post.id)
        end
        for _, writer in ipairs(post.told) do
            for _, reader in ipairs(followers_of(writer)) do
                -- It may have been told of another place: an author who is merged has moved it since.
                local before = redis.call('ZSCORE', part('of', reader), post.id)
                add(reader, {post.at, post.id})
                if post.moved or before and tonumber(before) ~= tonumber(post.at) then
                    takes_away(reader)
                end
            end
        end
        for _, writer in ipairs(post.left) do
            for _, reader in ipairs(followers_of(writer)) do
                if not is_told_by_any(reader, post.writers) then
                    redis.call('ZREM', part('of', reader), post.id)
                    takes_away(reader)
                end
            end
        end
    end

    if #feeds.settles > 0 then
        redis.call('ZREM', part('unsettled', 'posts'), unpack(feeds.settles))
    end

    for name, key in pairs(touched) do
        note_tag(name, key)
    end
    for _, name in ipairs(lost) do
        redis.call('ZADD', tags, -1, name)
    end
    return #lost == 0
end
