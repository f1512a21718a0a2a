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
"""A rebuild that has not finished by then died; another process may begin again."""


class Topology:
    """This process's knowledge of the index's classes and pools.

    `token` names the index's present life: scripts answer `stale` to any other, and what was known is forgotten.
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
        """Whether the index has never been open, or lost its memory, or whoever was rebuilding it died."""
        return not self._read_token().startswith(_OPEN)

    @contextmanager
    def rebuilding(self, empty: Callable[[], None]) -> Iterator[bool]:
        """Let only the caller fill the index, `empty` to begin with; yields False when another does so already."""
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
        finally:  # whoever could not finish lets another begin at once
            self._redis.delete(self._key("rebuilding"))

    def ensure_classes(self, classes: Sequence[str]) -> None:
        """Make sure that the index knows who serves these classes; one that names an agent needs no telling."""
        for name in classes:
            if name not in self._known and name[1] != "@":
                self._define("classes", name)

    def ensure_pool(self, pool: str) -> None:
        """Make sure that the index knows which classes this pool serves."""
        if pool not in self._known:
            self._define("pools", pool)

    def weigh(self, versatility: Mapping[str, float]) -> None:
        """Rank the pools anew: the less versatile serve first. Does nothing where nothing changed."""
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
        """Add a class or a pool and who serves whom, in one transaction watched against others doing the same."""
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
