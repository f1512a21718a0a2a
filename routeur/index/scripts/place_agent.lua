-- needs: channels base agents queue offer urgency topping_up find_place letters look change on_shift present activity may_serve
-- Declare an agent: their pool and what they are doing.
-- ARGV: now, login, pool, activity, revision, topology, renew, until when they are expected back (0: they are not).
-- Returns 1, or 'stale' when the topology changed. An older revision changes nothing. Their lease is renewed if `renew`
-- is 1, because their desk said this; else it is begun if there is none. An offer that they may no longer serve goes
-- back.
local login, pool, activity, revision, renew = ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5]), ARGV[7] == '1'
local rules = call('HMGET', ns .. 'rules', 'topology', 'lease_ms')
if rules[1] ~= ARGV[6] then return 'stale' end
local key = ns .. 'agent:' .. login
local agent = read_agent(login)
if not agent then
  call('HSET', key, 'pool', pool, 'activity', 'offline', 'load', NONE, 'free', NONE, 'idle_since', now_text,
    'offer', '', 'missed', 0, 'revision', revision)
  call('SADD', ns .. 'agents', login)
  agent = read_agent(login)
elseif revision < tonumber(call('HGET', key, 'revision')) then
  return 1
end
call('HSET', key, 'revision', revision)
if pool ~= agent.pool then
  in_each_place(agent.free, leave_idle, agent.pool, login)
  if ON_SHIFT[agent.activity] then
    count_present(agent.pool, -1)
    count_present(pool, 1)
  end
  agent.pool, agent.free = pool, NONE
  call('HSET', key, 'pool', pool)
  local offer = agent.offer
  if offer ~= '' and not may_serve(login, pool, call('HGET', ns .. 'contact:' .. offer, 'class')) then
    agent.offer = ''
    announce('withdrawn', offer, login, 'reason', 'plan')
    put_back(offer, read_contact(offer))
  end
  look_for_contact(agent)
end
if activity == 'offline' then
  call('ZREM', ns .. 'deadlines', 'a:' .. login)
elseif renew then
  call('ZADD', ns .. 'deadlines', text(now + tonumber(rules[2])), 'a:' .. login)
else
  call('ZADD', ns .. 'deadlines', 'NX', text(now + tonumber(rules[2])), 'a:' .. login)
end
expect_back(pool, tonumber(ARGV[8]))
change_activity(agent, activity)
return 1
