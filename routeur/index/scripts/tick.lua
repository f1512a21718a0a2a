-- needs: channels base agents queue offer urgency topping_up find_place letters look leave change on_shift present activity
-- Apply the deadlines that are due. ARGV: now, how many at most. Returns pairs: 'lapsed' contact | 'lost' login.
local REPORT_AGAIN_MS = 5000
local reported = {}

local function leaves_without_meaning_to(agent, activity)
  if ON_SHIFT[agent.activity] then
    expect_back(agent.pool, now + tonumber(call('HGET', ns .. 'rules', 'grace_ms')))
  end
  change_activity(agent, activity)
end

local function agent_lost(login)
  call('ZREM', ns .. 'deadlines', 'a:' .. login)
  announce('lost', '', login, 'revision', call('HGET', ns .. 'agent:' .. login, 'revision'))
  leaves_without_meaning_to(read_agent(login), 'offline')
  reported[#reported + 1] = 'lost'
  reported[#reported + 1] = login
end

local function lapse(contact)
  call('HSET', ns .. 'contact:' .. contact, 'state', 'lapsed', 'agent', '')
  call('ZADD', ns .. 'deadlines', text(now + REPORT_AGAIN_MS), contact)
  reported[#reported + 1] = 'lapsed'
  reported[#reported + 1] = contact
end

local function offer_expired(contact, c)
  local agent = read_agent(c.agent)
  announce('expired', contact, c.agent)
  agent.offer = ''
  local missed = 0
  if now >= c.max then -- the contact's time was up, not the agent's
    lapse(contact)
  else
    missed = call('HINCRBY', ns .. 'agent:' .. c.agent, 'missed', 1)
    put_back(contact, c)
  end
  if missed >= tonumber(call('HGET', ns .. 'rules', 'missed_offers')) then
    call('HSET', ns .. 'agent:' .. c.agent, 'missed', 0)
    announce('away', '', c.agent, 'revision', call('HGET', ns .. 'agent:' .. c.agent, 'revision'))
    leaves_without_meaning_to(agent, 'away')
  else
    look_for_contact(agent)
  end
end

local function contact_due(contact)
  local c = read_contact(contact)
  if not c then
    call('ZREM', ns .. 'deadlines', contact)
  elseif c.state == 'offered' then
    offer_expired(contact, c)
  elseif c.state == 'lapsed' then
    lapse(contact)
  elseif now >= c.max then
    detach(contact, c)
    lapse(contact)
  else
    leave_queue(contact, c.class)
    widen(contact, c)
    find_place(contact, c)
  end
end

-- Let the contacts of one class, the first first, look for an agent, until one finds none.
local function look_in_class(class)
  local nth = 0
  while true do
    local contact = call('ZRANGE', ns .. 'queue:' .. class, nth, nth)[1]
    if not contact then return end
    local c = read_contact(contact)
    leave_queue(contact, class)
    if find_place(contact, c) == 'waiting' then
      if c.avoid_until <= now then return end
      nth = nth + 1 -- whom it passes over may be the one for the next
    end
  end
end

-- Those of a channel who yielded to somebody look again.
local function look_again(letter)
  call('ZREM', ns .. 'deadlines', 'y:' .. letter)
  local classes, namings = call('ZRANGE', ns .. 'heads:' .. letter, 0, -1), {}
  for _, kind in ipairs(call('HKEYS', ns .. 'fronts')) do
    if byte(kind) == AT then namings[#namings + 1] = letter .. kind end
  end
  table.sort(namings)
  for _, class in ipairs(classes) do look_in_class(class) end
  for _, class in ipairs(namings) do look_in_class(class) end
end

for _ = 1, tonumber(ARGV[2]) do
  local due = call('ZRANGEBYSCORE', ns .. 'deadlines', '-inf', now_text, 'LIMIT', 0, 1)[1]
  if not due then break end
  local kind = sub(due, 1, 2)
  if kind == 'a:' then
    agent_lost(sub(due, 3))
  elseif kind == 'y:' then
    look_again(sub(due, 3))
  else
    contact_due(due)
  end
end
return reported
