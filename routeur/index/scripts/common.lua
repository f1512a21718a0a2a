-- What every script shares. KEYS[1] is the namespace: a hash tag, so that all keys live on one node.
-- Times are whole milliseconds since the epoch, given as arguments; nothing here reads a clock.
--
--   rules              hash    capacities, flags, weights and targets of the channels; limits
--   queue:<class>      zset    contacts that wait, by place in the queue
--   heads              zset    classes in which somebody waits, by the place of their first contact
--   serve:<class>      zset    <letter><pool> that can serve the class, by versatility
--   feeds:<pool>       zset    classes that the pool can serve
--   idle:<letter><pool> zset   agents who can be offered a contact of that channel, by idle-since
--   ready              zset    <letter><pool> whose idle set is not empty
--   present            zset    <letter><pool>, by number of its agents on shift
--   deadlines          zset    contacts, and agents as a:<login>, by their next deadline
--   contact:<id>, agent:<login>   hashes
--   events             stream  what happened, for the desks and the journal
--
-- A class is the channel's letter followed by the requirement's text.
local ns = KEYS[1]
local call = redis.call
local byte, sub = string.byte, string.sub
local LETTERS = 'vwcme'
local NONE, ALL = '00000', '11111'
local ONE = 49
local ON_SHIFT = { available = true, busy = true, ['break'] = true }

local function announce(kind, contact, agent, now, ...)
  call('XADD', ns .. 'events', 'MAXLEN', '~', 100000, '*', 'kind', kind, 'contact', contact, 'agent', agent,
    'at', now, ...)
end

local function channel_of(class)
  return string.find(LETTERS, sub(class, 1, 1), 1, true)
end

-- On which channels an agent holding `load` can take one more contact, as a mask over LETTERS.
local function room(load)
  if load == NONE then return ALL end
  local rules = call('HMGET', ns .. 'rules', 'capacity', 'exclusive', 'interruptible')
  local capacity, exclusive, interruptible = rules[1], rules[2], rules[3]
  local live = 0
  for i = 1, 5 do
    local n = byte(load, i) - 48
    if n > 0 then
      if byte(exclusive, i) == ONE then return NONE end
      if byte(interruptible, i) ~= ONE then live = live + n end
    end
  end
  local mask = ''
  for i = 1, 5 do
    local open = byte(load, i) < byte(capacity, i) and (byte(exclusive, i) ~= ONE or live == 0)
    mask = mask .. (open and '1' or '0')
  end
  return mask
end

local function loaded(load, i, by)
  local n = math.max(0, byte(load, i) - 48 + by)
  return sub(load, 1, i - 1) .. string.char(48 + n) .. sub(load, i + 1)
end

local function stand_idle(login, pool, was, is, since)
  for i = 1, 5 do
    local place = sub(LETTERS, i, i) .. pool
    if byte(is, i) == ONE then
      call('ZADD', ns .. 'idle:' .. place, since, login)
      call('ZADD', ns .. 'ready', 0, place)
    elseif byte(was, i) == ONE then
      call('ZREM', ns .. 'idle:' .. place, login)
      if call('EXISTS', ns .. 'idle:' .. place) == 0 then call('ZREM', ns .. 'ready', place) end
    end
  end
end

local function read_agent(login)
  local a = call('HMGET', ns .. 'agent:' .. login, 'pool', 'activity', 'load', 'free', 'idle_since', 'offer')
  if not a[1] then return nil end
  return { login = login, pool = a[1], activity = a[2], load = a[3], free = a[4], since = a[5], offer = a[6] }
end

-- Bring the idle sets in line with what the agent can take now.
local function refresh(agent)
  local free = NONE
  if agent.activity == 'available' and agent.offer == '' then free = room(agent.load) end
  stand_idle(agent.login, agent.pool, agent.free, free, agent.since)
  agent.free = free
  call('HSET', ns .. 'agent:' .. agent.login, 'load', agent.load, 'free', free, 'idle_since', agent.since,
    'offer', agent.offer)
end

local function leave_queue(contact, class)
  local queue = ns .. 'queue:' .. class
  call('ZREM', queue, contact)
  local head = call('ZRANGE', queue, 0, 0, 'WITHSCORES')
  if head[1] then
    call('ZADD', ns .. 'heads', head[2], class)
  else
    call('ZREM', ns .. 'heads', class)
  end
end

local function make_offer(contact, class, max, login, pool, free, now, why, considered)
  local expires = math.min(now + tonumber(call('HGET', ns .. 'rules', 'offer_ms')), max)
  call('HSET', ns .. 'contact:' .. contact, 'state', 'offered', 'agent', login, 'expires', expires,
    'offered', now, 'why', why, 'considered', considered)
  call('HSET', ns .. 'agent:' .. login, 'offer', contact, 'free', NONE)
  call('ZADD', ns .. 'deadlines', expires, contact)
  stand_idle(login, pool, free, NONE, 0)
  announce('offered', contact, login, now, 'expires', expires, 'class', class, 'why', why, 'considered', considered)
