-- The queues, and the sets of their heads.

local function new_head(class, queued)
  if byte(class, 2) ~= AT then
    local letter = sub(class, 1, 1)
    call('ZADD', ns .. 'heads:' .. letter, 'LT', queued, class)
    local front = call('HGET', ns .. 'fronts', letter)
    if not front or tonumber(queued) < tonumber(front) then call('HSET', ns .. 'fronts', letter, queued) end
  else
    call('ZADD', ns .. 'heads:' .. sub(class, 2), 'LT', queued, class)
    call('SADD', ns .. 'named', sub(class, 3))
  end
end

-- The first contact, whose place was `left`, has gone; the next one's place is `queued`, or nobody is left.
local function next_head(class, left, queued)
  local letter = sub(class, 1, 1)
  local named = byte(class, 2) == AT
  local heads = ns .. 'heads:' .. (named and sub(class, 2) or letter)
  if queued then call('ZADD', heads, queued, class) else call('ZREM', heads, class) end
  if named then
    if not queued and call('EXISTS', heads) == 0 then call('SREM', ns .. 'named', sub(class, 3)) end
    return
  end
  if left ~= call('HGET', ns .. 'fronts', letter) then return end
  local front = call('ZRANGE', heads, '0', '0', 'WITHSCORES')[2]
  if front then call('HSET', ns .. 'fronts', letter, front) else call('HDEL', ns .. 'fronts', letter) end
end

local function leave_queue(contact, class)
  local queue = ns .. 'queue:' .. class
  local first = call('ZRANGE', queue, '0', '0')[1]
  call('ZREM', queue, contact)
  if contact ~= first then return end
  local left = call('HGET', ns .. 'contact:' .. contact, 'queued')
  next_head(class, left, call('ZRANGE', queue, '0', '0', 'WITHSCORES')[2])
end
