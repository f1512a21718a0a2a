-- needs: channels base agents queue offer urgency topping_up letters look leave
-- Take a contact out of the index, with those that wait in its place. ARGV: now, contact. Returns 1, or 0 when the index does not hold it.
local contact = ARGV[2]
local key = ns .. 'contact:' .. contact
local c = call('HMGET', key, 'state', 'class', 'agent', 'lead')
if not c[1] then return 0 end
local freed = detach(contact, { state = c[1], class = c[2], agent = c[3], lead = c[4] }, 'gone')
forget(contact)
if freed then look_for_contact(freed) end
return 1
