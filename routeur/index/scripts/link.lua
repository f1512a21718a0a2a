-- needs: channels base agents queue offer urgency topping_up letters look leave change
-- Let a contact wait in the place of another, its lead. ARGV: now, lead, "contact class queued max revision edition"; the
-- class says the channel alone. Returns 1, or 0 when the lead does not wait here.
local lead = ARGV[2]
local contact, class, queued, max, revision, edition = string.match(ARGV[3], '^(%S+) (%S+) (%S+) (%S+) (%S+) (%S+)$')
local leading = ns .. 'contact:' .. lead
local l = call('HMGET', leading, 'state', 'agent')
if l[1] ~= 'waiting' and l[1] ~= 'offered' then return 0 end
local c = read_contact(contact)
local stays = c and c.state == 'linked' and c.lead == lead
local freed
if c and not stays then freed = detach(contact, c, 'linked') end
call('HSET', ns .. 'contact:' .. contact, 'state', 'linked', 'lead', lead, 'class', class, 'rungs', '', 'queued', queued,
  'max', max, 'revision', revision, 'edition', edition, 'avoid', '', 'avoid_until', '0', 'changed', now_text, 'agent', '')
call('ZADD', ns .. 'deadlines', max, contact)
if not stays then
  call('HSET', leading, 'with', (call('HGET', leading, 'with') or '') .. ' ' .. contact)
  announce('linked', lead, l[1] == 'offered' and l[2] or '', 'to', contact)
end
if freed then look_for_contact(freed) end
return 1
