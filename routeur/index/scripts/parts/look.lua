-- An agent looks for a contact.

-- The classes of a channel that the agent's pool can serve, and the place of the first contact of each, false where
-- nobody waits.
local function served_heads(agent, channel)
  local letter = EACH_LETTER[channel]
  local classes = call('SMEMBERS', ns .. 'feeds:' .. letter .. agent.pool)
  if #classes == 0 then return classes, classes end
  return classes, call('ZMSCORE', ns .. 'heads:' .. letter, unpack(classes))
end

-- The class whose first contact came first, and is therefore the most urgent of the channel; and that contact's place.
local function foremost(agent, channel)
  local classes, places = served_heads(agent, channel)
  local best, first
  for i = 1, #classes do
    local place = tonumber(places[i] or nil)
    if place and (not best or place < first or place == first and classes[i] < classes[best]) then
      best, first = i, place
    end
  end
  if best then return classes[best], places[best], first end
end

-- Add to `heads`, of each channel open to the agent, the class that came first and the place of its first contact.
-- A channel in which nobody at all can be as urgent is not looked into: its first contact has waited longest, and could
-- not be more urgent had the town hall never closed. Returns the letters of those channels, each with the place of that
-- contact.
local function add_foremost(heads, agent, free, rates, fronts)
  local most
  for i = 1, #heads, 2 do
    local value = urgency(rates, channel_of(heads[i]), heads[i + 1])
    if not most or value > most then most = value end
  end
  local bounds = {}
  for i = 1, #LETTERS do
    local front = fronts[i + 1]
    if front and byte(free, i) ~= ZERO then bounds[i] = rates[i] * (now - front) / rates[i + #LETTERS] end
  end
  while true do
    local channel
    for i, bound in pairs(bounds) do
      if not channel or bound > bounds[channel] then channel = i end
    end
    if not channel or most and bounds[channel] < most then break end
    bounds[channel] = nil
    local class, place, since = foremost(agent, channel)
    if class then
      heads[#heads + 1] = class
      heads[#heads + 1] = place
      local value = urgency(rates, channel, since)
      if not most or value > most then most = value end
    end
  end
  local others = ''
  for i in pairs(bounds) do others = others .. ' ' .. EACH_LETTER[i] .. ' ' .. fronts[i + 1] end
  return others
end

-- Add all the classes that the agent may take from.
local function add_all(heads, agent, free)
  for i = 1, #LETTERS do
    if byte(free, i) ~= ZERO then
      local classes, places = served_heads(agent, i)
      for j = 1, #classes do
        if places[j] then
          heads[#heads + 1] = classes[j]
          heads[#heads + 1] = places[j]
        end
      end
    end
  end
end

-- Add the classes that name the agent.
local function add_named(heads, agent, free)
  local named = call('ZRANGE', ns .. 'heads:@' .. agent.login, 0, -1, 'WITHSCORES')
  for i = 1, #named, 2 do
    if byte(free, channel_of(named[i])) ~= ZERO then
      heads[#heads + 1] = named[i]
      heads[#heads + 1] = named[i + 1]
    end
  end
end

-- Offer the agent the most urgent contact of these classes. Returns true when an offer was made and false when nobody
-- waits. Unless `all` classes were given, returns nil when the most urgent contact cannot be offered to this agent.
-- `exclusive` says for which channels those yield who would only top the agent up.
local function offer_most_urgent(agent, free, heads, rates, fronts, offer_ms, others, exclusive, all)
  local considered, nth = table.concat(heads, ' ') .. others, {}
  local alone, yields -- the urgency of those who want the agent alone, and the channels in which somebody yields to them
  while true do
    local best, most, queued
    for i = 1, #heads, 2 do
      local place = tonumber(heads[i + 1])
      if place then
        local value = urgency(rates, channel_of(heads[i]), place)
        if not best or value > most or value == most and (place < queued
            or place == queued and heads[i] < heads[best]) then
          best, most, queued = i, value, place
        end
      end
    end
    if not best then
      if yields then
        for letter in pairs(yields) do yield(letter) end
      end
      return false
    end
    local class, skip = heads[best], nth[best] or 0
    local queue = ns .. 'queue:' .. class
    local two = call('ZRANGE', queue, skip, skip + 1)
    local contact, next_place = two[1], nil
    if two[2] then next_place = call('HGET', ns .. 'contact:' .. two[2], 'queued') end
    local c = call('HMGET', ns .. 'contact:' .. contact, 'avoid', 'avoid_until', 'max')
    local max = tonumber(c[3])
    local to_others = false
    if byte(free, channel_of(class)) == TWO then
      alone = alone or math.max(most_exclusive(agent.pool, rates, exclusive),
        most_exclusive_naming(agent.login, rates, exclusive))
      to_others = most < alone
    end
    if to_others then
      yields = yields or {}
      yields[sub(class, 1, 1)] = true
    elseif now < max and not (c[1] == agent.login and now < tonumber(c[2])) then
      call('ZREM', queue, contact)
      if skip == 0 then
        local front = byte(class, 2) == AT and fronts[1] or fronts[channel_of(class) + 1]
        next_head(class, heads[best + 1], next_place, front)
      end
      make_offer(contact, class, max, agent.login, offer_ms, 'freed', considered)
      agent.offer = contact
      save(agent, NONE)
      return true
    end
    if not all then return nil end
    nth[best], heads[best + 1] = skip + 1, not to_others and next_place or ''
  end
end

-- The agent looks for a contact, or stands idle. Either way their changes are written down.
local function look_for_contact(agent)
  local free = open_channels(agent)
  if free ~= NONE then
    local rules = call('HMGET', ns .. 'rules', 'rates', 'offer_ms', 'exclusive')
    local rates = cjson.decode(rules[1])
    -- the first is that of the classes naming the agent, then there is one for each channel
    local fronts = call('HMGET', ns .. 'fronts', '@' .. agent.login, unpack(EACH_LETTER))
    local heads = {}
    if fronts[1] then add_named(heads, agent, free) end
    local others = add_foremost(heads, agent, free, rates, fronts)
    local offered = offer_most_urgent(agent, free, heads, rates, fronts, rules[2], others, rules[3], false)
    if offered == nil then
      heads = {}
      if fronts[1] then add_named(heads, agent, free) end
      add_all(heads, agent, free)
      offered = offer_most_urgent(agent, free, heads, rates, fronts, rules[2], '', rules[3], true)
    end
    if offered then return end
  end
  save(agent, free)
end
