"""Splits a raw message into its parts, and changes no byte of them.

The standard library's parser drops what it does not expect and writes attached messages anew; this one keeps slices of
what came, goes on after what is malformed, and does a bounded work.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from canaux.email.incoming.decoding import base64_bytes
from canaux.email.incoming.parameters import Value, read_value

LONGEST_HEADER_CHARACTERS = 20_000
LONGEST_HEAD_BYTES = 1_000_000  # all headers together; what follows is passed over
LONGEST_FORM_HEAD_BYTES = 10_000  # the same of one part of a form, which is read while others wait
MOST_HEADERS = 2_000
MOST_HEAD_LINES = 20_000
MOST_PARTS = 250  # containers among them
MOST_FILE_PARTS = 200  # of those: however many files there are, a text is found
DEEPEST_PART = 30
_MOST_DELIMITERS = 10_000

_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_HEADER = re.compile(rb"([!-9;-~]{1,200})[ \t]*:(.*)", re.DOTALL)
_MAILBOX_LINE = re.compile(rb">?From ")
_END_OF_HEAD = re.compile(rb"\r?\n[ \t]*\r?\n")
_LINE_END = re.compile(rb"\r?\n")
_KNOWN = re.compile(
    rb"(?:from|to|cc|bcc|subject|date|message-id|mime-version|content-[a-z-]+|received|return-path|reply-to|sender|"
    rb"in-reply-to|references|delivered-to|list-[a-z-]+|x-[a-z0-9-]+|dkim-signature|auto-submitted|precedence)[ \t]*:",
    re.IGNORECASE,
)
_SOME_DELIMITER = re.compile(rb"^--(?!-)([^\r\n]{0,69}[^\s])[ \t]*+\r?$", re.MULTILINE)


@dataclass
class Part:
    """A message or a part of one: its headers unfolded, its body as it came, the parts within it."""

    headers: list[tuple[str, str]]
    body: bytes
    parts: list[Part] = field(default_factory=list)
    readable: bool = True  # False: it says that it has parts, and none could be found; or there were too many

    def value(self, name: str) -> Value:
        """The value of a header that has parameters; an empty value if the header is missing."""
        wanted = name.lower()
        return read_value(next((value for key, value in self.headers if key.lower() == wanted), ""))

    @property
    def kind(self) -> str:
        """The content type; `text/plain` if it is missing or cannot be read."""
        said = self.value("Content-Type").word.lower()
        if re.fullmatch(r"multipart\W?", said):
            return "multipart/mixed"
        return said if re.fullmatch(r"[a-z0-9.+_-]{1,60}/[a-z0-9.+_-]{1,60}", said) else "text/plain"

    @property
    def is_attached(self) -> bool:
        """Whether it says that it is a file that goes with the message."""
        return self.value("Content-Disposition").word.lower() == "attachment"

    def walk(self) -> Iterator[Part]:
        """This part and all within it, in their order."""
        waiting = [self]
        while waiting:
            part = waiting.pop()
            yield part
            waiting.extend(reversed(part.parts))


def parse(raw: bytes) -> Part:
    """The message in these bytes. Never raises: bytes without any header are a body."""
    if b"\n" not in raw[:LONGEST_HEAD_BYTES] and b"\r" in raw:
        raw = raw.replace(b"\r", b"\n")  # as some old programs end their lines
    root = parse_head(_without_marks(raw))
    if not root.kind.startswith("multipart/") and _has_unsaid_parts(root):
        root.headers.insert(0, ("Content-Type", "multipart/mixed"))
    _split(root, 0, _Budget())
    return root


class _Budget:
    """How many more parts of a message are taken."""

    def __init__(self) -> None:
        self._parts = MOST_PARTS - 1  # the message is one
        self._files = MOST_FILE_PARTS

    @property
    def spent(self) -> bool:
        return self._parts == 0

    def takes(self, part: Part) -> bool:
        """Whether this part is taken; then it is counted."""
        is_file = not part.kind.startswith(("multipart/", "text/")) or part.is_attached
        if self.spent or (is_file and self._files == 0):
            return False
        self._parts -= 1
        self._files -= is_file
        return True


def _has_unsaid_parts(root: Part) -> bool:
    """Whether a message that says it has no parts, or says nothing, begins with a part all the same."""
    said = [value for name, value in root.headers if name.lower() == "content-type"]
    silent = not said or any("boundary" in value.lower() for value in said)
    return silent and root.body.lstrip()[:2] == b"--" and bool(_likely_boundary(root.body))


def parse_head(raw: bytes, longest_bytes: int = LONGEST_HEAD_BYTES) -> Part:
    """The headers in these bytes, as far as `longest_bytes`, and the rest as the body."""
    first = _LINE_END.match(raw)
    if first:
        return Part([], raw[first.end() :])
    end = _END_OF_HEAD.search(raw, 0, longest_bytes)
    late = None if end else _END_OF_HEAD.search(raw, longest_bytes)
    head = raw[: end.start() if end else longest_bytes]
    ending = end or late
    body = raw[ending.end() :] if ending else b""
    headers: list[tuple[str, list[bytes]]] = []
    length = 0  # of the last header
    at = 0
    lines = _LINE_END.split(head, MOST_HEAD_LINES)[:MOST_HEAD_LINES]
    for number, line in enumerate(lines):
        start, at = at, at + len(line) + (2 if head[at + len(line) : at + len(line) + 2] == b"\r\n" else 1)
        found = _HEADER.fullmatch(line)
        if line[:1] in (b" ", b"\t") and headers:
            if length < LONGEST_HEADER_CHARACTERS:
                headers[-1][1].append(line.strip())
                length += 1 + len(line)
        elif found:
            length = LONGEST_HEADER_CHARACTERS
            if len(headers) < MOST_HEADERS:
                headers.append((found[1].decode("ascii"), [found[2].strip()]))
                length = len(found[2])
        elif not line.startswith(b":") and not _goes_on(lines[number : number + 6]):
            body = raw[start:]  # the text began without an empty line
            break
    return Part([(name, _unfolded(pieces)) for name, pieces in headers], body)


def _unfolded(pieces: list[bytes]) -> str:
    return b" ".join(pieces)[:LONGEST_HEADER_CHARACTERS].decode("ascii", "surrogateescape")


def _goes_on(lines: list[bytes]) -> bool:
    """Whether more headers follow this line, which is not a header itself."""
    return any(_KNOWN.match(line) for line in lines[1:])


def _without_marks(raw: bytes) -> bytes:
    start = raw[:1000]
    for mark in _MARKS:
        start = start.removeprefix(mark)
    stripped = start.lstrip(b"\r\n")
    return stripped + raw[1000:] if _HEADER.match(stripped) or _MAILBOX_LINE.match(stripped) else raw


def parts_between(body: bytes, boundary: bytes, most: int) -> list[Part]:
    """The parts between these delimiters of a form, not more than `most`; none where no delimiter stands in it."""
    found = [(after, end) for after, end, closing in _slices(body, _delimiters(body, boundary)) if not closing]
    return [parse_head(body[after:end], LONGEST_FORM_HEAD_BYTES) for after, end in found[:most]]


def _split(part: Part, depth: int, budget: _Budget) -> None:
    """Fill in the parts of a container, and those of the containers in it, each before what follows it."""
    if not part.kind.startswith("multipart/"):
        return
    if depth == DEEPEST_PART or budget.spent:
        part.readable = False
        return
    said = part.value("Content-Type").parameters.get("boundary", "")
    boundary = said.rstrip().encode("utf-8", "surrogateescape")
    delimiters = _delimiters(part.body, boundary) if boundary else []
    if not delimiters:
        if part.value("Content-Transfer-Encoding").word.lower() == "base64":  # which a container must not be
            part.body = base64_bytes(part.body)
        boundary = _likely_boundary(part.body)
        delimiters = _delimiters(part.body, boundary) if boundary else []
    if not delimiters:
        part.readable = False
        return
    container: Part | None = None
    for after, end, closing in _slices(part.body, delimiters):
        if closing and container is not None:
            container = None
            continue
        body = part.body[after:end]
        if closing and (end == len(part.body) or not body.strip()):
            continue
        if budget.spent:
            part.readable = False
            return
        inner = parse_head(body)
        if part.kind == "multipart/digest" and not inner.value("Content-Type").word:
            inner.headers.append(("Content-Type", "message/rfc822"))  # what a digest's parts are, unsaid
        if not budget.takes(inner):
            part.readable = False
            continue
        outer, inner_depth = (part, depth + 1) if container is None else (container, depth + 2)
        outer.parts.append(inner)
        outer.readable = outer.readable or outer is container
        if inner.kind.startswith("multipart/") and not inner.body.strip() and _same_boundary(inner, boundary):
            container = inner  # a program used one boundary twice, outside and inside
            container.readable = False  # until a part of it follows
        else:
            _split(inner, inner_depth, budget)


def _slices(body: bytes, delimiters: list[tuple[int, int, bool]]) -> Iterator[tuple[int, int, bool]]:
    """Where what follows each delimiter begins and ends, and whether the delimiter closes."""
    ends = [*(start for start, _, _ in delimiters), len(body)][1:]
    for (_, after, closing), end in zip(delimiters, ends, strict=True):
        yield after, end, closing


def _same_boundary(part: Part, boundary: bytes) -> bool:
    return part.value("Content-Type").parameters.get("boundary", "").encode("utf-8", "surrogateescape") == boundary


def _delimiters(body: bytes, boundary: bytes) -> list[tuple[int, int, bool]]:
    """Where each delimiter begins (with the line end before it) and ends, and whether it closes."""
    mark = b"--" + boundary
    found: list[tuple[int, int, bool]] = []
    at = body.find(mark)
    for _ in range(_MOST_DELIMITERS):
        if at < 0:
            break
        line_end = body.find(b"\n", at)
        line_end = len(body) if line_end < 0 else line_end
        rest = body[at + len(mark) : min(line_end, at + len(mark) + 200)].strip()
        if (at == 0 or body[at - 1 : at] == b"\n") and rest in (b"", b"--"):
            start = at - 2 if body[at - 2 : at] == b"\r\n" else max(0, at - 1)
            found.append((start, min(line_end + 1, len(body)), rest == b"--"))
        at = body.find(mark, at + len(mark))
    return found


def _likely_boundary(body: bytes) -> bytes:
    """The boundary that the body uses if it is not the announced one; empty if it uses none."""
    for line in _SOME_DELIMITER.finditer(body, 0, LONGEST_HEAD_BYTES):
        boundary = line[1].removesuffix(b"--")
        after = body[line.end() : line.end() + 200].lstrip(b"\r\n").lower()
        if boundary and after.startswith(b"content-"):
            return boundary
    return b""
