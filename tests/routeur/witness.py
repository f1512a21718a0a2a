"""An independent count of who holds what, kept by its own scripts beside the index.

A contact is counted as held from after its acceptance until before it leaves the index. So the count is never more than
what the index holds: a count above an agent's capacity, or a contact counted twice, is a fault of the index.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from redis import Redis

from competences.channels import Channel
from competences.plan.parts import ChannelRules

# KEYS: held, loads, ended, wrongs. ARGV: contact, login, channel, then name, capacity, exclusive, interruptible ...
_TAKE = """
local contact, login, channel = ARGV[1], ARGV[2], ARGV[3]
if redis.call('SISMEMBER', KEYS[3], contact) == 1 then return 0 end
local holder = redis.call('HGET', KEYS[1], contact)
if holder then
  redis.call('RPUSH', KEYS[4], contact .. ' is with ' .. holder .. ' and with ' .. login)
  return 0
end
redis.call('HSET', KEYS[1], contact, login .. ' ' .. channel)
redis.call('HINCRBY', KEYS[2], login .. ' ' .. channel, 1)
local live, exclusives, all = 0, 0, ''
for i = 4, #ARGV, 4 do
  local load = tonumber(redis.call('HGET', KEYS[2], login .. ' ' .. ARGV[i]) or 0)
  all = all .. ' ' .. ARGV[i] .. ' ' .. load
  if load > tonumber(ARGV[i + 1]) then redis.call('RPUSH', KEYS[4], login .. ' is above capacity:' .. all) end
  if ARGV[i + 2] == '1' then exclusives = exclusives + load end
  if ARGV[i + 3] == '0' then live = live + load end
end
if exclusives > 0 and live > exclusives or exclusives > 1 then
  redis.call('RPUSH', KEYS[4], login .. ' holds an exclusive contact and others:' .. all)
end
return 1
"""

# KEYS: held, loads, ended. ARGV: contact, whether it ends for good.
_RELEASE = """
local first = 1
if ARGV[2] == '1' then first = redis.call('SADD', KEYS[3], ARGV[1]) end
local held = redis.call('HGET', KEYS[1], ARGV[1])
if first == 1 and held then
  redis.call('HDEL', KEYS[1], ARGV[1])
  redis.call('HINCRBY', KEYS[2], held, -1)
end
return first
"""


class Witness:
    """A witness that any number of processes may share."""

    HELD, LOADS, ENDED, WRONGS = "witness:held", "witness:loads", "witness:ended", "witness:wrongs"

    def __init__(self, redis: Redis, rules: Mapping[Channel, ChannelRules]) -> None:
        self._redis: Any = redis
        self._take: Any = redis.register_script(_TAKE)
        self._release: Any = redis.register_script(_RELEASE)
        self._rules = [
            value
            for channel, rule in rules.items()
            for value in (channel.value, rule.capacity, int(rule.exclusive), int(rule.interruptible))
        ]

    def take(self, contact: str, login: str, channel: Channel) -> bool:
        """Note that the agent has the contact. Returns False if it has ended meanwhile."""
        keys = [self.HELD, self.LOADS, self.ENDED, self.WRONGS]
        return bool(self._take(keys=keys, args=[contact, login, channel.value, *self._rules]))

    def give_up(self, contact: str) -> None:
        """Note that the contact is about to return to the queue."""
        self._release(keys=[self.HELD, self.LOADS, self.ENDED], args=[contact, 0])

    def end(self, contact: str) -> bool:
        """Note that the contact is about to leave the index for good. False if somebody else ends it already."""
        return bool(self._release(keys=[self.HELD, self.LOADS, self.ENDED], args=[contact, 1]))

    def has_ended(self, contact: str) -> bool:
        return bool(self._redis.sismember(self.ENDED, contact))

    def ended(self) -> int:
        return int(self._redis.scard(self.ENDED))

    def wrongs(self) -> list[str]:
        return list(self._redis.lrange(self.WRONGS, 0, -1))
