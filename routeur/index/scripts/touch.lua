-- Renew an agent's lease. ARGV: now, login. Returns 1, or 0 for an agent who is unknown or offline.
local activity = call('HGET', ns .. 'agent:' .. ARGV[2], 'activity')
if not activity or activity == 'offline' then return 0 end
local lease = tonumber(call('HGET', ns .. 'rules', 'lease_ms'))
call('ZADD', ns .. 'deadlines', tonumber(ARGV[1]) + lease, 'a:' .. ARGV[2])
return 1
