"""Another version of the scripts, or of the table of channels, never meets an index that this one has written."""

from __future__ import annotations

import pytest

from routeur.index import Index, lua
from tests.routeur.hall import Hall


def of_another_version(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> Index:
    """The index of a version whose scripts differ in one character."""
    sources = lua.sources
    with monkeypatch.context() as other:
        other.setattr(lua, "sources", lambda: {name: text + " do end" for name, text in sources().items()})
        return Index(hall.redis)


def test_the_index_of_another_version_is_lost_to_this_one(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    hall.available("anne")
    waiting = hall.call(topic="carte-identite")
    assert of_another_version(hall, monkeypatch).is_lost()
    assert hall.index.contacts() == {waiting}


def test_what_former_versions_have_left_is_deleted_once_their_dispatchers_are_gone(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    former = of_another_version(hall, monkeypatch)
    with former.rebuilding():
        pass
    hall.redis.hset("{routeur}:rules", "topology", "open:1")  # of a version that did not name its layout
    hall.redis.set(former.key("dispatcher"), "still there")
    hall.call(topic="carte-identite")
    assert hall.index.forget_former() == 1
    assert hall.redis.exists(former.key("rules"))
    hall.redis.delete(former.key("dispatcher"))
    assert hall.index.forget_former() == 1
    assert not list(hall.redis.scan_iter(former.key("*")))
    assert not hall.redis.exists("{routeur}:rules")
    assert not hall.index.is_lost()
    assert hall.redis.exists(hall.index.events)


def test_a_comment_changes_no_layout(monkeypatch: pytest.MonkeyPatch) -> None:
    before, sources = lua.layout(), lua.sources
    monkeypatch.setattr(lua, "sources", lambda: {name: text + "-- said better\n" for name, text in sources().items()})
    assert lua.layout() == before
