"""What a person wrote in an e-mail: HTML made plain, the quoted history taken off."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html.parser import HTMLParser

import nh3
from mailparser_reply import EmailMessage

from canaux.clean_text import clean, without_blank_runs

_BLOCKS = frozenset(
    {"p", "div", "tr", "li", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "blockquote", "hr"}
)
_KEPT = _BLOCKS | {"br", "a", "td", "th"}
LONGEST_HTML_CHARACTERS = 120_000  # what is nested takes time like the square of its length
_MOST_QUOTE_MARKS = 5
_PARSED_CHARACTERS = 5_000
_FORWARDED = ("fwd:", "fw:", "tr:", "i:")
_ANSWERED = ("re:", "ré:", "aw:")
_RULE = re.compile(r"([^\n])\n\n[_-]{32,}")
# The library tidies its text by a call that Python deprecates from 3.13 on; `newest_words` tidies it beforehand.
_TidyMessage = type("_TidyMessage", (EmailMessage,), {"_normalize_text": lambda message: None})


def html_to_text(html: str) -> str:
    """Readable plain text of an HTML message; quotes keep their `>`, links their address."""
    reader = _PlainText()
    reader.feed(nh3.clean(html[:LONGEST_HTML_CHARACTERS], tags=set(_KEPT), attributes={"a": {"href"}}, link_rel=None))
    reader.close()
    return without_blank_runs(clean("\n".join(line.strip() for line in reader.text().split("\n"))))


class _PlainText(HTMLParser):
    """Sanitised HTML to lines."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._parts: list[str] = []
        self._quotes = 0
        self._href: str | None = None
        self._linked = ""

    def text(self) -> str:
        return "".join(self._parts)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "blockquote":
            self._quotes += 1
        if tag == "a":
            self._href, self._linked = dict(attrs).get("href"), ""
        if tag in _BLOCKS or tag == "br":
            self._new_line()
        if tag == "li":
            self._parts.append("- ")

    def handle_endtag(self, tag: str) -> None:
        if tag == "blockquote":
            self._quotes = max(0, self._quotes - 1)
        if tag == "a" and self._href and self._linked.strip() not in self._href:
            self._parts.append(f" ({self._href})")
        if tag == "a":
            self._href = None
        if tag in ("td", "th"):
            self._parts.append(" ")
        if tag in _BLOCKS:
            self._new_line()

    def handle_data(self, data: str) -> None:
        words = " ".join(data.split())
        if not words:
            words = " " if data else ""
        else:
            words = (" " if data[0].isspace() else "") + words + (" " if data[-1].isspace() else "")
        if self._href:
            self._linked += words
        self._parts.append(words)

    def _new_line(self) -> None:
        self._parts.append("\n" + "> " * min(self._quotes, _MOST_QUOTE_MARKS))


def newest_words(text: str) -> str:
    """The text without the history quoted below it; the whole where nothing would be left."""
    # The reply parser's patterns take time like the square or cube of the text, minutes for 50,000 empty lines:
    # runs of white space go first, and only the beginning is looked at, where the newest words end.
    lines = without_blank_runs("\n".join(" ".join(line.split()) for line in text.split("\n")))
    head = lines[:_PARSED_CHARACTERS]
    message = _TidyMessage(text=_RULE.sub(r"\1\n", head), languages=["fr", "en"])
    newest = message.read().latest_reply or ""
    if len(newest) >= len(head.strip()):
        newest = lines
    return clean("\n".join(_without_trailing_quote(newest))) or text


def is_answer(subject: str, answered: Sequence[str]) -> bool:
    """Whether the quoted text is history; in a forwarded message it is what the person wants to be read."""
    start = subject.lower().replace(" ", "")
    return not start.startswith(_FORWARDED) and (bool(answered) or start.startswith(_ANSWERED))


def _without_trailing_quote(text: str) -> list[str]:
    """The lines without the quote at their end; quotes between a person's own lines stay: they are answered there."""
    lines = text.split("\n")
    while lines and (not lines[-1].strip() or lines[-1].startswith(">")):
        lines.pop()
    return lines
