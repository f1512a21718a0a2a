"""What of a letter its writer wrote for it: not what stands below every letter of theirs, nor what others wrote."""

from __future__ import annotations

import re

from canaux.email.incoming.history import ends_words, heads_a_message, is_answer, is_forward, is_quoted

LONGEST_READ_CHARACTERS = 10_000

_PARAGRAPHS = re.compile(r"\n[ \t]*\n")
_FOOTER = re.compile(
    r"\b(?:intended (?:recipient|addressee|(?:solely|only|exclusively) for)|solely (?:for|intended)|"
    r"confidentiality (?:notice|note|statement)|(?:strictly |is |are |be )confidential|legally privileged|disclaimer|"
    r"(?:received|receive) (?:this|it) [^.]{0,60}(?:in error|by mistake)|consider the environment|"
    r"think before you print|"
    r"virus[- ]free|(?:scanned|checked) (?:for|by)|unauthori[sz]ed (?:use|disclosure|copying|review)|"
    r"sent (?:from|with|via) (?:my|outlook|proton|yahoo|mail|the)|get outlook for|registered (?:office|in england)|"
    r"avis de confidentialité|(?:est|sont) (?:strictement )?confidentiel|"
    r"(?:exclusif|exclusivement|seul|uniquement) [^.]{0,40}destinataires?|"
    r"re[çc]u ce [^.]{0,40}par erreur|pensez à l['’]environnement)",
    re.IGNORECASE,
)


def own_words(subject: str, text: str) -> str:
    """The words that say in which language the writer of a letter writes; none where nothing but the rest is there.

    Without quotes and what was sent on, without a signature and what stands below a closing formula, without notices of
    confidentiality; and without a subject that answers or sends on another's.
    """
    own_subject = not is_answer(subject, ()) and not is_forward(subject)
    lines = text[:LONGEST_READ_CHARACTERS].split("\n")
    said: list[str] = []
    for number, line in enumerate(lines):
        if heads_a_message(lines, number) or line.rstrip() in ("--", "\u2014"):
            break
        if is_quoted(line):
            continue
        said.append(line)
        if ends_words(line) and any(map(str.strip, said[:-1])):
            break
    paragraphs = _PARAGRAPHS.split("\n".join(said))
    footer = next((number for number, one in enumerate(paragraphs) if _FOOTER.search(one)), len(paragraphs))
    words = "\n\n".join(paragraphs[:footer]).strip()
    return f"{subject}\n{words}" if own_subject else words
