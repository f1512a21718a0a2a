"""Removes from an answer the history that a mail program quoted, and keeps all words of the person."""

from __future__ import annotations

import re
from collections.abc import Sequence

from canaux.clean_text import clean, without_blank_runs

LONGEST_LINE_CHARACTERS = 400  # of a line that may be one of the history's own
_MOST_LINES_OF_A_GREETING = 4
_HEADERS_SOUGHT = 12

_FORWARDED = ("fwd:", "fw:", "tr:", "i:")
_ANSWERED = ("re:", "ré:", "aw:", "rép:", "rep:", "réf:", "antw:", "sv:")

_GREETING_BEGINS = re.compile(r"(?:le|on|el|am|il|op|em|den|w dniu|sur|a|at)\s", re.IGNORECASE)
_WROTE = re.compile(
    r"\b(?:a\s+écrit|wrote|escribió|escreveu|schrieb|schreef|ha scritto|a scris|skrev|napisał|napsal|napísal|"
    r"kirjoitti|ezt írta|şunu yazdı|написал|пишет|έγραψε|đã viết|كتب)|写道|寫道|님이 작성",
    re.IGNORECASE,
)
_ENDS = re.compile(r"[:：]$")
_WROTE_AT_END = re.compile(rf"(?:{_WROTE.pattern})(?:\(a\))?\s*[:：]?$", re.IGNORECASE)
_A_DATE = re.compile(r"\b(?:19|20)\d\d(?!\d)|\b\d{1,2}[/.-]\s?\d{1,2}[/.-]\s?\d{2,4}\b|\b\d{1,2}\s*[:h]\s*\d\d\b")
_A_TIME = re.compile(r"\b\d{1,2}\s*[:.h]\s*\d\d\b")
_BEGINS_WITH_A_DATE = re.compile(r"(?:19|20)\d\d[-/.]\d")
_A_MAILBOX = re.compile(r"[<(][^<>()@\s]+@[^<>()@\s]+[)>]")
_SEPARATOR = re.compile(
    r"[-_*\s]{2,}(?:message d['’ ]?\s?origine|message original|message initial|mail original|courriel original|"
    r"original message|original mail|ursprüngliche nachricht|mensaje original|mensagem original|messaggio originale|"
    r"oorspronkelijk bericht|oprindelig meddelelse|opprinnelig melding|ursprungligt meddelande|oryginalna wiadomość|"
    r"исходное сообщение)\s*[-_*]*$",
    re.IGNORECASE,
)
_FORWARD = re.compile(
    r"[-_*\s]{2,}(?:forwarded message|(?:message|mail|courriel) (?:transféré|transmis|réexpédié)|mensaje reenviado|"
    r"weitergeleitete nachricht|messaggio inoltrato|mensagem encaminhada|doorgestuurd bericht)\s*[-_*]*$|"
    r"(?:début du message (?:réexpédié|transféré)|begin forwarded message|anfang der weitergeleiteten nachricht)\s*:$",
    re.IGNORECASE,
)
_MESSAGE_OF = re.compile(r"message du\s*:?\s*\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}\b", re.IGNORECASE)
_RULE = re.compile(r"[_-]{20,}$")
_HEADER = re.compile(
    r"\*{0,2}(?P<name>de|from|expéditeur|von|da|van|från|fra|od|от|"
    r"envoyé(?: le| par)?|sent|date|gesendet|datum|enviado(?: el| em)?|fecha|data|inviato|verzonden|skickat|sendt|"
    r"wysłano|отправлено|дата|"
    r"à|a|to|destinataire|an|para|aan|till|til|do|кому|cc|copie(?: à)?|"
    r"objet|subject|sujet|betreff|asunto|assunto|oggetto|onderwerp|ämne|emne|temat|тема|"
    r"répondre à|reply-to)\*{0,2}\s?:\*{0,2}\s*(?P<value>.*)$",
    re.IGNORECASE,
)
_FROM = frozenset({"de", "from", "expéditeur", "von", "da", "van", "från", "fra", "od", "от"})
_WHEN = frozenset(
    {
        *("envoyé", "envoyé le", "sent", "date", "gesendet", "datum", "enviado", "enviado el", "enviado em", "fecha"),
        *("data", "inviato", "verzonden", "skickat", "sendt", "wysłano", "отправлено", "дата"),
    }
)
_ABOUT = frozenset(
    {
        *("objet", "subject", "sujet", "betreff", "asunto", "assunto", "oggetto", "onderwerp", "ämne", "emne"),
        *("temat", "тема"),
    }
)


def is_answer(subject: str, answered: Sequence[str]) -> bool:
    """Whether the quoted text is history; in a forwarded message it is what the person wants to be read."""
    start = subject.lower().replace(" ", "")
    return not start.startswith(_FORWARDED) and (bool(answered) or start.startswith(_ANSWERED))


def newest_words(text: str) -> str:
    """The text without the quoted history; the whole text if nothing else would be left.

    A line that is not quoted goes only below a heading of the history that has no quote marks, and only where the
    person wrote something above it. Quotes between the person's own lines stay: they are answered there.
    """
    lines = [
        " ".join(line.split()) if len(line) > LONGEST_LINE_CHARACTERS else line.rstrip() for line in text.split("\n")
    ]
    kept = _without_history(lines)
    return without_blank_runs(clean("\n".join(_without_outer_quotes(kept)))) or text


_Line = tuple[str, bool]  # a line, and whether it heads a history


