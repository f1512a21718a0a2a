"""Which pool can serve which class: worked out once, when a class or a pool first appears."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from redis import Redis
from redis.exceptions import WatchError

from competences.skills import Requirement, pool_skills
from routeur.index.entries import IndexLost

_OPEN, _BUILDING = "open:", "building:"
_REBUILD_MS = 30_000
"""A rebuild that has not finished by then is taken for dead; another process may begin again."""


class Topology:
    """This process's knowledge of the index's classes and pools.

    `token` names the index since it was last rebuilt. Scripts answer `stale` to any other token; the knowledge is then
    forgotten, and gathered anew.
    """

    def __init__(self, redis: Redis, key: Callable[[str], str]) -> None:
        self._redis: Any = redis
        self._key = key
        self._known: set[str] = set()
        self.token = ""

    def refresh(self) -> None:
        """Learn the token of the index as it is now. Raises IndexLost when it is empty or being rebuilt."""
        token = self._read_token()
        if not token.startswith(_OPEN):
            raise IndexLost
        self.token = token
        self._known.clear()

    def is_lost(self) -> bool:
        """Whether the index was never open, or Redis lost its memory, or a rebuild was not finished."""
        return not self._read_token().startswith(_OPEN)

    @contextmanager
    def rebuilding(self, empty: Callable[[], None]) -> Iterator[bool]:
        """Call `empty`, then let only the caller fill the index. Yields False when another process does so already."""
        life = secrets.token_hex(8)
        if not self._redis.set(self._key("rebuilding"), life, nx=True, px=_REBUILD_MS):
            yield False
            return
        try:
            empty()
            self._known.clear()
            self.token = _BUILDING + life
            self._redis.hset(self._key("rules"), "topology", self.token)
            yield True
            self.token = _OPEN + life
            self._redis.hset(self._key("rules"), "topology", self.token)
        finally:  # after a failure too, so that another process may begin at once
            self._redis.delete(self._key("rebuilding"))

    def ensure_classes(self, classes: Sequence[str]) -> None:
        """Make sure that the index knows which pools serve these classes; a class that names an agent has no pool."""
        for name in classes:
            if name not in self._known and name[1] != "@":
                self._define("classes", name)

    def ensure_pool(self, pool: str) -> None:
        """Make sure that the index knows which classes this pool serves."""
        if pool not in self._known:
            self._define("pools", pool)

    def weigh(self, versatility: Mapping[str, float]) -> None:
        """Rank the pools anew, the less versatile first. Does nothing when no score changed."""
        recorded = self._redis.hgetall(self._key("versatility"))
        changed = {pool: score for pool, score in versatility.items() if recorded.get(pool) != str(score)}
        if not changed:
            return
        with self._redis.pipeline() as pipe:
            pipe.hset(self._key("versatility"), mapping={pool: str(score) for pool, score in changed.items()})
            for name in self._redis.smembers(self._key("classes")):
                pipe.zadd(self._key("serve:" + name), changed, xx=True)
            pipe.execute()

    def _read_token(self) -> str:
        return self._redis.hget(self._key("rules"), "topology") or ""

    def _define(self, kind: str, name: str) -> None:
        """Add a class or a pool, and which pools serve which classes; tries again when another process did so."""
        with self._redis.pipeline() as pipe:
            while True:
                try:
                    pipe.watch(self._key("classes"), self._key("pools"), self._key("versatility"))
                    if not pipe.sismember(self._key(kind), name):
                        classes = {name} if kind == "classes" else pipe.smembers(self._key("classes"))
                        pools = {name} if kind == "pools" else pipe.smembers(self._key("pools"))
                        scores = pipe.hgetall(self._key("versatility"))
                        pipe.multi()
                        pipe.sadd(self._key(kind), name)
                        self._connect(pipe, classes, pools, scores)
                        pipe.execute()
                    self._known.add(name)
                    return
                except WatchError:
                    continue

    def _connect(self, pipe: Any, classes: set[str], pools: set[str], scores: Mapping[str, str]) -> None:
        for name in classes:
            requirement = Requirement.parse(name[1:])
            for pool in pools:
                skills = pool_skills(pool)
                if requirement.satisfied_by(skills):
                    pipe.zadd(self._key("serve:" + name), {pool: float(scores.get(pool, sum(skills.values())))})
                    pipe.sadd(self._key("feeds:" + name[0] + pool), name)
