"""A person who opens too many streams is refused one more, until one of them ends."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from canaux.stream_places import NoPlace, StreamPlaces

STRANGER = "192.0.2.7"


def stream() -> Iterator[bytes]:
    yield b"once"


def test_a_listener_and_an_address_have_so_many_places() -> None:
    places = StreamPlaces(per_address=3)
    kept = [places.keep("anne", 2, STRANGER, stream()) for _ in range(2)]
    with pytest.raises(NoPlace):
        places.keep("anne", 2, "192.0.2.8", stream())
    kept.append(places.keep("bruno", 2, STRANGER, stream()))
    with pytest.raises(NoPlace):
        places.keep("david", 2, STRANGER, stream())
    assert [list(one) for one in kept] == [[b"once"]] * 3
    places.keep("anne", 2, STRANGER, stream())


def test_a_stream_that_nobody_began_to_read_gives_its_place_up_when_it_is_closed() -> None:
    places = StreamPlaces()
    for _ in range(3):
        kept = places.keep("anne", 1, STRANGER, stream())
        kept.close()


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", ""])
def test_this_machine_s_own_address_is_not_counted(address: str) -> None:
    places = StreamPlaces(per_address=1)
    assert len([places.keep(name, 1, address, stream()) for name in ("anne", "bruno")]) == 2
