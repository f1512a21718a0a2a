"""Turns HTML into plain text, as a mail program would show it."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import nh3

from canaux.clean_text import clean, without_blank_runs

LONGEST_HTML_CHARACTERS = 120_000

_BLOCKS = frozenset(
    {"p", "div", "tr", "li", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "blockquote", "hr"}
)
_SPACES = frozenset({"span", "font", "center", "section", "article", "main", "header", "footer"})  # what may be hidden
_VOID = frozenset({"br", "hr", "img"})
_KEPT = _BLOCKS | _SPACES | _VOID | {"a", "td", "th"}
_NEVER_SHOWN = {"script", "style", "title", "template", "noscript"}
_MOST_QUOTE_MARKS = 5
_DEEPEST_TAG = 60  # what is nested takes time like the square of its depth
_END_IS_OPTIONAL = frozenset({"p", "li", "td", "th", "tr", "dt", "dd", "option", "br", "hr", "img", "input", "meta"})
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,30})")
_DATA = re.compile(r"""(["'])data:[^"'<>]*\1""")
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|(?:font-size|opacity)\s*:\s*0(?![.\d])|"
    r"^(?=.{0,500}overflow\s*:\s*hidden).{0,500}?(?<![-\w])(?:max-)?height\s*:\s*0(?![.\d])",
    re.IGNORECASE,
)
_PREFORMATTED = re.compile(r"white-space\s*:\s*pre", re.I)


def html_to_text(html: str) -> str:
    """Readable plain text of an HTML message; quotes keep their `>`, links their address."""
    sanitised = nh3.clean(
        _flattened(_DATA.sub('""', html[:LONGEST_HTML_CHARACTERS])),
        tags=set(_KEPT),
        clean_content_tags=_NEVER_SHOWN,
        attributes={"*": {"style", "hidden"}, "a": {"href"}, "img": {"alt"}},
        link_rel=None,
    )
    return _read(sanitised, show_hidden=False) or _read(sanitised, show_hidden=True)


def _read(html: str, *, show_hidden: bool) -> str:
    reader = _PlainText(show_hidden=show_hidden)
    reader.feed(html)
    reader.close()
    lines = reader.text().split("\n")
    return without_blank_runs(
        clean("\n".join(line.rstrip() if reader.preformatted else line.strip() for line in lines))
    )


def _flattened(html: str) -> str:
    """The same HTML with line breaks in place of tags that are nested too deeply."""
    open_tags: list[str] = []

    def flat(tag: re.Match[str]) -> str:
        name = tag[2].lower()
        if name in _END_IS_OPTIONAL:
            return tag[0]
        if tag[1]:
            if name not in open_tags:
                return tag[0]
            while open_tags.pop() != name:
                pass
            return tag[0]
        if len(open_tags) >= _DEEPEST_TAG:
            return "<br"
        open_tags.append(name)
        return tag[0]

    return _TAG.sub(flat, html)


class _PlainText(HTMLParser):
    """Sanitised HTML to lines."""

    def __init__(self, *, show_hidden: bool) -> None:
        super().__init__(convert_charrefs=True)
        self.preformatted = False  # whether some of it was
        self._show_hidden = show_hidden
        self._parts: list[str] = []
        self._open: list[tuple[str, bool, bool]] = []  # tag, hidden, preformatted: each for what is within it
        self._quotes = 0
        self._href: str | None = None
        self._linked = ""

    def text(self) -> str:
        return "".join(self._parts)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        style = said.get("style") or ""
        hidden = self._hidden or (not self._show_hidden and ("hidden" in said or bool(_HIDDEN.search(style))))
        if tag not in _VOID:
            as_it_is = self._as_it_is or tag == "pre" or bool(_PREFORMATTED.search(style))
            self._open.append((tag, hidden, as_it_is))
            self.preformatted = self.preformatted or as_it_is
        if hidden:
            return
        if tag == "blockquote":
            self._quotes += 1
        if tag == "a":
            self._href, self._linked = said.get("href"), ""
        if tag == "img" and self._href:
            self._say(" ".join((said.get("alt") or "").split()))
        if tag in _BLOCKS or tag == "br":
            self._new_line()
        if tag == "li":
            self._parts.append("- ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID or not self._open:
            return
        _, hidden, _ = self._open.pop()
        if hidden:
            return
        if tag == "blockquote":
            self._quotes = max(0, self._quotes - 1)
        if tag == "a":
            self._end_link()
        if tag in ("td", "th"):
            self._parts.append(" ")
        if tag in _BLOCKS:
            self._new_line()

    def handle_data(self, data: str) -> None:
        if self._hidden:
            return
        if self._as_it_is:
            first, *more = data.split("\n")
            self._say(first)
            for line in more:
                self._new_line()
                self._say(line)
            return
        words = " ".join(data.split())
        if not words:
            words = " " if data else ""
        else:
            words = (" " if data[0].isspace() else "") + words + (" " if data[-1].isspace() else "")
        self._say(words)

    @property
    def _hidden(self) -> bool:
        return bool(self._open) and self._open[-1][1]

    @property
    def _as_it_is(self) -> bool:
        return bool(self._open) and self._open[-1][2]

    def _say(self, words: str) -> None:
        if self._href:
            self._linked += words
        self._parts.append(words)

    def _end_link(self) -> None:
        linked = self._linked.strip()
        if self._href and (not linked or linked not in self._href):
            self._parts.append(f" ({self._href})")
        self._href = None

    def _new_line(self) -> None:
        self._parts.append("\n" + "> " * min(self._quotes, _MOST_QUOTE_MARKS))