def _without_history(lines: list[str]) -> list[_Line]:
    """The lines that are not below a heading without quote marks; each with a flag: it is such a heading."""
    kept: list[_Line] = []
    at = 0
    while at < len(lines):
        if _FORWARD.match(lines[at].strip()):  # what somebody sends on is to be read
            return kept + [(line, False) for line in lines[at:]]
        length = _heading(lines, at)
        if not length:
            kept.append((lines[at], False))
            at += 1
            continue
        below = at + length
        following = next((line for line in lines[below : below + 50] if line.strip()), "")
        own = any(line.strip() and not heads and not _is_quoted(line) for line, heads in kept)
        if not _is_quoted(following):
            if own and following:
                break
            if not own:  # what was written cannot be told from what was quoted
                kept.extend((line, False) for line in lines[at:])
                break
        kept.extend((line, True) for line in lines[at:below])
        at = below
    return kept


def _heading(lines: list[str], at: int) -> int:
    """The number of lines of the history's heading that begins at this line; 0 if none begins here."""
    line = lines[at].strip()
    if not line or len(line) > LONGEST_LINE_CHARACTERS or _is_quoted(line):
        return 0
    if greeting := _greeting(lines, at):
        return greeting
    if _SEPARATOR.match(line):
        return 1 + _headers(lines, at + 1)
    if _MESSAGE_OF.match(line):
        block = _headers(lines, at + 1)
        return 1 + block if block else 0
    if _RULE.match(line):
        block = _header_block(lines, at + 1)
        return 1 + block if block else 0
    return _header_block(lines, at)


def _greeting(lines: list[str], at: int) -> int:
    """`Le 2 mars 2026 à 10:12, Mairie <..> a écrit :`, on one line or, where it begins like that, on a few."""
    first = lines[at].strip()
    named = _A_MAILBOX.search(first) and _WROTE.search(first)
    goes_on = _GREETING_BEGINS.match(first) or _BEGINS_WITH_A_DATE.match(first) or named
    most = _MOST_LINES_OF_A_GREETING if goes_on else 1
    whole = ""
    for number, line in enumerate(lines[at : at + most], 1):
        if not line.strip() or _is_quoted(line):
            return 0
        whole = f"{whole} {line.strip()}"
        if _ENDS.search(whole) or _WROTE_AT_END.search(whole):
            following = next((below for below in lines[at + number : at + number + 5] if below.strip()), "")
            short = len(whole) <= LONGEST_LINE_CHARACTERS
            return number if short and _heads(whole.strip(), quotes=_is_quoted(following)) else 0
    return 0


def _heads(line: str, *, quotes: bool) -> bool:
    """Whether this line says who wrote what follows, in whatever language, and not a person's own words.

    Before a quote less is asked for, since nothing but this line can go by mistake.
    """
    date, wrote, mailbox = _A_DATE.search(line), _WROTE.search(line), _A_MAILBOX.search(line)
    if not quotes:
        known = bool(_GREETING_BEGINS.match(line) and date and wrote and date.start() < wrote.start())
        return bool(wrote and date and mailbox) or known
    return bool(
        (date and (wrote or mailbox or _A_TIME.search(line))) or (wrote and (mailbox or _WROTE_AT_END.search(line)))
    )


def _headers(lines: list[str], at: int) -> int:
    """The number of lines from here on that are headers of the quoted message, with the empty lines before them."""
    count = 0
    for number, line in enumerate(lines[at : at + _HEADERS_SOUGHT], 1):
        if _HEADER.match(line.strip()):
            count = number
        elif line.strip() and not line[:1].isspace():
            break
    return count


def _header_block(lines: list[str], at: int) -> int:
    """The same count where no heading announces a message: the headers must then include those of a message."""
    length = _headers(lines, at)
    found = [header for line in lines[at : at + length] if (header := _HEADER.match(line.strip()))]
    named = {header["name"].lower(): header["value"] for header in found}
    names = set(named)
    when = " ".join(named[name] for name in _WHEN & names)
    if not names & _FROM or next(iter(named)) not in _FROM | _WHEN | _ABOUT:
        return 0
    dated = bool(re.search(r"\b(?:19|20)\d\d\b", when))
    mailbox = any("@" in value for value in named.values())
    return length if len(names) >= 3 and dated and (names & _ABOUT or mailbox) else 0


def _is_quoted(line: str) -> bool:
    return line.lstrip().startswith((">", "|>"))


def _without_outer_quotes(lines: list[_Line]) -> list[str]:
    """The lines without headings, and without the quotes before and after all words of the person.

    A quote at the end goes (a signature may stand below it), and one at the beginning that has a heading.
    """
    own = [number for number, (line, heads) in enumerate(lines) if line.strip() and not heads and not _is_quoted(line)]
    if not own:
        return []
    signature = next((number for number in own if lines[number][0].rstrip() in ("--", "-- ")), len(lines))
    words = [number for number in own if number < signature]
    first, last = (words[0], words[-1]) if words else (own[0], own[-1])
    headed = any(heads for _, heads in lines[:first])
    blocks = sum(
        _is_quoted(line) and (number == 0 or not _is_quoted(lines[number - 1][0]))
        for number, (line, _) in enumerate(lines[:last])
    )
    kept = []
    for number, (line, heads) in enumerate(lines):
        outer = number > last or (number < first and headed and blocks == 1)
        if not heads and not (outer and _is_quoted(line)):
            kept.append(line)
    return kept
