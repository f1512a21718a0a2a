-- needs: channels base on_shift present
-- Contacts that wait although nobody on shift could serve any of their rungs. ARGV: now, how many at most.
local unserved, limit, presence = {}, tonumber(ARGV[2]), {}

local function present(class)
  if presence[class] == nil then presence[class] = someone_present(class) or false end
  return presence[class]
end

local function hopeless(rungs)
  for later in string.gmatch(rungs, '%d+ (%S+)') do
    if present(later) then return false end
  end
  return true
end

for _, kind in ipairs(call('HKEYS', ns .. 'fronts')) do
  for _, class in ipairs(call('ZRANGE', ns .. 'heads:' .. kind, 0, -1)) do
    if not present(class) then
      for _, contact in ipairs(call('ZRANGE', ns .. 'queue:' .. class, 0, -1)) do
        if #unserved >= limit then return unserved end
        if hopeless(call('HGET', ns .. 'contact:' .. contact, 'rungs')) then unserved[#unserved + 1] = contact end
      end
    end
  end
end
return unserved
