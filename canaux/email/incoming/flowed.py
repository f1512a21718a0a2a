"""Joins the lines that a mail program broke (`format=flowed`, RFC 3676)."""

from __future__ import annotations

from collections.abc import Mapping


def unflowed(text: str, parameters: Mapping[str, str]) -> str:
    """`text` with one line per paragraph if these parameters of its type say `format=flowed`; else unchanged."""
    if parameters.get("format", "").lower() != "flowed":
        return text
    without_space = parameters.get("delsp", "").lower() == "yes"
    joined: list[str] = []
    flows: int | None = None  # the depth of quotes of a line that goes on
    for line in text.replace("\r\n", "\n").split("\n"):
        depth = len(line) - len(line.lstrip(">"))
        words = line[depth:].removeprefix(" ")
        if flows == depth and words != "-- ":
            joined[-1] += words
        else:
            joined.append(">" * depth + (" " if depth else "") + words)
        flows = None
        if words.endswith(" ") and words != "-- ":
            flows = depth
            if without_space:
                joined[-1] = joined[-1][:-1]
    return "\n".join(joined)
