-- needs: channels base agents queue offer urgency topping_up find_place letters look leave change
-- Give a contact to the agent who has it according to the record. ARGV: now, contact, login, class, queued, revision.
-- Returns 1, or 0 when the agent is unknown.
local contact, login, class = ARGV[2], ARGV[3], ARGV[4]
local agent = read_agent(login)
if not agent then return 0 end
local c = read_contact(contact)
if c and c.state == 'active' and c.agent == login then
  call('HSET', ns .. 'contact:' .. contact, 'revision', ARGV[6])
  return 1
end
local freed
if c then freed = detach(contact, c, 'taken') end
if freed then save(freed, open_channels(freed)) end
call('HSET', ns .. 'contact:' .. contact, 'state', 'active', 'class', class, 'rungs', '', 'queued', ARGV[5],
  'max', 0, 'patient', 0, 'revision', ARGV[6], 'edition', 0, 'avoid', '', 'avoid_until', 0, 'changed', now_text,
  'agent', login, 'with', '')
call('ZADD', ns .. 'deadlines', 'inf', contact)
agent = read_agent(login)
agent.load = loaded(agent.load, channel_of(class), 1)
local offer = agent.offer
if offer ~= '' then
  local proposed = read_contact(offer)
  if byte(room(agent.load), channel_of(proposed.class)) ~= ZERO then
    offer = ''
  else
    agent.offer = ''
  end
end
save(agent, open_channels(agent))
if offer ~= '' then
  announce('withdrawn', offer, login, 'reason', 'full')
  put_back(offer, read_contact(offer))
end
look_for_contact(agent)
if freed and freed.login ~= login then look_for_contact(read_agent(freed.login)) end
return 1
