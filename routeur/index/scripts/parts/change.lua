-- Contacts come back to their place, or move on to a wider rung.

local function read_contact(contact)
  local c = call('HMGET', ns .. 'contact:' .. contact, 'state', 'class', 'queued', 'max', 'rungs', 'avoid',
    'avoid_until', 'agent', 'revision', 'expires', 'lead')
  if not c[1] then return nil end
  return { state = c[1], class = c[2], queued = c[3], max = tonumber(c[4]), rungs = c[5], avoid = c[6],
    avoid_until = tonumber(c[7]), agent = c[8], revision = tonumber(c[9]), expires = tonumber(c[10]), lead = c[11] }
end

-- Let the contact stand on the last rung whose time has come.
local function widen(contact, c)
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
  if widened then announce('widened', contact, '', 'class', class) end
end

-- End the rung on which the contact stands: the next one holds at once. Returns false where there is none.
local function end_rung(contact, c)
  local wider, rest = string.match(c.rungs, '^%d+ (%S+) ?(.*)$')
  if not wider then return false end
  c.class, c.rungs = wider, rest
  call('HSET', ns .. 'contact:' .. contact, 'class', wider, 'rungs', rest)
  announce('widened', contact, '', 'class', wider)
  widen(contact, c)
  return true
end

-- An offer comes back unaccepted: the contact keeps its place and, for a while, passes the agent over.
local function put_back(contact, c)
  c.avoid = c.agent
  c.avoid_until = now + tonumber(call('HGET', ns .. 'rules', 'avoid_ms'))
  widen(contact, c)
  find_place(contact, c, 'avoid', c.avoid, 'avoid_until', text(c.avoid_until))
end
