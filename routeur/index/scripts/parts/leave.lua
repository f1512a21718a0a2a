-- Contacts leave their place.

-- Take a contact from the list of its lead. Who is offered the lead is told that it comes without it.
local function part(contact, lead)
  local key = ns .. 'contact:' .. lead
  local l = call('HMGET', key, 'with', 'state', 'agent')
  if not l[1] then return end
  local others = ''
  for other in string.gmatch(l[1], '%S+') do
    if other ~= contact then others = others .. ' ' .. other end
  end
  if #others == #l[1] then return end
  call('HSET', key, 'with', others)
  announce('parted', lead, l[2] == 'offered' and l[3] or '', 'from', contact)
end

-- Take a contact out of its place, for the reason `why`. Returns the agent whom it leaves, who may look for another
-- contact: their changes are not written down yet.
local function detach(contact, c, why)
  if c.state == 'waiting' then
    leave_queue(contact, c.class)
  elseif c.state == 'linked' then
    part(contact, c.lead)
  elseif c.state == 'offered' then
    announce('withdrawn', contact, c.agent, 'reason', why)
    local agent = read_agent(c.agent)
    agent.offer = ''
    return agent
  elseif c.state == 'active' then
    local agent = read_agent(c.agent)
    if not agent then return nil end
    agent.load = loaded(agent.load, channel_of(c.class), -1)
    agent.since = now_text
    return agent
  end
end

-- Forget a contact that stands nowhere any more, with those that wait in its place: the record says what becomes of
-- them.
local function forget(contact)
  local key = ns .. 'contact:' .. contact
  local with = call('HGET', key, 'with')
  if with then
    for other in string.gmatch(with, '%S+') do
      call('DEL', ns .. 'contact:' .. other)
      call('ZREM', ns .. 'deadlines', other)
    end
  end
  call('DEL', key)
  call('ZREM', ns .. 'deadlines', contact)
end
