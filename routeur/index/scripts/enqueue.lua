-- needs: channels base agents queue offer urgency topping_up find_place on_shift present
-- Put a contact that the index does not hold in the queue.
-- ARGV: now, "contact class queued max patient revision edition topology rungs", rungs being "at class at class ..."
-- Returns 'stale' | 'known' | 'unserved' | 'waiting' | 'lapsed' | 'offered <login>'
local contact, class, queued, max, patient, revision, edition, topology, rungs = string.match(ARGV[2],
  '^(%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) ?(.*)$')
local rules = call('HMGET', ns .. 'rules', 'topology', 'offer_ms', 'shared')
if rules[1] ~= topology then return 'stale' end
if call('EXISTS', ns .. 'contact:' .. contact) == 1 then return 'known' end
class, rungs = past_absent(class, rungs)
local c = { class = class, rungs = rungs, queued = queued, max = tonumber(max), avoid_until = 0,
  offer_ms = rules[2], shared = rules[3] }
local state, login = find_place(contact, c, 'class', class, 'rungs', rungs, 'queued', queued, 'max', max,
  'patient', patient, 'revision', revision, 'edition', edition, 'avoid', '', 'avoid_until', '0', 'changed', now_text)
if state == 'offered' then return 'offered ' .. login end
if state == 'waiting' and now >= tonumber(patient) and not served(class, rungs) then
  leave_queue(contact, class)
  call('ZREM', ns .. 'deadlines', contact)
  call('DEL', ns .. 'contact:' .. contact)
  return 'unserved'
end
return state
