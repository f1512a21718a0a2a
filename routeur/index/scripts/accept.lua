-- needs: base agents queue offer look change
-- An agent takes what they were offered. ARGV: now, contact, login. Returns 1, or 0 when it is not theirs to take.
local contact, login = ARGV[2], ARGV[3]
local c = read_contact(contact)
local agent = read_agent(login)
if agent and agent.activity ~= 'offline' then
  local lease = tonumber(call('HGET', ns .. 'rules', 'lease_ms'))
  call('ZADD', ns .. 'deadlines', text(now + lease), 'a:' .. login)
end
if not c or not agent or c.state ~= 'offered' or c.agent ~= login or now >= c.expires then return 0 end
call('HSET', ns .. 'contact:' .. contact, 'state', 'active', 'changed', now_text, 'revision',
  text(c.revision + 1))
call('ZADD', ns .. 'deadlines', 'inf', contact)
call('HSET', ns .. 'agent:' .. login, 'missed', 0)
agent.offer = ''
agent.load = loaded(agent.load, channel_of(c.class), 1)
look_for_contact(agent)
return 1
