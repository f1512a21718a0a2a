"""Where the telephone network calls us; absolute, because TwiML sent through the API knows no base."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlencode


@dataclass(frozen=True)
class VoiceUrls:
    public_url: str

    def _url(self, route: str, **query: object) -> str:
        given = {name: value for name, value in query.items() if value not in (None, "")}
        return f"{self.public_url.rstrip('/')}/webhooks/voice{route}" + (f"?{urlencode(given)}" if given else "")

    def menu(self, *, path: str = "", language: str | None = None, attempt: int = 1) -> str:
        return self._url("/menu", path=path, lang=language, attempt=attempt)

    def wait(self, *, turn: int = 0) -> str:
        return self._url("/wait", turn=turn or None)

    def after(self) -> str:
        """Where a caller's call goes on when the conversation ends and they are still on the line."""
        return self._url("/after")

    def recording(self) -> str:
        return self._url("/recording")

    def recording_status(self) -> str:
        return self._url("/recording/status")

    def conference(self, contact_id: str) -> str:
        return self._url(f"/conference/{quote(contact_id)}")

    def agent(self, contact_id: str, *, attempt: int, leg: str) -> str:
        return self._url(f"/agent/{quote(contact_id)}", attempt=attempt, leg=leg)

    def agent_status(self, contact_id: str, *, attempt: int) -> str:
        return self._url(f"/agent/{quote(contact_id)}/status", attempt=attempt)
