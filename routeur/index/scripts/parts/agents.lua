-- Agents: what they can be offered, and the idle sets in which they then stand.

-- The channels on which an agent holding `load` can take one more contact, as a mask of one digit per channel: 0 none,
-- 1 one, 2 one that tops them up. Topped up is who has one contact that keeps them from an exclusive one, and gets
-- another such.
local function room(load)
  if load == NONE then return ALL end
  local rules = call('HMGET', ns .. 'rules', 'capacity', 'exclusive', 'interruptible')
  local capacity, exclusive, interruptible = rules[1], rules[2], rules[3]
  local live = 0
  for i = 1, #LETTERS do
    local n = byte(load, i) - 48
    if n > 0 then
      if byte(exclusive, i) == ONE then return NONE end
      if byte(interruptible, i) ~= ONE then live = live + n end
    end
  end
  local mask = ''
  for i = 1, #LETTERS do
    local digit = '1'
    if byte(load, i) >= byte(capacity, i) or byte(exclusive, i) == ONE and live > 0 then
      digit = '0'
    elseif live > 0 and byte(interruptible, i) ~= ONE then
      digit = '2'
    end
    mask = mask .. digit
  end
  return mask
end

local function loaded(load, i, by)
  local n = math.max(0, byte(load, i) - 48 + by)
  return sub(load, 1, i - 1) .. string.char(48 + n) .. sub(load, i + 1)
end

local function enter_idle(letter, pool, login, since)
  call('ZADD', ns .. 'idle:' .. letter .. pool, since, login)
  call('SADD', ns .. 'ready:' .. letter, pool)
end

local function leave_idle(letter, pool, login)
  local idle = ns .. 'idle:' .. letter .. pool
  call('ZREM', idle, login)
  if call('EXISTS', idle) == 0 then call('SREM', ns .. 'ready:' .. letter, pool) end
end

local function in_each_place(mask, act, pool, login, since)
  if mask == ALL then return act('*', pool, login, since) end
  if mask == NONE then return end
  for i = 1, #LETTERS do
    local digit, letter = byte(mask, i), sub(LETTERS, i, i)
    if digit ~= ZERO then act(digit == TWO and string.upper(letter) or letter, pool, login, since) end
  end
end

local function read_agent(login)
  local a = call('HMGET', ns .. 'agent:' .. login, 'pool', 'activity', 'load', 'free', 'idle_since', 'offer')
  if not a[1] then return nil end
  return { login = login, pool = a[1], activity = a[2], load = a[3], free = a[4], since = a[5], offer = a[6] }
end

-- The mask of what the agent can be offered now; `agent.free` is what the idle sets still say.
local function open_channels(agent)
  if agent.activity == 'available' and agent.offer == '' then return room(agent.load) end
  return NONE
end

-- Write down an agent's changes, and bring the idle sets in line with them.
local function save(agent, free)
  if agent.free ~= free then in_each_place(agent.free, leave_idle, agent.pool, agent.login) end
  in_each_place(free, enter_idle, agent.pool, agent.login, agent.since)
  agent.free = free
  call('HSET', ns .. 'agent:' .. agent.login, 'load', agent.load, 'free', free, 'idle_since', agent.since,
    'offer', agent.offer)
end
