-- A contact leaves the index: finished, abandoned, followed up. ARGV: now, contact. Returns 1, or 0 when it was not there.
local now, contact = tonumber(ARGV[1]), ARGV[2]
local c = read_contact(contact)
if not c then return 0 end
local freed = detach(contact, c, now)
call('DEL', ns .. 'contact:' .. contact)
call('ZREM', ns .. 'deadlines', contact)
if freed then look_for_contact(freed, now) end
return 1