end

-- The agent who should get a contact of this class: least versatile pool first, longest idle within it.
local function find_agent(class, avoid)
  if byte(class, 2) == 64 then
    local login = sub(class, 3)
    if login == avoid then return nil end
    local a = call('HMGET', ns .. 'agent:' .. login, 'pool', 'free')
    if a[2] and byte(a[2], channel_of(class)) == ONE then return login, a[1], a[2], 'preferred', login end
    return nil
  end
  local pools = call('ZINTER', 2, ns .. 'serve:' .. class, ns .. 'ready', 'WEIGHTS', 1, 0, 'WITHSCORES')
  for i = 1, #pools, 2 do
    local idle = call('ZRANGE', ns .. 'idle:' .. pools[i], 0, avoid and 1 or 0)
    local login = idle[1]
    if login == avoid then login = idle[2] end
    if login then
      local free = call('HGET', ns .. 'agent:' .. login, 'free')
      return login, sub(pools[i], 2), free, 'arrival', table.concat(pools, ' ')
    end
  end
  return nil
end

-- Offer a contact that is in no place to somebody, or let it stand in its class.
local function settle(contact, c, now)
  if now >= c.max then
    call('HSET', ns .. 'contact:' .. contact, 'state', 'lapsed', 'agent', '')
    call('ZADD', ns .. 'deadlines', now, contact)
    return 'waiting'
  end
  local avoid = c.avoid_until > now and c.avoid or nil
  local login, pool, free, why, considered = find_agent(c.class, avoid)
  if login then
    make_offer(contact, c.class, c.max, login, pool, free, now, why, considered)
    return 'offered', login
  end
  call('HSET', ns .. 'contact:' .. contact, 'state', 'waiting', 'agent', '')
  call('ZADD', ns .. 'queue:' .. c.class, c.queued, contact)
  call('ZADD', ns .. 'heads', 'LT', c.queued, c.class)
  local due = c.max
  if avoid then due = math.min(due, c.avoid_until) end
  local next_rung = string.match(c.rungs, '^%d+')
  if next_rung then due = math.min(due, tonumber(next_rung)) end
  call('ZADD', ns .. 'deadlines', due, contact)
  return 'waiting'
end

