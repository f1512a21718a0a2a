-- needs: channels base agents queue offer find_place letters urgency look change
-- An agent gives back the contact that they were offered. ARGV: now, contact, login. Returns 1, or 0 when it is not
-- offered to them.
local contact, login = ARGV[2], ARGV[3]
local c = read_contact(contact)
local agent = read_agent(login)
if agent and agent.activity ~= 'offline' then
  local lease = tonumber(call('HGET', ns .. 'rules', 'lease_ms'))
  call('ZADD', ns .. 'deadlines', text(now + lease), 'a:' .. login)
end
if not c or not agent or c.state ~= 'offered' or c.agent ~= login then return 0 end
announce('declined', contact, login)
agent.offer = ''
put_back(contact, c)
look_for_contact(agent)
return 1
