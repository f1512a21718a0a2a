"""A letter's text as HTML that every mail program and screen reader can show: paragraphs, no style, nothing fetched."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from canaux.email.outgoing.quoting import Quote
from competences.translation import CATALOGUED

SIGNATURE = "-- "
"""The line between a letter and its signature, its blank included (RFC 3676, section 4.3)."""

_LINK = re.compile(r"https?://[^\s<>\"«»]+[^\s<>\"«».,;:!?)\]']")


def as_html(text: str, quoted: Quote | None, *, subject: str, language: str) -> str:
    """The text, and the question below it if it answers one, as an HTML document in this language."""
    body, _, signature = f"{text}\n".partition(f"\n{SIGNATURE}\n")
    parts = _paragraphs(body)
    if signature.strip():
        parts += ["<footer>", *_paragraphs(f"{SIGNATURE}\n{signature}"), "</footer>"]
    if quoted is not None:
        parts += [f"<p>{escape(quoted.attribution)}</p>", "<blockquote>"]
        parts += [*_paragraphs("\n".join(quoted.lines)), "</blockquote>"]
    head = [
        "<!DOCTYPE html>",
        f'<html lang="{escape(language)}">'
        if language in CATALOGUED
        else f'<html lang="{escape(language)}" dir="auto">',
        f'<head><meta charset="utf-8"><title>{escape(subject)}</title></head>',
        "<body>",
    ]
    return "\n".join([*head, *parts, "</body>", "</html>", ""])


def _paragraphs(text: str) -> list[str]:
    blocks = re.split(r"\n[ \t]*\n", text.strip("\n"))
    return [f"<p>{_lines(block.strip().split(chr(10)))}</p>" for block in blocks if block.strip()]


def _lines(lines: Sequence[str]) -> str:
    return "<br>\n".join(map(_with_links, lines))


def _with_links(line: str) -> str:
    parts, end = [], 0
    for found in _LINK.finditer(line):
        address = escape(found[0])
        parts += [escape(line[end : found.start()]), f'<a href="{address}">{address}</a>']
        end = found.end()
    return "".join([*parts, escape(line[end:])])
