-- Contacts leave their place.

-- Take a contact out of its place, for the reason `why`. Returns the agent whom it leaves, who may look for another
-- contact: their changes are not written down yet.
local function detach(contact, c, why)
  if c.state == 'waiting' then
    leave_queue(contact, c.class)
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
