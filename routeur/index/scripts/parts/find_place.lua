-- How a contact looks for an agent.

-- The agent who has been idle longest in an idle set.
local function longest_idle(place, avoid)
  local idle = call('ZRANGE', ns .. 'idle:' .. place, '0', avoid and '1' or '0')
  if idle[1] == avoid then return idle[2] end
  return idle[1]
end

-- Of two agents, the one who has been idle longer; either may be none.
local function idle_longer(one, other)
  if not (one and other) then return one or other end
  local one_since = tonumber(call('HGET', ns .. 'agent:' .. one, 'idle_since'))
  local other_since = tonumber(call('HGET', ns .. 'agent:' .. other, 'idle_since'))
  if other_since < one_since or other_since == one_since and other < one then return other end
  return one
end

-- The agent of a pool whom a contact tops up without yielding to anybody. Returns login, or nil and whether it yields.
local function topped_up(channel, queued, pool, avoid)
  local rules = call('HMGET', ns .. 'rules', 'rates', 'exclusive')
  local rates, exclusive = cjson.decode(rules[1]), rules[2]
  local mine = urgency(rates, channel, tonumber(queued))
  local to_pool = most_exclusive(pool, rates, exclusive) > mine
  local from, yields = 0, false
  while true do
    local idle = call('ZRANGE', ns .. 'idle:' .. string.upper(sub(LETTERS, channel, channel)) .. pool, from, from + 7)
    for _, login in ipairs(idle) do
      if login ~= avoid then
        if not to_pool and most_exclusive_naming(login, rates, exclusive) <= mine then return login end
        yields = true
      end
    end
    if #idle < 8 or to_pool and yields then return nil, yields end
    from = from + 8
  end
end

-- The agent who should get a contact with this class and place: least versatile pool first, longest idle within it.
-- Returns login, pool, the mask of what they can be offered, why, and the pools with somebody idle that were looked at;
-- or nil, and whether it yields to somebody.
local function find_agent(class, queued, avoid, shared)
  local letter, channel = sub(class, 1, 1), channel_of(class)
  if byte(class, 2) == AT then
    local login = sub(class, 3)
    if login == avoid then return nil end
    local a = call('HMGET', ns .. 'agent:' .. login, 'pool', 'free')
    local digit = a[2] and byte(a[2], channel) or ZERO
    if digit == ZERO then return nil end
    if digit == TWO then
      local rules = call('HMGET', ns .. 'rules', 'rates', 'exclusive')
      local rates = cjson.decode(rules[1])
      local most = math.max(most_exclusive(a[1], rates, rules[2]), most_exclusive_naming(login, rates, rules[2]))
      if most > urgency(rates, channel, tonumber(queued)) then return nil, true end
    end
    return login, a[1], a[2], 'preferred', login
  end
  local tops_up, yields = byte(shared, channel) == ONE, false
  local from, many = 0, FIRST_POOLS
  while true do
    local pools = call('ZRANGE', ns .. 'serve:' .. class, from, from + many - 1)
    if #pools == 0 then return nil, yields end
    local for_all = call('SMISMEMBER', ns .. 'ready:*', unpack(pools))
    local for_this = call('SMISMEMBER', ns .. 'ready:' .. letter, unpack(pools))
    local for_more = tops_up and call('SMISMEMBER', ns .. 'ready:' .. string.upper(letter), unpack(pools))
    for i = 1, #pools do
      local more = for_more and for_more[i] or 0
      if for_all[i] + for_this[i] + more > 0 then
        local login = for_all[i] == 1 and longest_idle('*' .. pools[i], avoid)
        local unladen = login
        if for_this[i] == 1 then login = idle_longer(login, longest_idle(letter .. pools[i], avoid)) end
        if more == 1 then
          local topped, yielding = topped_up(channel, queued, pools[i], avoid)
          login, yields = idle_longer(login, topped), yields or yielding
        end
        if login then
          local free = login == unladen and ALL or call('HGET', ns .. 'agent:' .. login, 'free')
          local ready = pools[i]
          for j = i + 1, #pools do
            local some = for_all[j] + for_this[j] + (for_more and for_more[j] or 0)
            if some > 0 then ready = ready .. ' ' .. pools[j] end
          end
          return login, pools[i], free, 'arrival', ready
        end
      end
    end
    if #pools < many then return nil, yields end
    from, many = from + many, MORE_POOLS
  end
end

-- Offer a contact that stands nowhere to an agent, or let it wait in its class. More fields of it may be given.
local function find_place(contact, c, ...)
  local key = ns .. 'contact:' .. contact
  if now >= c.max then
    call('HSET', key, 'state', 'lapsed', 'agent', '', ...)
    call('ZADD', ns .. 'deadlines', now_text, contact)
    return 'lapsed'
  end
  local avoid = c.avoid_until > now and c.avoid or nil
  local shared = c.shared or call('HGET', ns .. 'rules', 'shared')
  local login, pool, free, why, considered = find_agent(c.class, c.queued, avoid, shared)
  if login then
    local offer_ms = c.offer_ms or call('HGET', ns .. 'rules', 'offer_ms')
    make_offer(contact, c.class, c.max, login, offer_ms, why, considered, ...)
    call('HSET', ns .. 'agent:' .. login, 'offer', contact, 'free', NONE)
    in_each_place(free, leave_idle, pool, login)
    return 'offered', login
  end
  call('HSET', key, 'state', 'waiting', 'agent', '', ...)
  call('ZADD', ns .. 'queue:' .. c.class, c.queued, contact)
  new_head(c.class, c.queued)
  if pool then yield(sub(c.class, 1, 1)) end
  local due = c.max
  if avoid then due = math.min(due, c.avoid_until) end
  local next_rung = string.match(c.rungs, '^%d+')
  if next_rung then due = math.min(due, tonumber(next_rung)) end
  call('ZADD', ns .. 'deadlines', text(due), contact)
  return 'waiting'
end
