-- How an agent looks for a contact.

-- Of a channel's classes in which somebody waits, the first that the pool serves, by the place of its first contact.
local function first_served(heads, feeds, from)
  while true do
    local classes = call('ZRANGE', heads, from, from + MORE - 1)
    if #classes == 0 then return nil end
    local served = call('SMISMEMBER', feeds, unpack(classes))
    for i = 1, #classes do
      if served[i] == 1 then return classes[i] end
    end
    from = from + MORE
  end
end

-- Of each channel open to the agent the class that came first, which is also the channel's most urgent.
local function foremost(agent, free)
  local feeds = ns .. 'feeds:' .. agent.pool
  local classes, last = {}, {}
  for i = 1, 5 do
    if byte(free, i) == ONE then
      for _, class in ipairs(call('ZRANGE', ns .. 'heads:' .. sub(LETTERS, i, i), 0, SOME - 1)) do
        classes[#classes + 1] = class
      end
    end
    last[i] = #classes
  end
  local found = {}
  if #classes == 0 then return found end
  local served = call('SMISMEMBER', feeds, unpack(classes))
  local first = 1
  for i = 1, 5 do
    local class
    for j = first, last[i] do
      if served[j] == 1 then
        class = classes[j]
        break
      end
    end
    local heads = ns .. 'heads:' .. sub(LETTERS, i, i)
    if not class and last[i] - first + 1 == SOME then class = first_served(heads, feeds, SOME) end
    if class then
      found[#found + 1] = class
      found[#found + 1] = call('ZSCORE', heads, class)
    end
    first = last[i] + 1
  end
  return found
end

-- All the classes that the agent may take from.
local function every_one(agent, free)
  local found = {}
  for i = 1, 5 do
    if byte(free, i) == ONE then
      local heads = ns .. 'heads:' .. sub(LETTERS, i, i)
      local both = call('ZINTER', 2, heads, ns .. 'feeds:' .. agent.pool, 'WEIGHTS', 1, 0, 'WITHSCORES')
      for _, value in ipairs(both) do found[#found + 1] = value end
    end
  end
  return found
end

-- Those that name the agent.
local function add_named(found, agent, free)
  local named = call('ZRANGE', ns .. 'heads:@' .. agent.login, 0, -1, 'WITHSCORES')
  for i = 1, #named, 2 do
    if byte(free, channel_of(named[i])) == ONE then
      found[#found + 1] = named[i]
      found[#found + 1] = named[i + 1]
    end
  end
end

-- Offer the agent the most urgent contact of these classes, given as class and place of its first contact in turn:
-- urgency = weight x wait / target. Returns true when an offer was made, false when nobody waits, and, unless all the
-- classes were given, nil when the foremost contact cannot be offered to them.
local function offer_most_urgent(agent, found, all)
  if #found == 0 then return false end
  local rates = { string.match(call('HGET', ns .. 'rules', 'rates'),
    '(%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+)') }
  local considered, nth = table.concat(found, ' '), {}
  while true do
    local best, most, queued
    for i = 1, #found, 2 do
      local place = tonumber(found[i + 1])
      if place then
        local channel = channel_of(found[i])
        local urgency = rates[channel] * (now - place) / rates[channel + 5]
        if not best or urgency > most or urgency == most and (place < queued
            or place == queued and found[i] < found[best]) then
          best, most, queued = i, urgency, place
        end
      end
    end
    if not best then return false end
    local class, skip = found[best], nth[best] or 0
    local queue = ns .. 'queue:' .. class
    local two = call('ZRANGE', queue, skip, skip + 1)
    local contact, next_place = two[1], nil
    if two[2] then next_place = call('HGET', ns .. 'contact:' .. two[2], 'queued') end
    local c = call('HMGET', ns .. 'contact:' .. contact, 'avoid', 'avoid_until', 'max')
    local max = tonumber(c[3])
    if now < max and not (c[1] == agent.login and now < tonumber(c[2])) then
      call('ZREM', queue, contact)
      if skip == 0 then next_head(class, next_place) end
      make_offer(contact, class, max, agent.login, 'freed', considered)
      agent.offer = contact
      save(agent, NONE)
      return true
    end
    if not all then return nil end
    nth[best], found[best + 1] = skip + 1, next_place or ''
  end
end

-- The agent looks for a contact, or stands idle. Either way, what changed of them is written down.
local function look_for_contact(agent)
  local free = open_channels(agent)
  if free ~= NONE then
    local named = call('EXISTS', ns .. 'heads:@' .. agent.login) == 1
    local found = foremost(agent, free)
    if named then add_named(found, agent, free) end
    local offered = offer_most_urgent(agent, found, false)
    if offered == nil then
      found = every_one(agent, free)
      if named then add_named(found, agent, free) end
      offered = offer_most_urgent(agent, found, true)
    end
    if offered then return end
  end
  save(agent, free)
end
