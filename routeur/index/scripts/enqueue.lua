-- Put a contact in the queue, from nowhere or (with `move`) from whatever place it is in.
-- ARGV: now, contact, class, rungs "at class at class ...", queued, max wait, revision, plan version, topology,
-- move (0 no, 1 yes, 2 yes although the index holds a later revision), avoided agent
-- Returns 'stale' | 'kept' | 'unserved' | 'waiting' | { 'offered', login }
local now, contact, class, rungs = tonumber(ARGV[1]), ARGV[2], ARGV[3], ARGV[4]
if call('HGET', ns .. 'rules', 'topology') ~= ARGV[9] then return 'stale' end
local c = read_contact(contact)
local freed
if c then
  local revision, move = tonumber(ARGV[7]), ARGV[10]
  if move ~= '2' and revision < c.revision or move == '0' and revision == c.revision then return 'kept' end
  freed = detach(contact, c, now)
end
local avoid, avoid_until = ARGV[11], 0
if avoid ~= '' then avoid_until = now + tonumber(call('HGET', ns .. 'rules', 'avoid_ms')) end
local queued, max = tonumber(ARGV[5]), tonumber(ARGV[6])
call('HSET', ns .. 'contact:' .. contact, 'class', class, 'rungs', rungs, 'queued', queued, 'max', max,
  'revision', ARGV[7], 'plan', ARGV[8], 'avoid', avoid, 'avoid_until', avoid_until, 'changed', now)
local entry = { class = class, rungs = rungs, queued = queued, max = max, avoid = avoid, avoid_until = avoid_until }
local state, login = settle(contact, entry, now)
if state == 'waiting' and now < max and not served(class, rungs) then
  leave_queue(contact, class)
  call('ZREM', ns .. 'deadlines', contact)
  call('DEL', ns .. 'contact:' .. contact)
  state = 'unserved'
end
if freed then look_for_contact(read_agent(freed.login), now) end
if state == 'offered' then return { 'offered', login } end
return state
