"""Limits the streams open in this process: each one costs it work at every event."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from ipaddress import ip_address

PER_ADDRESS = 200
"""The most streams of one address in one process: a town hall, or a mobile network, may stand behind it."""


class NoPlace(Exception):
    """The limit of open streams is reached."""


class StreamPlaces:
    """Counts the open streams of this process by whom they are for and where they come from."""

    def __init__(self, per_address: int = PER_ADDRESS) -> None:
        self._per_address = per_address
        self._open: Counter[tuple[str, str]] = Counter()

    def keep(self, listener: str, most: int, address: str, stream: Iterator[bytes]) -> PlacedStream:
        """The stream, which has a place until it ends or is closed; `most` may be open for one listener.

        Raises NoPlace. An address of this very machine is not counted: nobody outside has one.
        """
        counted = {("listener", listener): most}
        if address and not ip_address(address.partition("/")[0]).is_loopback:
            counted["address", address] = self._per_address
        if any(self._open[name] >= bound for name, bound in counted.items()):
            raise NoPlace
        self._open.update(counted.keys())
        return PlacedStream(stream, lambda: self._leave(list(counted)))

    def _leave(self, names: list[tuple[str, str]]) -> None:
        for name in names:
            self._open[name] -= 1
            if not self._open[name]:
                del self._open[name]


class PlacedStream(Iterator[bytes]):
    """A stream that gives its place up exactly once, also if it is closed before anything was read from it."""

    def __init__(self, stream: Iterator[bytes], leave: Callable[[], None]) -> None:
        self._stream = stream
        self._leave: Callable[[], None] | None = leave

    def __next__(self) -> bytes:
        try:
            return next(self._stream)
        except BaseException:
            self._give_up()
            raise

    def close(self) -> None:
        try:
            close = getattr(self._stream, "close", None)
            if close is not None:
                close()
        finally:
            self._give_up()

    def _give_up(self) -> None:
        leave, self._leave = self._leave, None
        if leave is not None:
            leave()
