-- needs: channels base agents queue offer letters urgency look
-- An agent takes the contact that they were offered. ARGV: now, contact, login. Returns the contact's new revision,
-- or 0 when it is not offered to them.
local contact, login = ARGV[2], ARGV[3]
local c = call('HMGET', ns .. 'contact:' .. contact, 'state', 'agent', 'class', 'revision', 'expires')
local agent = read_agent(login)
if agent and agent.activity ~= 'offline' then
  local lease = tonumber(call('HGET', ns .. 'rules', 'lease_ms'))
  call('ZADD', ns .. 'deadlines', text(now + lease), 'a:' .. login)
end
if c[1] ~= 'offered' or c[2] ~= login or now >= tonumber(c[5]) then return 0 end
local channel = channel_of(c[3])
if byte(room(agent.load), channel) ~= ONE then return 0 end -- another plan is in force since
call('HSET', ns .. 'contact:' .. contact, 'state', 'active', 'changed', now_text, 'revision', text(c[4] + 1))
call('ZADD', ns .. 'deadlines', 'inf', contact)
call('HSET', ns .. 'agent:' .. login, 'missed', 0)
agent.offer = ''
agent.load = loaded(agent.load, channel, 1)
look_for_contact(agent)
return c[4] + 1
