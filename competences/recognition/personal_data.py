"""Masks in a message what says who wrote it, before it is kept as an example."""

from __future__ import annotations

import re
from collections.abc import Collection

from competences.words import plain

_CLOSING = re.compile(
    r"(?im)(?:^[ \t]*|[.!?,][ \t]+)(?:"
    r"(?:bien )?(?:cordialement|sinc[eè]rement|respectueusement|salutations|cdlt|cdt)\b"
    r"|(?:je vous prie|veuillez|nous vous prions) (?:d['’ ]agr[ée]er|d['’ ]accepter|agr[ée]er|recevoir|croire)\b"
    r"|(?:kind |best |warm )?regards\b|yours (?:sincerely|faithfully|truly)\b|sincerely\b)"
)
"""The closing of a letter, below which stand its author and their address."""

_STREET = (
    r"rue|avenue|av\.?|bd|boulevard|place|impasse|all[ée]e|chemin|route|quai|square|cours|r[ée]sidence|lotissement"
)
_MASKS = (
    (re.compile(r"(?i)\bhttps?://\S+|\bwww\.\S+"), "[lien]"),
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), "[courriel]"),
    (re.compile(r"(?i)\b[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{4}){3,}(?:[ ]?[A-Z0-9]{1,4})?\b"), "[compte]"),
    (re.compile(r"\b\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}\b"), "[date]"),
    (re.compile(r"\+?\d(?:[ ./-]?\d){7,}"), "[numéro]"),
    (re.compile(r"(?i)\b[A-Z]{3}-\d{3}-\d{3}\b"), "[référence]"),
    (re.compile(rf"(?i)\b\d{{1,4}}(?: ?(?:bis|ter))?,? (?:{_STREET})\b[^\n,.;?!]*"), "[adresse]"),
    (re.compile(r"\b\d{3,}\b"), "[nombre]"),
)

_FOLLOWING = r"(?P<following>(?:\s+[\w'’-]+){1,4})"
_INTRODUCED = re.compile(
    r"(?i)\b(?P<before>je m['’ ]appelle|mon nom est|my name is|i am called|pr[ée]nomm[ée]e?|nomm[ée]e?)" + _FOLLOWING
)
_TITLE = re.compile(
    r"(?i)\b(?P<before>m\.|mr|mme|mlle|monsieur|madame|mademoiselle|ma[iî]tre|docteur|dr|mrs|ms|miss)" + _FOLLOWING
)
_SOMEBODY = re.compile(
    r"(?i)\b(?P<before>je suis|c['’ ]est|de la part de|ici"
    r"|(?:mon|ma) (?:mari|femme|[ée]poux|[ée]pouse|fils|fille|p[èe]re|m[èe]re|fr[èe]re|s(?:oe|œ)ur)"
    r"|i am|i['’ ]?m|this is|my (?:husband|wife|son|daughter|father|mother))" + _FOLLOWING
)
_WORD = re.compile(r"[^\W\d_][\w'’-]*")
NAME = "[nom]"


def without_personal_data(text: str, *, known_words: Collection[str], names: Collection[str] = ()) -> str:
    """The text without addresses, numbers, dates and names.

    `names` are the author's, from the record. Every word outside the `known_words` (in plain form) is taken for a name
    too if it has a capital or stands where names stand: it is better to mask a place too many than to keep a person.
    A person reads the result before it is used.
    """
    closing = _CLOSING.search(text, len(text) // 3)
    if closing is not None:
        text = text[: closing.start()]
    for pattern, mask in _MASKS:
        text = pattern.sub(mask, text)

    def unknown(word: str) -> bool:
        return not all(part in known_words for part in plain(word).split())

    def named(match: re.Match[str], *, always: int, capitals: bool) -> str:
        """The match with the words that follow masked, as far as they may be a name; the first `always` in any case."""
        following, end = match["following"], 0
        for count, word in enumerate(re.finditer(r"\S+", following)):
            capital = capitals and word[0][0].isupper() and not word[0].isupper()
            if count >= always and not capital and not unknown(word[0]):
                break
            end = word.end()
        return f"{match['before']} {NAME}{following[end:]}" if end else match[0]

    text = _INTRODUCED.sub(lambda match: named(match, always=1, capitals=True), text)
    text = _TITLE.sub(lambda match: named(match, always=0, capitals=True), text)
    text = _SOMEBODY.sub(lambda match: named(match, always=0, capitals=False), text)
    author = {word for name in names for word in plain(name).split() if len(word) > 1}

    def masked(match: re.Match[str]) -> str:
        word = match.group(0)
        inside_mask = text[match.start() - 1 : match.start()] == "["
        parts = plain(word).split()
        if inside_mask or not parts:
            return word
        strange = word[0].isupper() and unknown(word)
        return NAME if strange or any(part in author for part in parts) else word

    text = _WORD.sub(masked, text)
    text = re.sub(r"(?:\[nom\][ ,]*){2,}", f"{NAME} ", text)
    return "\n".join(line.strip() for line in text.splitlines() if line.strip()).strip()
