-- The queues, and the sets of their heads.

-- The set of heads in which a class stands: that of its channel, or of the agent whom it names.
local function heads_of(class)
  if byte(class, 2) == AT then return sub(class, 2) end
  return sub(class, 1, 1)
end

-- A contact with this place has come: it may be the first of its class, or of all.
local function new_head(class, queued)
  local kind = heads_of(class)
  call('ZADD', ns .. 'heads:' .. kind, 'LT', queued, class)
  local front = call('HGET', ns .. 'fronts', kind)
  if not front or tonumber(queued) < tonumber(front) then call('HSET', ns .. 'fronts', kind, queued) end
end

-- The first contact of a class has gone. `left` was its place, `queued` is that of the next one (nil: nobody waits),
-- `front` that of the first of all.
local function next_head(class, left, queued, front)
  local kind = heads_of(class)
  local heads = ns .. 'heads:' .. kind
  if queued then call('ZADD', heads, queued, class) else call('ZREM', heads, class) end
  if left ~= front then return end
  local first = call('ZRANGE', heads, '0', '0', 'WITHSCORES')[2]
  if first then call('HSET', ns .. 'fronts', kind, first) else call('HDEL', ns .. 'fronts', kind) end
end

local function leave_queue(contact, class)
  local queue = ns .. 'queue:' .. class
  local first = call('ZRANGE', queue, '0', '0')[1]
  call('ZREM', queue, contact)
  if contact ~= first then return end
  local left = call('HGET', ns .. 'contact:' .. contact, 'queued')
  local front = call('HGET', ns .. 'fronts', heads_of(class))
  next_head(class, left, call('ZRANGE', queue, '0', '0', 'WITHSCORES')[2], front)
end
