-- Who is served first (routeur/queue/urgency.py says the same).

-- How long the town hall was closed since this place in the queue. It is asked only where a channel's target counts
-- in opening hours, and the closures are read when it is first asked.
local closures
local function closed_since(queued)
  queued = tonumber(queued)
  if not closures then closures = cjson.decode(call('HGET', ns .. 'rules', 'closures')) end
  local closed_ms = 0
  for i = 1, #closures, 2 do
    local from, to = closures[i], closures[i + 1]
    if to <= queued then break end
    if from < now then closed_ms = closed_ms + math.min(to, now) - math.max(from, queued) end
  end
  return closed_ms
end

-- urgency = weight x wait / target. `rates` holds the weights of all channels, then their targets in milliseconds, then
-- 1 for each whose target counts opening hours.
local function urgency(rates, channel, queued)
  local wait_ms = now - queued
  if rates[channel + 2 * #LETTERS] == 1 then wait_ms = wait_ms - closed_since(queued) end
  return rates[channel] * wait_ms / rates[channel + #LETTERS]
end
