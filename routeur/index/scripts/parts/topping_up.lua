-- Topping up: who is in a live conversation and gets another beside it is free later for a contact that wants them alone.
-- So the other conversation yields to such a contact, if that one is more urgent and they could serve it.

local YIELD_MS = 1000 -- how long before it is looked at again whether there is still somebody to yield to

-- The urgency of the most urgent contact that waits in an exclusive channel and that this pool could serve; 0 for none.
local function most_exclusive(pool, rates, exclusive)
  local most = 0
  for i = 1, #LETTERS do
    local letter = sub(LETTERS, i, i)
    if byte(exclusive, i) == ONE and call('HEXISTS', ns .. 'fronts', letter) == 1 then
      local classes = call('SMEMBERS', ns .. 'feeds:' .. letter .. pool)
      if #classes > 0 then
        for _, place in ipairs(call('ZMSCORE', ns .. 'heads:' .. letter, unpack(classes))) do
          if place then most = math.max(most, urgency(rates, i, tonumber(place))) end
        end
      end
    end
  end
  return most
end

-- The same of those that wait for this very agent.
local function most_exclusive_naming(login, rates, exclusive)
  local most, named = 0, call('ZRANGE', ns .. 'heads:@' .. login, 0, -1, 'WITHSCORES')
  for j = 1, #named, 2 do
    local channel = channel_of(named[j])
    if byte(exclusive, channel) == ONE then most = math.max(most, urgency(rates, channel, tonumber(named[j + 1]))) end
  end
  return most
end

-- Contacts of this channel wait because they yield: look again soon.
local function yield(letter)
  call('ZADD', ns .. 'deadlines', 'NX', text(now + YIELD_MS), 'y:' .. letter)
end
