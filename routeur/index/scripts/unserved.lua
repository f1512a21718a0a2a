-- Contacts that wait although nobody on shift could serve any of their rungs. ARGV: how many at most.
local found = {}
for _, class in ipairs(call('ZRANGE', ns .. 'heads', 0, -1)) do
  if not someone_present(class) then
    for _, contact in ipairs(call('ZRANGE', ns .. 'queue:' .. class, 0, -1)) do
      if #found >= tonumber(ARGV[1]) then return found end
      if not served(class, call('HGET', ns .. 'contact:' .. contact, 'rungs')) then found[#found + 1] = contact end
    end
  end
end
return found
