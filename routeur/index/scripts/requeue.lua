-- needs: channels base agents queue offer urgency topping_up find_place letters look leave change on_shift present may_serve
-- Put a contact in the queue, wherever it stands. ARGV: now, the contact as for enqueue, move, the agent to avoid.
-- `move` says when a contact that the index holds stays as it is: 0, in this revision or a later one; 1, in a later
-- one; 2, never. One that is offered in this very revision has only been weighed anew (another plan is in force): the
-- offer stands if its agent may serve it still. Returns what enqueue returns, or 'kept'.
local contact, class, queued, max, patient, revision, edition, topology, rungs = string.match(ARGV[2],
  '^(%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) ?(.*)$')
local move, avoid, avoid_until = ARGV[3], ARGV[4], 0
if call('HGET', ns .. 'rules', 'topology') ~= topology then return 'stale' end
local before = read_contact(contact)
local freed
class, rungs = past_absent(class, rungs)
if before then
  local same, why = tonumber(revision) == before.revision, 'moved'
  if move ~= '2' and tonumber(revision) < before.revision or move == '0' and same then return 'kept' end
  if same and before.state == 'offered' then
    why = 'plan'
    local agent = read_agent(before.agent)
    local fits = may_serve(agent.login, agent.pool, class) and byte(room(agent.load), channel_of(class)) ~= ZERO
    if fits and now < tonumber(max) then
      local expires = text(math.min(before.expires, tonumber(max)))
      call('HSET', ns .. 'contact:' .. contact, 'class', class, 'rungs', rungs, 'queued', queued, 'max', max,
        'patient', patient, 'edition', edition, 'expires', expires)
      call('ZADD', ns .. 'deadlines', expires, contact)
      return 'kept'
    end
  end
  freed = detach(contact, before, why)
  if before.state == 'active' then call('HDEL', ns .. 'contact:' .. contact, 'came') end
  if freed then save(freed, open_channels(freed)) end
end
if avoid ~= '' then avoid_until = now + tonumber(call('HGET', ns .. 'rules', 'avoid_ms')) end
local c = { class = class, rungs = rungs, queued = queued, max = tonumber(max), avoid = avoid,
  avoid_until = avoid_until }
local state, login = find_place(contact, c, 'class', class, 'rungs', rungs, 'queued', queued, 'max', max,
  'patient', patient, 'revision', revision, 'edition', edition, 'avoid', avoid, 'avoid_until', text(avoid_until),
  'changed', now_text)
if state == 'waiting' and now >= tonumber(patient) and not served(class, rungs) then
  leave_queue(contact, class)
  forget(contact)
  state = 'unserved'
end
if freed then look_for_contact(read_agent(freed.login)) end
if state == 'offered' then return 'offered ' .. login end
return state
