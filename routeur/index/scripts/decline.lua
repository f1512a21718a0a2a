-- An agent gives back what they were offered. ARGV: now, contact, login. Returns 1, or 0 when it was not theirs.
local now, contact, login = tonumber(ARGV[1]), ARGV[2], ARGV[3]
local c = read_contact(contact)
local agent = read_agent(login)
if agent and agent.activity ~= 'offline' then
  call('ZADD', ns .. 'deadlines', now + tonumber(call('HGET', ns .. 'rules', 'lease_ms')), 'a:' .. login)
end
if not c or not agent or c.state ~= 'offered' or c.agent ~= login then return 0 end
announce('declined', contact, login, now)
agent.offer = ''
refresh(agent)
give_back(contact, c, now)
look_for_contact(agent, now)
return 1
