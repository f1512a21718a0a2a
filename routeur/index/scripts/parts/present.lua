-- Which classes somebody could serve who is on shift, or is expected back after having left without meaning to.
local function someone_present(class)
  if byte(class, 2) == AT then
    return ON_SHIFT[call('HGET', ns .. 'agent:' .. sub(class, 3), 'activity') or '']
  end
  local from = 0
  while true do
    local pools = call('ZRANGE', ns .. 'serve:' .. class, from, from + MORE_POOLS - 1)
    if #pools == 0 then return false end
    for _, number in ipairs(call('ZMSCORE', ns .. 'present', unpack(pools))) do
      if number then return true end
    end
    for _, back in ipairs(call('ZMSCORE', ns .. 'expected', unpack(pools))) do
      if back and tonumber(back) > now then return true end
    end
    from = from + MORE_POOLS
  end
end

-- Whether anybody on shift could serve this class or any later rung.
local function served(class, rungs)
  if someone_present(class) then return true end
  for later in string.gmatch(rungs, '%d+ (%S+)') do
    if someone_present(later) then return true end
  end
  return false
end

-- Nobody waits in a class that names an agent who is not on shift: the next rung holds at once.
local function past_absent(class, rungs)
  while byte(class, 2) == AT and not someone_present(class) do
    local wider, rest = string.match(rungs, '^%d+ (%S+) ?(.*)$')
    if not wider then break end
    class, rungs = wider, rest
  end
  return class, rungs
end
