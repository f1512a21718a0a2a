"""A request body whose chunks are malformed is the sender's fault: a 400, as for one that breaks off."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import IO, TYPE_CHECKING

from gunicorn.http.errors import ParseException

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class MalformedBody(OSError):
    """The body cannot be read on. Werkzeug answers 400 to an OSError, and gunicorn then closes the connection."""


class RequestBody(io.RawIOBase):
    """The body as gunicorn reads it from the socket, whose own errors the frameworks above do not know."""

    def __init__(self, body: IO[bytes]) -> None:
        self._body = body

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        """Fill the buffer as far as the body goes. Raises MalformedBody."""
        try:
            data = self._body.read(len(buffer))
        except ParseException as error:
            raise MalformedBody(str(error)) from None
        buffer[: len(data)] = data
        return len(data)


def refuse_malformed_bodies(application: WSGIApplication) -> WSGIApplication:
    """The application, whose requests' bodies raise MalformedBody where gunicorn cannot parse them."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ["wsgi.input"] = RequestBody(environ["wsgi.input"])
        return application(environ, start_response)

    return answer
