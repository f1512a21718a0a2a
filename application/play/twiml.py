"""Reads in a TwiML document what decides a caller's next step."""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree import ElementTree


@dataclass(frozen=True)
class Menu:
    """The caller is asked for a key or some words."""

    action: str


@dataclass(frozen=True)
class Waiting:
    """The caller waits, then asks again."""

    seconds: float
    redirect: str


@dataclass(frozen=True)
class Conference:
    """The caller joins a conference with the agent."""

    name: str
    callback: str
    after: str | None


@dataclass(frozen=True)
class Recorder:
    """The caller may leave a message."""

    action: str


@dataclass(frozen=True)
class Goodbye:
    """The call ends."""


Heard = Menu | Waiting | Conference | Recorder | Goodbye


def heard(document: str) -> Heard:
    """The caller's next step. Raises ValueError if the document is not TwiML or holds no next step."""
    try:
        response = ElementTree.fromstring(document)  # noqa: S314 - from the instance that we play against
    except ElementTree.ParseError as error:
        raise ValueError(f"not TwiML: {document[:200]}") from error
    if (gather := response.find("Gather")) is not None:
        return Menu(gather.attrib["action"])
    if (dial := response.find("Dial")) is not None and (conference := dial.find("Conference")) is not None:
        return Conference(conference.text or "", conference.attrib["statusCallback"], dial.attrib.get("action"))
    if (recorder := response.find("Record")) is not None:
        return Recorder(recorder.attrib["action"])
    if (redirect := response.find("Redirect")) is not None:
        pause = response.find("Pause")
        return Waiting(float(pause.attrib["length"]) if pause is not None else 0.0, redirect.text or "")
    if response.find("Hangup") is not None:
        return Goodbye()
    raise ValueError(f"nothing comes next: {document[:200]}")
