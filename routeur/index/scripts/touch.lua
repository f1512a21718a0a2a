-- needs: channels base
-- Renew an agent's lease. ARGV: now, login. Returns 1, or 0 for an agent who is unknown or offline.
local login = ARGV[2]
local activity = call('HGET', ns .. 'agent:' .. login, 'activity')
if not activity or activity == 'offline' then return 0 end
local lease = tonumber(call('HGET', ns .. 'rules', 'lease_ms'))
call('ZADD', ns .. 'deadlines', text(now + lease), 'a:' .. login)
return 1
