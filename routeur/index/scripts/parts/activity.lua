-- Agents come and go.

local function count_present(pool, by)
  if tonumber(call('ZINCRBY', ns .. 'present', by, pool)) <= 0 then call('ZREM', ns .. 'present', pool) end
end

local function expect_back(pool, until_ms)
  if until_ms > now then call('ZADD', ns .. 'expected', 'GT', text(until_ms), pool) end
end

-- Move the contacts that wait in a class naming this agent on to their next rung.
local function widen_named(login)
  for i = 1, #LETTERS do
    local class = sub(LETTERS, i, i) .. '@' .. login
    for _, contact in ipairs(call('ZRANGE', ns .. 'queue:' .. class, 0, -1)) do
      local c = read_contact(contact)
      if c.rungs ~= '' then
        leave_queue(contact, class)
        end_rung(contact, c)
        find_place(contact, c)
      end
    end
  end
end

-- Give an agent another activity. The contact that they were offered goes back first.
local function change_activity(agent, activity)
  local was = agent.activity
  if was == activity then return end
  agent.activity = activity
  call('HSET', ns .. 'agent:' .. agent.login, 'activity', activity)
  if ON_SHIFT[was] and not ON_SHIFT[activity] then count_present(agent.pool, -1) end
  if ON_SHIFT[activity] and not ON_SHIFT[was] then count_present(agent.pool, 1) end
  if activity == 'available' then
    agent.since = now_text
    call('HSET', ns .. 'agent:' .. agent.login, 'missed', 0)
    return look_for_contact(agent)
  end
  local offer = agent.offer
  agent.offer = ''
  save(agent, NONE)
  if offer ~= '' then
    announce('withdrawn', offer, agent.login, 'reason', 'activity')
    put_back(offer, read_contact(offer))
  end
  if not ON_SHIFT[activity] then widen_named(agent.login) end
end
