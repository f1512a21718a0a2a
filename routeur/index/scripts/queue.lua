-- The queues, and the sets of their heads.

local function new_head(class, queued)
  if byte(class, 2) ~= AT then
    call('ZADD', ns .. 'heads:' .. sub(class, 1, 1), 'LT', queued, class)
  else
    call('ZADD', ns .. 'heads:' .. sub(class, 2), 'LT', queued, class)
    call('SADD', ns .. 'named', sub(class, 3))
  end
end

-- The first contact has left; the next one's place is `queued`, or nobody is left.
local function next_head(class, queued)
  local named = byte(class, 2) == AT
  local heads = ns .. 'heads:' .. (named and sub(class, 2) or sub(class, 1, 1))
  if queued then
    call('ZADD', heads, queued, class)
  else
    call('ZREM', heads, class)
    if named and call('EXISTS', heads) == 0 then call('SREM', ns .. 'named', sub(class, 3)) end
  end
end

local function leave_queue(contact, class)
  local queue = ns .. 'queue:' .. class
  call('ZREM', queue, contact)
  next_head(class, call('ZRANGE', queue, 0, 0, 'WITHSCORES')[2])
end
