-- Contacts that leave their place.

-- Take a contact out of whatever place it is in. Returns the agent it leaves, not written down yet: they may now
-- look for another.
local function detach(contact, c)
  if c.state == 'waiting' then
    leave_queue(contact, c.class)
  elseif c.state == 'offered' then
    announce('withdrawn', contact, c.agent)
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
