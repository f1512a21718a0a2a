"""Removes from an answer the history that a mail program quoted, and keeps all words of the person."""

from __future__ import annotations

import re
from collections.abc import Sequence

from canaux.clean_text import clean, without_blank_runs

LONGEST_LINE_CHARACTERS = 400  # of a line that may be one of the history's own
_MOST_LINES_OF_A_GREETING = 4
_HEADERS_SOUGHT = 12
_DIRECTIONS = re.compile(r"[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Marks that a mail program sets around names in a heading that is written from right to left."""

_FORWARDED = frozenset(
    {
        *(
            "fwd",
            "fw",
            "forward",
            "tr",
            "transf",
            "transféré",
            "transfert",
            "réexp",
            "i",
            "wg",
            "rv",
            "enc",
            "vs",
            "vb",
        ),
        *("pd", "vl", "doorst", "fs", "ilt", "tovább", "továbbítás", "trs", "πρθ", "пересл", "转发", "轉寄"),
    }
)
_ANSWERED = frozenset({"re", "ré", "aw", "rép", "rep", "réf", "antw", "sv"})
_SUBJECT_PREFIX = re.compile(
    r"\s*(?:\[[^\[\]]{0,60}\]\s*)*([^\W\d_]{1,12})\s*(?:\[\d{1,3}\]|\(\d{1,3}\)|\^\d{1,3})?\s*[:：]"
)
_MOST_PREFIXES = 20

_GREETING_BEGINS = re.compile(r"(?:בתאריך|ב-|في|le|on|el|am|il|op|em|den|w dniu|sur|a|at)\s", re.IGNORECASE)
_WROTE = re.compile(
    r"\b(?:a\s+écrit|avez\s+écrit|pisze|schrijft|írta|wrote|escribió|escreveu|schrieb|schreef|ha scritto|a scris|skrev|"
    r"napisał|napsal|napísal|"
    r"kirjoitti|ezt írta|şunu yazdı|написал|пишет|έγραψε|đã viết|كتبت?|כתב(?:ה|/ה|ו)?|כתב\\.ה)|写道|寫道|님이 작성",
    re.IGNORECASE,
)
_WROTE_BEFORE_THE_NAME = re.compile(r"\b(?:schrieb|schreef|skrev|escribió|escreveu|ha scritto)\b", re.IGNORECASE)
_ENDS = re.compile(r"[:：]$")
_WROTE_AT_END = re.compile(rf"(?:{_WROTE.pattern})(?:\(a\))?\s*[:：]?$", re.IGNORECASE)
_A_DATE = re.compile(r"\b(?:19|20)\d\d(?!\d)|\b\d{1,2}[/.-]\s?\d{1,2}[/.-]\s?\d{2,4}\b|\b\d{1,2}\s*[:h]\s*\d\d\b")
_A_TIME = re.compile(r"\b\d{1,2}\s*[:.h]\s*\d\d\b")
_A_TIME_WITH_SECONDS = re.compile(r"\b\d{1,2}:\d\d:\d\d\b")
_A_WEEKDAY_AND_TIME = re.compile(r"[^\W\d_]{3,}[.,]?\s.{0,40}\b(?:19|20)\d\d\b.{0,20}\b\d{1,2}[:.h]\d\d\b")
_SAYS_WHOSE = re.compile(
    r"\b(?:je|j['’]\w+|m['’]\w+|(?:nous|vous)\s+(?:a|ont)|mon|ma|mes|notre|nos|votre|vos|I|my|me|us|our|your)\b(?!\.)",
    re.I,
)  # as no mail program's heading does
_SOMEBODY = re.compile(r"(?:le|la|les|l['’]|un|une|the|a|an)\b\s*", re.IGNORECASE)
_BEGINS_WITH_A_DATE = re.compile(r"(?:19|20)\d\d[-/.]\d")
_ADDRESS = re.compile(r"[^<>()@\s]@[^<>()@\s]")
_A_MAILBOX = re.compile(r"[<(]\s?[^<>()@\s]+@[^<>()@\s]+\s?[)>]")
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
_MESSAGE_OF = re.compile(
    r"message du\s*:?\s*\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}(?:,?\s*(?:à\s*)?\d{1,2}[:.h]\d\d(?::\d\d)?)?$", re.IGNORECASE
)
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
_SENT = _WHEN - {"date", "datum", "fecha", "data", "дата", "envoyé le"}
_ABOUT = frozenset(
    {
        *("objet", "subject", "sujet", "betreff", "asunto", "assunto", "oggetto", "onderwerp", "ämne", "emne"),
        *("temat", "тема"),
    }
)
_GREETING_ALONE = re.compile(
    r"(?i:(?:re[- ]?)?(?:bonjour|bonsoir|salut|coucou|madame|monsieur|mesdames|messieurs|mme|m\.|chère?s?|"
    r"hello|hi|hey|dear|"
    r"good (?:morning|afternoon|evening)|guten (?:tag|morgen|abend)|hallo|sehr geehrter?|liebe[r]?|hola|buen[oa]s \w+|"
    r"estimad[oa]s?|ciao|buon ?giorno|buonasera|gentile|olá|bom dia|boa (?:tarde|noite)|car[oa]|beste|geachte|"
    r"hej|dzień dobry|szanown[ai]|здравствуйте|добрый день|merhaba|bună ziua|salam|azul))\b"
    r"(?:[\s,;.!/-]+(?:(?i:à|et|tous|toutes|and|all|le|la|l['’]|les|de|du|des|mairie|ville|service|équipe|team|monde|"
    r"madame|monsieur|mesdames|messieurs|maire|sir|madam)(?!\w)|[A-ZÀ-ÖØ-Þ][\w'’-]*))*+[\s,;:.!-]*$"
)
_END_OF_WORDS = re.compile(
    r"(?:(?:bien |très )?cordialement|(?:bien )?à vous|cdl?t|salutations|sincères salutations|bien sincèrement|"
    r"(?:best |kind )?regards|sincerely|mit freundlichen grüßen|mfg|saludos|cordiali saluti|atenciosamente|"
    r"met vriendelijke groet(?:en)?)[\s,.!]*$|-- ?$|(?:envoyé|téléchargé|sent|gesendet|enviado|inviato|verzonden)\s"
    r"(?:de(?:puis)?|à partir de|from|von|desde|do|da|vanaf)\s|obtenir outlook pour|get outlook for",
    re.IGNORECASE,
)
_SAYS_BELOW = re.compile(
    r"\b(?:ci[- ]?dessous|ci[- ]?après|ci[- ]?bas|plus bas|en[- ]dessous|au[- ]dessous|à la suite|"
    r"sous (?:vos|chaque|les)|entre les lignes|"
    r"dans (?:le (?:corps|texte|fil|mail|message)|votre (?:\w+ )?(?:mail|e-mail|courriel|message|texte))|"
    r"(?:en|in) (?:rouge|bleu|vert|gras|majuscules?|italique|couleur|red|blue|green|bold|capitals)|"
    r"(?:mes|ma|nos|notre|les|la) (?:réponses?|commentaires?|remarques?|annotations?|précisions?|observations?)|"
    r"(?:my|our|the) (?:answers?|repl(?:y|ies)|comments?|remarks?)|(?:je|j['’]ai|nous|vous)\s+répon\w+|"
    r"complétée?s?|remplie?s?|below|beneath|in[- ]?line|underneath|between the lines|"
    r"unten|darunter|weiter unten|abajo|debajo|abaixo|sotto|di seguito|hieronder|nedenfor|nedan|poniżej|ниже)\b",
    re.IGNORECASE,
)


def is_answer(subject: str, answered: Sequence[str]) -> bool:
    """Whether the quoted text is history; in a forwarded message it is what the person wants to be read.

    A message that was forwarded once stays so, whatever was put before its subject since.
    """
    prefixes = _prefixes(subject)
    return not prefixes & _FORWARDED and (bool(answered) or bool(prefixes & _ANSWERED))


def is_forward(subject: str) -> bool:
    """Whether the subject is that of a letter which somebody sends on."""
    return bool(_prefixes(subject) & _FORWARDED)


def is_quoted(line: str) -> bool:
    """Whether the line bears the mark of a quote; a row of a table, which ends with its mark, does not."""
    bare = line.strip()
    return bare.startswith((">", "|>")) or bare == "|" or (bare.startswith("| ") and not bare.endswith("|"))


def heads_a_message(lines: list[str], at: int) -> bool:
    """Whether a mail program announces another message from this line on."""
    return bool(_FORWARD.match(lines[at].strip()) or _heading(lines, at))


def ends_words(line: str) -> bool:
    """Whether nothing but a signature follows this line."""
    return bool(_END_OF_WORDS.match(line.strip()))


def _prefixes(subject: str) -> set[str]:
    prefixes = set()
    at = 0
    for _ in range(_MOST_PREFIXES):
        found = _SUBJECT_PREFIX.match(subject, at)
        if not found or found[1].lower() not in _FORWARDED | _ANSWERED:
            break
        prefixes.add(found[1].lower())
        at = found.end()
    return prefixes


def newest_words(text: str) -> str:
    """The text without the quoted history; the whole text if nothing else would be left.

    A line that is not quoted goes only below a heading of the history that has no quote marks, and only where the
    person wrote something above it: more than a greeting, and not that the answers stand below. Quotes between the
    person's own lines stay, since they are answered there; so does a quote that no mail program announced.
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
    bare = [_DIRECTIONS.sub("", line) for line in lines]
    at = 0
    while at < len(lines):
        if _FORWARD.match(bare[at].strip()):  # what somebody sends on is to be read
            return kept + [(line, False) for line in lines[at:]]
        length = _heading(bare, at)
        if not length:
            kept.append((lines[at], False))
            at += 1
            continue
        below = at + length
        following = next((lines[number] for number in range(below, len(lines)) if lines[number].strip()), "")
        if not is_quoted(following):
            answered = _answers_above([line for line, heads in kept if not heads and not is_quoted(line)])
            if answered and following:
                break
            if not answered:  # what was written cannot be told from what was quoted
                kept.extend((line, False) for line in lines[at:])
                break
        kept.extend((line, True) for line in lines[at:below])
        at = below
    return kept


def _answers_above(above: list[str]) -> bool:
    """Whether these lines are an answer: more than a greeting and a signature, and none announces answers below."""
    words: list[str] = []
    for line in map(str.strip, above):
        if _END_OF_WORDS.match(line):
            break
        if line and not _GREETING_ALONE.match(line):
            words.append(line)
    return bool(words) and not words[-1].endswith((":", "：")) and not any(map(_SAYS_BELOW.search, words))


def _heading(lines: list[str], at: int) -> int:
    """The number of lines of the history's heading that begins at this line; 0 if none begins here."""
    line = lines[at].strip()
    if not line or len(line) > LONGEST_LINE_CHARACTERS or is_quoted(line):
        return 0
    if greeting := _greeting(lines, at):
        return greeting
    if _SEPARATOR.match(line):
        return 1 + _headers(lines, at + 1)
    if _MESSAGE_OF.match(line):
        block = _headers(lines, at + 1)
        return 1 + block if any(_A_MAILBOX.search(header) for header in lines[at + 1 : at + 1 + block]) else 0
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
        if not line.strip() or is_quoted(line):
            return 0
        whole = f"{whole} {line.strip()}"
        if _ENDS.search(whole) or _WROTE_AT_END.search(whole):
            following = next((below for below in lines[at + number : at + number + 5] if below.strip()), "")
            short = len(whole) <= LONGEST_LINE_CHARACTERS
            return number if short and _heads(whole.strip(), quotes=is_quoted(following)) else 0
    return 0


def _heads(line: str, *, quotes: bool) -> bool:
    """Whether this line says who wrote what follows, as mail programs do, and is no sentence of the person's own.

    Before a quote less is asked for: nothing but this line can go by mistake.
    """
    date, wrote, mailbox = _A_DATE.search(line), _WROTE.search(line), _A_MAILBOX.search(line)
    at_end = _WROTE_AT_END.search(line) or _WROTE_BEFORE_THE_NAME.search(line)
    if not quotes:
        ends = at_end or (mailbox and mailbox.end() >= len(line.rstrip(" :：")))
        by_whom = (mailbox and _A_TIME.search(line)) or (
            _A_TIME_WITH_SECONDS.search(line) and not _SAYS_WHOSE.search(line)
        )
        return bool(date and wrote and ends and by_whom)
    if mailbox:
        return bool(date or wrote)
    return bool(at_end and not _SAYS_WHOSE.search(line) and (date or not _SOMEBODY.match(line)))


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
    dated = bool(re.search(r"\b(?:19|20)\d\d\b", when) and (_A_TIME.search(when) or names & _SENT))
    mailbox = any(map(_ADDRESS.search, named.values()))
    as_outlook = bool(names & _ABOUT) and bool(names & _SENT) and bool(_A_WEEKDAY_AND_TIME.match(when))
    return length if len(names) >= 3 and dated and (mailbox or as_outlook) else 0


def _without_outer_quotes(lines: list[_Line]) -> list[str]:
    """The lines without headings, and without the announced quotes before and after all words of the person.

    A quote at the end goes (a signature may stand below it), unless the line above it leads up to it; and one at the
    beginning.
    """
    own = [number for number, (line, heads) in enumerate(lines) if line.strip() and not heads and not is_quoted(line)]
    if not own:
        return []
    signature = next((number for number in own if lines[number][0].rstrip() in ("--", "-- ")), len(lines))
    words = [number for number in own if number < signature]
    first, last = (words[0], words[-1]) if words else (own[0], own[-1])
    headed = any(heads for _, heads in lines[:first])
    blocks = sum(
        is_quoted(line) and (number == 0 or not is_quoted(lines[number - 1][0]))
        for number, (line, _) in enumerate(lines[:last])
    )
    quote = [line for line, heads in lines[last + 1 :] if not heads and is_quoted(line)]
    announced = any(heads for _, heads in lines[last + 1 :]) or _announces_itself(quote)
    led_up_to = lines[last][0].rstrip().endswith((":", "："))
    ends_with_history = announced or (any(heads for _, heads in lines) and not led_up_to)
    kept = []
    for number, (line, heads) in enumerate(lines):
        outer = (number > last and ends_with_history) or (number < first and headed and blocks == 1)
        if not heads and not (outer and is_quoted(line)):
            kept.append(line)
    return kept


def _announces_itself(quote: list[str]) -> bool:
    """Whether the heading of a quote has quote marks too, as Orange's programs write it."""
    bare = [line.lstrip(" >|") for line in quote[:_HEADERS_SOUGHT]]
    start = next((number for number, line in enumerate(bare) if line), None)
    if start is None:
        return False
    if _heading(bare, start):
        return True
    beginnings = (" ".join(bare[start : start + number]) for number in range(1, _MOST_LINES_OF_A_GREETING + 1))
    whole = next((line for line in beginnings if _ENDS.search(line) or _WROTE_AT_END.search(line)), "")
    return len(whole) <= LONGEST_LINE_CHARACTERS and _heads(whole, quotes=True)
