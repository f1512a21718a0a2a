-- Offers.

-- Offer a contact that stands nowhere. More fields of it may be given; the caller writes down the agent's.
local function make_offer(contact, class, max, login, offer_ms, why, considered, ...)
  local expires = text(math.min(now + offer_ms, max))
  call('HSET', ns .. 'contact:' .. contact, 'state', 'offered', 'agent', login, 'expires', expires,
    'offered', now_text, 'why', why, 'considered', considered, ...)
  call('ZADD', ns .. 'deadlines', expires, contact)
  announce('offered', contact, login, 'expires', expires, 'class', class, 'why', why, 'considered', considered)
end
