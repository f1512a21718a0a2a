-- How a contact looks for an agent.

-- The agent who has been idle longest in an idle set.
local function longest_idle(place, avoid)
  local idle = call('ZRANGE', ns .. 'idle:' .. place, '0', avoid and '1' or '0')
  if idle[1] == avoid then return idle[2] end
  return idle[1]
end

-- The agent of a pool who should get a contact of this channel, and the mask of what they can be offered.
local function first_of_pool(letter, pool, avoid, some_for_all, some_for_this)
  local anyone = some_for_all == 1 and longest_idle('*' .. pool, avoid)
  local other = some_for_this == 1 and longest_idle(letter .. pool, avoid)
  if anyone and other then
    local anyone_since = tonumber(call('HGET', ns .. 'agent:' .. anyone, 'idle_since'))
    local other_since = tonumber(call('HGET', ns .. 'agent:' .. other, 'idle_since'))
    if other_since < anyone_since or other_since == anyone_since and other < anyone then anyone = nil end
  end
  if anyone then return anyone, ALL end
  return other, other and call('HGET', ns .. 'agent:' .. other, 'free')
end

-- The agent who should get a contact of this class: least versatile pool first, longest idle within it.
-- Returns login, pool, the mask of what they can be offered, why, and the pools with somebody idle that were looked at.
local function find_agent(class, avoid)
  local letter = sub(class, 1, 1)
  if byte(class, 2) == AT then
    local login = sub(class, 3)
    if login == avoid then return nil end
    local a = call('HMGET', ns .. 'agent:' .. login, 'pool', 'free')
    if a[2] and byte(a[2], channel_of(class)) == ONE then return login, a[1], a[2], 'preferred', login end
    return nil
  end
  local from, many = 0, FIRST_POOLS
  while true do
    local pools = call('ZRANGE', ns .. 'serve:' .. class, from, from + many - 1)
    if #pools == 0 then return nil end
    local for_all = call('SMISMEMBER', ns .. 'ready:*', unpack(pools))
    local for_this = call('SMISMEMBER', ns .. 'ready:' .. letter, unpack(pools))
    for i = 1, #pools do
      if for_all[i] + for_this[i] > 0 then
        local login, free = first_of_pool(letter, pools[i], avoid, for_all[i], for_this[i])
        if login then
          local ready = pools[i]
          for j = i + 1, #pools do
            if for_all[j] + for_this[j] > 0 then ready = ready .. ' ' .. pools[j] end
          end
          return login, pools[i], free, 'arrival', ready
        end
      end
    end
    if #pools < many then return nil end
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
  local login, pool, free, why, considered = find_agent(c.class, avoid)
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
  local due = c.max
  if avoid then due = math.min(due, c.avoid_until) end
  local next_rung = string.match(c.rungs, '^%d+')
  if next_rung then due = math.min(due, tonumber(next_rung)) end
  call('ZADD', ns .. 'deadlines', text(due), contact)
  return 'waiting'
end
