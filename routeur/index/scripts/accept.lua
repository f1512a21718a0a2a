-- needs: channels base agents queue offer urgency topping_up letters look
-- An agent takes the contact that they were offered, and with it those that wait in its place, as far as they have
-- room for them: the others stay where they are until the record gives them places of their own.
-- ARGV: now, contact, login. Returns the contact's new revision and the others that were taken; nothing when it is not
-- offered to them.
local contact, login = ARGV[2], ARGV[3]
local c = call('HMGET', ns .. 'contact:' .. contact, 'state', 'agent', 'class', 'revision', 'expires', 'with')
local agent = read_agent(login)
if agent and agent.activity ~= 'offline' then
  local lease = tonumber(call('HGET', ns .. 'rules', 'lease_ms'))
  call('ZADD', ns .. 'deadlines', text(now + lease), 'a:' .. login)
end
if c[1] ~= 'offered' or c[2] ~= login or now >= tonumber(c[5]) then return {} end
local channel = channel_of(c[3])
if byte(room(agent.load), channel) == ZERO then return {} end -- another plan is in force since
call('HSET', ns .. 'contact:' .. contact, 'state', 'active', 'changed', now_text, 'revision', text(c[4] + 1))
call('ZADD', ns .. 'deadlines', 'inf', contact)
call('HSET', ns .. 'agent:' .. login, 'missed', 0)
agent.offer = ''
agent.load = loaded(agent.load, channel, 1)
local taken = { c[4] + 1 }
if c[6] and c[6] ~= '' then
  local capacity, came = call('HGET', ns .. 'rules', 'capacity'), ''
  for other in string.gmatch(c[6], '%S+') do
    local key = ns .. 'contact:' .. other
    local o = call('HMGET', key, 'class', 'revision')
    local i = channel_of(o[1])
    if byte(agent.load, i) < byte(capacity, i) then
      agent.load = loaded(agent.load, i, 1)
      call('HSET', key, 'state', 'active', 'agent', login, 'lead', '', 'changed', now_text, 'revision', text(o[2] + 1))
      call('ZADD', ns .. 'deadlines', 'inf', other)
      taken[#taken + 1] = other
      came = came .. ' ' .. other
    end
  end
  call('HSET', ns .. 'contact:' .. contact, 'with', '', 'came', came)
end
look_for_contact(agent)
return taken
