"""The events of a morning. Times are seconds of the town hall's morning, not of real time."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from application.play.morning.people import Person
from competences.channels import Channel


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """A person arrives, about a topic that they may or may not name. `twice`: their provider announces it twice."""

    at: float
    person: Person
    topic: str
    twice: bool = False

    @property
    def channel(self) -> Channel:
        raise NotImplementedError


@dataclass(frozen=True)
class MenuStep:
    """A caller's answer to the menu, after `after` seconds: a key, some words, or nothing."""

    after: float
    digit: str | None = None
    words: str | None = None


class CallEnd(StrEnum):
    """The moment at which a caller ends the call, unless the agent does."""

    IN_MENU = "in-menu"
    WHILE_WAITING = "while-waiting"
    AFTER_ANSWER = "after-answer"


@dataclass(frozen=True, kw_only=True)
class Call(Arrival):
    """A call. The caller hangs up after waiting `patience` seconds; once answered, they talk for `talk` seconds."""

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
    """The way by which an e-mail reaches us."""

    MIME = "mime"
    SENDGRID = "sendgrid"


class Enclosure(StrEnum):
    """A file attached to an e-mail."""

    PDF = "pdf"
    PHOTO = "photo"


@dataclass(frozen=True, kw_only=True)
class Email(Arrival):
    """An e-mail; `then` is a second one in the same thread: the seconds after which it comes, and its text."""

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
    """An SMS or a WhatsApp message; `then` are more of them: the seconds after the one before, and the text."""

    body: str
    whatsapp: bool = False
    photo: bool = False
    then: tuple[tuple[float, str], ...] = ()

    @property
    def channel(self) -> Channel:
        return Channel.MESSAGING


@dataclass(frozen=True, kw_only=True)
class Visit(Arrival):
    """A chat. After each message of the agent, the visitor says the next of `answers`; without any, they stay silent.

    `leaves_after`: the seconds after which they close the window if nobody has come.
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