-- The most urgent contact an agent can serve: urgency = weight x wait / target over the head of each class.
local function look_for_contact(agent, now)
  if agent.free == NONE then return end
  local heads = call('ZINTER', 2, ns .. 'feeds:' .. agent.pool, ns .. 'heads', 'WEIGHTS', 0, 1, 'WITHSCORES')
  local own = call('ZMSCORE', ns .. 'heads', 'v@' .. agent.login, 'w@' .. agent.login, 'c@' .. agent.login,
    'm@' .. agent.login, 'e@' .. agent.login)
  for i = 1, 5 do
    if own[i] then
      heads[#heads + 1] = sub(LETTERS, i, i) .. '@' .. agent.login
      heads[#heads + 1] = own[i]
    end
  end
  if #heads == 0 then return end
  local rates = call('HMGET', ns .. 'rules', 'weight:v', 'weight:w', 'weight:c', 'weight:m', 'weight:e',
    'target:v', 'target:w', 'target:c', 'target:m', 'target:e')
  local candidates = {}
  for i = 1, #heads, 2 do
    local channel = channel_of(heads[i])
    if byte(agent.free, channel) == ONE then
      candidates[#candidates + 1] = { class = heads[i], queued = tonumber(heads[i + 1]), nth = 0,
        weight = tonumber(rates[channel]), target = tonumber(rates[channel + 5]) }
    end
  end
  while true do
    local best, most
    for _, one in ipairs(candidates) do
      if one.queued then
        local urgency = one.weight * (now - one.queued) / one.target
        if not best or urgency > most or urgency == most and (one.queued < best.queued
            or one.queued == best.queued and one.class < best.class) then
          best, most = one, urgency
        end
      end
    end
    if not best then return end
    local contact = call('ZRANGE', ns .. 'queue:' .. best.class, best.nth, best.nth)[1]
    local c = call('HMGET', ns .. 'contact:' .. contact, 'avoid', 'avoid_until', 'max')
    if now < tonumber(c[3]) and not (c[1] == agent.login and now < tonumber(c[2])) then
      leave_queue(contact, best.class)
      make_offer(contact, best.class, tonumber(c[3]), agent.login, agent.pool, agent.free, now, 'freed',
        table.concat(heads, ' '))
      return
    end
    best.nth = best.nth + 1
    best.queued = tonumber(call('ZRANGE', ns .. 'queue:' .. best.class, best.nth, best.nth, 'WITHSCORES')[2])
  end
end

local function read_contact(contact)
  local c = call('HMGET', ns .. 'contact:' .. contact, 'state', 'class', 'queued', 'max', 'rungs', 'avoid',
    'avoid_until', 'agent', 'revision', 'expires')
  if not c[1] then return nil end
  return { state = c[1], class = c[2], queued = tonumber(c[3]), max = tonumber(c[4]), rungs = c[5], avoid = c[6],
    avoid_until = tonumber(c[7]), agent = c[8], revision = tonumber(c[9]), expires = tonumber(c[10]) }
end

local function widen(contact, c, now)
  local class, rungs = c.class, c.rungs
  while true do
    local at, wider, rest = string.match(rungs, '^(%d+) (%S+) ?(.*)$')
    if not at or tonumber(at) > now then break end
    class, rungs = wider, rest
  end
  if rungs == c.rungs then return end
  local widened = class ~= c.class
  c.class, c.rungs = class, rungs
  call('HSET', ns .. 'contact:' .. contact, 'class', class, 'rungs', rungs)
  if widened then announce('widened', contact, '', now, 'class', class) end
end

-- Take a contact out of whatever place it is in. Returns the agent it leaves, who may now look for another.
local function detach(contact, c, now)
  if c.state == 'waiting' then
    leave_queue(contact, c.class)
  elseif c.state == 'offered' then
    local agent = read_agent(c.agent)
    agent.offer = ''
    refresh(agent)
    announce('withdrawn', contact, c.agent, now)
    return agent
  elseif c.state == 'active' then
    local agent = read_agent(c.agent)
    if not agent then return nil end
    agent.load = loaded(agent.load, channel_of(c.class), -1)
    agent.since = now
    refresh(agent)
    return agent
  end
end

-- An offer comes back unaccepted: the contact keeps its place and, for a while, passes the agent over.
local function give_back(contact, c, now)
  c.avoid = c.agent
  c.avoid_until = now + tonumber(call('HGET', ns .. 'rules', 'avoid_ms'))
  call('HSET', ns .. 'contact:' .. contact, 'avoid', c.avoid, 'avoid_until', c.avoid_until)
  widen(contact, c, now)
  settle(contact, c, now)
end

local function count_present(pool, by)
  for i = 1, 5 do
    local place = sub(LETTERS, i, i) .. pool
    if tonumber(call('ZINCRBY', ns .. 'present', by, place)) <= 0 then call('ZREM', ns .. 'present', place) end
  end
end

-- Contacts that stand in a class naming this agent move on to their next rung.
local function release_preferred(login, now)
  for i = 1, 5 do
    local class = sub(LETTERS, i, i) .. '@' .. login
    for _, contact in ipairs(call('ZRANGE', ns .. 'queue:' .. class, 0, -1)) do
      local c = read_contact(contact)
      local wider, rest = string.match(c.rungs, '^%d+ (%S+) ?(.*)$')
      if wider then
        leave_queue(contact, class)
        c.class, c.rungs = wider, rest
        call('HSET', ns .. 'contact:' .. contact, 'class', wider, 'rungs', rest)
        announce('widened', contact, '', now, 'class', wider)
        widen(contact, c, now)
        settle(contact, c, now)
      end
    end
  end
end

-- Give an agent another activity; whoever was proposed to them goes back first.
local function change_activity(agent, activity, now)
  local was = agent.activity
  if was == activity then return end
  agent.activity = activity
  call('HSET', ns .. 'agent:' .. agent.login, 'activity', activity)
  if activity == 'available' then
    agent.since = now
    call('HSET', ns .. 'agent:' .. agent.login, 'missed', 0)
  end
  if ON_SHIFT[was] and not ON_SHIFT[activity] then count_present(agent.pool, -1) end
  if ON_SHIFT[activity] and not ON_SHIFT[was] then count_present(agent.pool, 1) end
  local offer = agent.offer
  agent.offer = ''
  refresh(agent)
  if offer ~= '' then
    announce('withdrawn', offer, agent.login, now)
    give_back(offer, read_contact(offer), now)
  end
  if not ON_SHIFT[activity] then release_preferred(agent.login, now) end
  look_for_contact(agent, now)
end

local function someone_present(class)
  if byte(class, 2) == 64 then
    return ON_SHIFT[call('HGET', ns .. 'agent:' .. sub(class, 3), 'activity') or '']
  end
  return #call('ZINTER', 2, ns .. 'serve:' .. class, ns .. 'present') > 0
end

-- Whether anybody on shift could serve this class or any later rung.
local function served(class, rungs)
  if someone_present(class) then return true end
  for later in string.gmatch(rungs, '%d+ (%S+)') do
    if someone_present(later) then return true end
  end
  return false
end
