-- needs: base present
-- Contacts that wait although nobody on shift could serve any of their rungs. ARGV: now, how many at most.
local found, limit = {}, tonumber(ARGV[2])
local heads = { 'v', 'w', 'c', 'm', 'e' }
for _, login in ipairs(call('SMEMBERS', ns .. 'named')) do heads[#heads + 1] = '@' .. login end
for _, kind in ipairs(heads) do
  for _, class in ipairs(call('ZRANGE', ns .. 'heads:' .. kind, 0, -1)) do
    if not someone_present(class) then
      for _, contact in ipairs(call('ZRANGE', ns .. 'queue:' .. class, 0, -1)) do
        if #found >= limit then return found end
        if not served(class, call('HGET', ns .. 'contact:' .. contact, 'rungs')) then found[#found + 1] = contact end
      end
    end
  end
end
return found
