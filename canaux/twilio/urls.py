"""Where Twilio calls us; absolute, because TwiML sent through the API knows no base."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from canaux.provider_interfaces import About
from canaux.voice.steps import AfterConversation, AfterRecording, MenuTurn, Turn, WaitTurn


@dataclass(frozen=True)
class VoiceUrls:
    """The addresses of `webhooks.voice_twilio`."""

    public_url: str

    def _url(self, route: str, **query: object) -> str:
        given = {name: value for name, value in query.items() if value not in (None, "")}
        return f"{self.public_url.rstrip('/')}/webhooks/voice{route}" + (f"?{urlencode(given)}" if given else "")

    def of(self, turn: Turn) -> str:
        """Where a call goes on with this turn."""
        match turn:
            case MenuTurn(path=path, language=language, attempt=attempt):
                return self._url("/menu", path=path, lang=language, attempt=attempt)
            case WaitTurn(number=number):
                return self.wait(turn=number)
            case AfterConversation():
                return self.after()
            case AfterRecording():
                return self._url("/recording")

    def wait(self, *, turn: int = 0) -> str:
        return self._url("/wait", turn=turn or None)

    def after(self) -> str:
        """Where a caller's call goes on when the conversation ends and they are still on the line."""
        return self._url("/after")

    def recording_status(self) -> str:
        return self._url("/recording/status")

    def conference(self, contact_id: str) -> str:
        return self._url(f"/conference/{quote(contact_id)}")

    def agent(self, contact_id: str, *, attempt: int, leg: str) -> str:
        return self._url(f"/agent/{quote(contact_id)}", attempt=attempt, leg=leg)

    def agent_status(self, contact_id: str, *, attempt: int) -> str:
        return self._url(f"/agent/{quote(contact_id)}/status", attempt=attempt)


@dataclass(frozen=True)
class TextUrls:
    """The addresses of `webhooks.messaging_twilio`."""

    public_url: str

    def status(self, about: About) -> str:
        """Where Twilio tells how far a text has come; it says again what the text is about."""
        named = {"contact": about.contact_id, **({"message": about.message_id} if about.message_id else {})}
        return f"{self.public_url.rstrip('/')}/webhooks/messaging/status?{urlencode(named)}"


def menu_turn(query: Mapping[str, str]) -> MenuTurn:
    """The menu that a caller has heard, read from the address that `VoiceUrls.of` gave it."""
    return MenuTurn(query.get("path", ""), query.get("lang"), read_count(query, "attempt", 1))


def wait_turn(query: Mapping[str, str]) -> WaitTurn:
    """The turn of the waiting loop, read from the address that `VoiceUrls.of` gave it."""
    return WaitTurn(read_count(query, "turn", 0))


def read_count(query: Mapping[str, str], name: str, default: int) -> int:
    """A whole number in an address; the default where there is none."""
    try:
        return int(query.get(name, default))
    except ValueError:
        return default
