-- needs: channels base agents queue offer urgency topping_up find_place letters look change
-- An agent gives back the contact that they were offered; a rung that names them ends with their no.
-- ARGV: now, contact, login. Returns 0 when it is not offered to them, 2 when a rung that named them has ended, else 1.
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
local answer, named = 1, '@' .. login
while sub(c.class, 2) == named and end_rung(contact, c) do answer = 2 end
put_back(contact, c)
look_for_contact(agent)
return answer
