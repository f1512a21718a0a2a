-- needs: channels base on_shift overnight present
-- Contacts that wait although nobody on shift could serve any of their rungs, and are patient no longer. Those of
-- channels that wait overnight are not looked at. ARGV: now, how many at most.
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
    if not OVERNIGHT[sub(class, 1, 1)] and not present(class) then
      for _, contact in ipairs(call('ZRANGE', ns .. 'queue:' .. class, 0, -1)) do
        if #unserved >= limit then return unserved end
        local c = call('HMGET', ns .. 'contact:' .. contact, 'rungs', 'patient')
        if now >= tonumber(c[2]) and hopeless(c[1]) then unserved[#unserved + 1] = contact end
      end
    end
  end
end
return unserved
