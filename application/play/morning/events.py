"""What can happen during the morning. Times are seconds of the town hall's morning, not of the clock on the wall."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from application.play.morning.people import Person
from competences.channels import Channel


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """Somebody turns up, about a topic that they may or may not say. `twice`: their provider tells us of it twice."""

    at: float
    person: Person
    topic: str
    twice: bool = False

    @property
    def channel(self) -> Channel:
        raise NotImplementedError


@dataclass(frozen=True)
class MenuStep:
    """What a caller does when the menu has been read to them: a key, some words, or nothing. After `after` seconds."""

    after: float
    digit: str | None = None
    words: str | None = None


class CallEnd(StrEnum):
    """How a call ends, if it is up to the caller."""

    IN_MENU = "in-menu"
    WHILE_WAITING = "while-waiting"
    AFTER_ANSWER = "after-answer"


@dataclass(frozen=True, kw_only=True)
class Call(Arrival):
    """A call. Who waits longer than `patience` hangs up; who is answered talks for `talk` seconds."""

    menu: tuple[MenuStep, ...]
    end: CallEnd
    patience: float
    talk: float
    caller_hangs_up: bool = False
    leaves_message: bool = False

    @property
    def channel(self) -> Channel:
        return Channel.VOICE


class Post(StrEnum):
    """How an e-mail reaches us."""

    MIME = "mime"
    SENDGRID = "sendgrid"


class Enclosure(StrEnum):
    """What is attached to an e-mail."""

    PDF = "pdf"
    PHOTO = "photo"


@dataclass(frozen=True, kw_only=True)
class Email(Arrival):
    """An e-mail; `then` is a second one in the same thread, after so many seconds."""

    subject: str
    body: str
    enclosures: tuple[Enclosure, ...] = ()
    post: Post = Post.MIME
    automatic: bool = False
    then: tuple[float, str] | None = None

    @property
    def channel(self) -> Channel:
        return Channel.EMAIL


@dataclass(frozen=True, kw_only=True)
class Text(Arrival):
    """An SMS or a WhatsApp message; `then` are more of them in the same conversation, each after so many seconds."""

    body: str
    whatsapp: bool = False
    photo: bool = False
    then: tuple[tuple[float, str], ...] = ()

    @property
    def channel(self) -> Channel:
        return Channel.MESSAGING


@dataclass(frozen=True, kw_only=True)
class Visit(Arrival):
    """A chat. Once an agent has spoken, the visitor says each of `answers` in turn; none means that they went silent.

    `leaves_after`: they close the window when nobody came for so long.
    """

    body: str
    says_topic: bool
    answers: tuple[str, ...] = ()
    leaves_after: float | None = None

    @property
    def channel(self) -> Channel:
        return Channel.CHAT


@dataclass(frozen=True, kw_only=True)
class WalkIn(Arrival):
    """Somebody at the counter, typed in by the person at the door."""

    body: str

    @property
    def channel(self) -> Channel:
        return Channel.WALKIN
