-- Shared by every script. KEYS[1] is the namespace: a hash tag, so that all keys live on one node. ARGV[1] is the
-- present instant: times are whole milliseconds since the epoch, and no script reads a clock.
--
--   rules              hash    the channels' rules; limits; when the town hall was closed of late
--   queue:<class>      zset    contacts that wait, by place in the queue
--   heads:<letter>     zset    classes of that channel in which somebody waits, by the place of their first contact
--   heads:@<login>     zset    the same for the classes that name this agent
--   fronts             hash    by <letter> or @<login>, the place of the first of all contacts in those heads
--   serve:<class>      zset    pools that can serve the class, by versatility
--   feeds:<letter><pool> set   classes of that channel that the pool can serve
--   idle:<letter><pool> zset   agents who can be offered a contact of that channel, by idle-since; an agent who can
--                              be offered one of any channel stands in idle:*<pool> alone, and one whom a contact of
--                              that channel would only top up, under the capital letter
--   ready:<letter or *> set    pools whose idle set is not empty
--   present            zset    pools, by number of their agents on shift
--   expected           zset    pools, by the instant until which agents of theirs who left without meaning to are
--                              expected back
--   deadlines          zset    contacts, agents as a:<login>, and channels in which somebody yields as y:<letter>, by
--                              their next deadline
--   contact:<id>, agent:<login>   hashes; a contact that waits in the place of another names it as its `lead`, and
--                              stands in that one's list `with`
--   events             stream  what happened, for the desks and the journal
--
-- A class is the channel's letter followed by the requirement's text. The parts `channels` and `letters`, which say
-- LETTERS, NONE, ALL and EACH_LETTER, are made from the table of channels (routeur/index/lua.py). A channel is its
-- number in LETTERS wherever its letter is not needed.
--
-- A script begins with the parts that it needs, and no other: making a function costs as much as reading a field.
-- Numbers are handed to Redis as text: turning one into text there costs more than most commands.
local ns, now_text = KEYS[1], ARGV[1]
local EVENTS = '{routeur}:events'
local now = tonumber(now_text)
local call = redis.call
local byte, sub = string.byte, string.sub
local ZERO, ONE, TWO, AT = 48, 49, 50, 64 -- the bytes of '0', '1', '2' and '@'
local FIRST_POOLS, MORE_POOLS = 4, 16 -- how many are looked at first, and at a time after that

local function text(ms)
  return string.format('%.0f', ms)
end

local function announce(kind, contact, agent, ...)
  call('XADD', EVENTS, 'MAXLEN', '~', '100000', '*', 'kind', kind, 'contact', contact, 'agent', agent,
    'at', now_text, ...)
end

local function channel_of(class)
  return string.find(LETTERS, sub(class, 1, 1), 1, true)
end
