-- How an agent looks for a contact.

-- urgency = weight x wait / target
local function urgency(rates, channel, queued)
  return rates[channel] * (now - queued) / rates[channel + 5]
end

-- Of a channel's classes in which somebody waits, the first that the pool serves, by the place of its first contact.
-- Also returns whether it came first of all.
local function first_served(heads, feeds)
  local from, many = 0, SOME
  while true do
    local classes = call('ZRANGE', heads, from, from + many - 1)
    if #classes == 0 then return nil end
    local served = call('SMISMEMBER', feeds, unpack(classes))
    for i = 1, #classes do
      if served[i] == 1 then return classes[i], from + i == 1 end
    end
    if #classes < many then return nil end
    from, many = from + many, MORE
  end
end

-- Of the channels open to the agent, the class that came first, which is also the channel's most urgent. Channels in
-- which nobody at all can be as urgent are not looked into. Adds to `found` class and place of its first contact in
-- turn; returns the letters of the channels not looked into and the places of their first contacts.
local function add_foremost(found, agent, free, rates)
  local fronts = call('HMGET', ns .. 'fronts', 'v', 'w', 'c', 'm', 'e')
  local most
  for i = 1, #found, 2 do
    local value = urgency(rates, channel_of(found[i]), found[i + 1])
    if not most or value > most then most = value end
  end
  local bounds = {}
  for i = 1, 5 do
    if fronts[i] and byte(free, i) == ONE then bounds[i] = urgency(rates, i, fronts[i]) end
  end
  while true do
    local channel
    for i, bound in pairs(bounds) do
      if not channel or bound > bounds[channel] then channel = i end
    end
    if not channel or most and bounds[channel] < most then break end
    bounds[channel] = nil
    local heads = ns .. 'heads:' .. sub(LETTERS, channel, channel)
    local class, first = first_served(heads, ns .. 'feeds:' .. agent.pool)
    if class then
      local queued = first and fronts[channel] or call('ZSCORE', heads, class)
      found[#found + 1] = class
      found[#found + 1] = queued
      local value = urgency(rates, channel, queued)
      if not most or value > most then most = value end
    end
  end
  local others = ''
  for i in pairs(bounds) do others = others .. ' ' .. sub(LETTERS, i, i) .. ' ' .. fronts[i] end
  return others
end

-- All the classes that the agent may take from.
local function add_all(found, agent, free)
  for i = 1, 5 do
    if byte(free, i) == ONE then
      local heads = ns .. 'heads:' .. sub(LETTERS, i, i)
      local both = call('ZINTER', 2, heads, ns .. 'feeds:' .. agent.pool, 'WEIGHTS', 1, 0, 'WITHSCORES')
      for _, value in ipairs(both) do found[#found + 1] = value end
    end
  end
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

-- Offer the agent the most urgent contact of these classes. Returns true when an offer was made, false when nobody
-- waits, and, unless all the classes were given, nil when the foremost contact cannot be offered to them.
local function offer_most_urgent(agent, found, rates, offer_ms, others, all)
  local considered, nth = table.concat(found, ' ') .. others, {}
  while true do
    local best, most, queued
    for i = 1, #found, 2 do
      local place = tonumber(found[i + 1])
      if place then
        local value = urgency(rates, channel_of(found[i]), place)
        if not best or value > most or value == most and (place < queued
            or place == queued and found[i] < found[best]) then
          best, most, queued = i, value, place
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
      if skip == 0 then next_head(class, found[best + 1], next_place) end
      make_offer(contact, class, max, agent.login, offer_ms, 'freed', considered)
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
    local rules = call('HMGET', ns .. 'rules', 'rates', 'offer_ms')
    local rates = { string.match(rules[1],
      '(%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+)') }
    local named, found = call('EXISTS', ns .. 'heads:@' .. agent.login) == 1, {}
    if named then add_named(found, agent, free) end
    local others = add_foremost(found, agent, free, rates)
    local offered = offer_most_urgent(agent, found, rates, rules[2], others, false)
    if offered == nil then
      found = {}
      if named then add_named(found, agent, free) end
      add_all(found, agent, free)
      offered = offer_most_urgent(agent, found, rates, rules[2], '', true)
    end
    if offered then return end
  end
  save(agent, free)
end
