"""Decodes bytes leniently: the announced charset is a hint, and a bad byte spoils one letter only."""

from __future__ import annotations

import codecs
import re
from binascii import a2b_base64, a2b_qp

ENCODED_WORD = re.compile(r"=\?([^?\s]{0,60})\?([bq])\?([^?]{0,20000}?(?:\?(?!=)[^?]{0,20000}?){0,20})(?:\?=|$)", re.I)

_GUESS = "guess"
_DOS = ("ibm", "cp", "dos", "pc", "cspc", "oem")
# Labels by their letters and digits alone, as the superset that programs mean by them (WHATWG's Encoding standard).
# Whatever is not here is guessed: no codec that takes for ever, and none that is no charset.
_CODECS = {
    "utf8": "utf-8",
    "unicode11utf8": "utf-8",
    **dict.fromkeys(("utf7", "unicode11utf7"), "utf-7"),
    "utf16": "utf-16",
    "utf16le": "utf-16-le",
    "utf16be": "utf-16-be",
    **dict.fromkeys(("utf32", "ucs4", "iso10646ucs4"), "utf-32"),
    "utf32le": "utf-32-le",
    "utf32be": "utf-32-be",
    **dict.fromkeys(("iso88591", "latin1", "l1", "usascii", "ascii", "ansix341968", "iso646us"), "cp1252"),
    **dict.fromkeys(("windows1252", "cp1252", "cp819", "ibm819", "iso885915us"), "cp1252"),
    **{f"iso8859{part}": f"iso8859-{part}" for part in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)},
    **{f"latin{number}": f"iso8859-{part}" for number, part in ((2, 2), (3, 3), (4, 4), (6, 10), (9, 15), (10, 16))},
    **dict.fromkeys(("iso88596i", "iso88596e"), "iso8859-6"),
    **dict.fromkeys(("iso88598i", "iso88598e"), "iso8859-8"),
    **dict.fromkeys(("iso88599", "latin5", "windows1254", "cp1254"), "cp1254"),
    **dict.fromkeys(("iso885911", "tis620", "windows874", "cp874"), "cp874"),
    **{f"{vendor}{page}": f"cp{page}" for vendor in ("windows", "cp") for page in (1250, 1251, 1253, 1255, 1256)},
    **{f"{vendor}{page}": f"cp{page}" for vendor in ("windows", "cp") for page in (1257, 1258)},
    **{f"{vendor}{page}": f"cp{page}" for vendor in _DOS for page in (437, 850, 852, 855, 857, 858)},
    **{f"{vendor}{page}": f"cp{page}" for vendor in _DOS for page in (860, 861, 862, 863, 864, 865, 866, 869)},
    "koi8r": "koi8-r",
    "koi8u": "koi8-u",
    **dict.fromkeys(("macintosh", "mac", "macroman"), "mac-roman"),
    "maccyrillic": "mac-cyrillic",
    **dict.fromkeys(("gb2312", "gb231280", "gbk", "cp936", "ms936", "gb18030", "chinese", "euccn"), "gb18030"),
    "hzgb2312": "hz",
    **dict.fromkeys(("big5", "big5hkscs", "cnbig5", "cp950"), "big5hkscs"),
    **dict.fromkeys(("shiftjis", "sjis", "windows31j", "mskanji", "cp932", "ms932"), "cp932"),
    **dict.fromkeys(("eucjp", "cp51932"), "euc_jp"),
    **dict.fromkeys(("euckr", "ksc56011987", "ksc5601", "korean", "cp949", "windows949", "uhc"), "cp949"),
    "iso2022kr": "iso2022_kr",
    **dict.fromkeys(("iso2022jp", "iso2022jp1", "iso2022jp2", "iso2022jp3", "iso2022jpms", "cp50220"), "iso-2022-jp"),
    **dict.fromkeys(("cp50221", "cp50222"), "iso-2022-jp"),
}
_NOT_OF_A_LABEL = re.compile(r"[^a-z0-9]")
_ESCAPE = re.compile(rb"\x1b(\$[@B]|\$\([A-Z]|\([A-Z])")
_NEVER_ALONE = (b"\xc2", b"\xc3", b"\xe2", b"\xf0")  # a letter of UTF-8 that was cut, not one of Windows-1252
_UNREADABLE = "\ufffd"
_ASCII = bytes(range(128))
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
_NOT_BASE64 = bytes(byte for byte in range(256) if byte not in _BASE64)


def decoded(raw: bytes, label: str | None) -> str:
    """`raw` decoded by the charset that its label means, or the likeliest one. Never raises."""
    codec = _CODECS.get(_key(label or ""), _GUESS)
    if codec == "iso-2022-jp" or (codec == _GUESS and b"\x1b$" in raw):
        text = _iso_2022_jp(raw)
    elif codec in (_GUESS, "cp1252"):
        text = _likeliest(raw)
    elif codec == "utf-8":
        text = raw.decode("utf-8", "stray-bytes")
    else:
        text = raw.decode(codec, "replace")
    return text.encode("utf-8", "replace").decode("utf-8")


def header_text(raw: str) -> str:
    """A header as text. Encoded words are decoded one by one, and the result is not decoded again.

    `raw` holds bytes above 127 as the standard library's parsers do (surrogateescape).
    """
    pieces: list[str] = []
    run: tuple[str, bytes] | None = None  # words of one charset side by side: a letter may be cut between them
    end = 0
    for word in ENCODED_WORD.finditer(raw):
        between = raw[end : word.start()]
        charset = word[1].partition("*")[0]  # RFC 2231 adds a language
        if run is not None and (between.strip() or run[0] != charset):
            pieces.append(decoded(run[1], run[0]))
            run = None
        if between.strip() or end == 0:
            pieces.append(_bare(between))
        run = (charset, (run[1] if run is not None else b"") + _word_bytes(word[2], word[3]))
        end = word.end()
    if run is not None:
        pieces.append(decoded(run[1], run[0]))
    pieces.append(_bare(raw[end:]))
    return "".join(pieces).replace("=?", "= ?")


def base64_bytes(raw: bytes) -> bytes:
    """Decodes base64 that may be broken: skips foreign characters, and completes a missing end."""
    kept = raw.translate(None, _NOT_BASE64)
    if len(kept.rstrip(b"=")) % 4 == 1:
        kept = kept.rstrip(b"=")[:-1]
    try:
        return a2b_base64(kept + b"==")
    except ValueError:
        return b""


def _key(label: str) -> str:
    key = _NOT_OF_A_LABEL.sub("", label.partition(":")[0].lower())
    return key if key in _CODECS else key.removeprefix("x").removeprefix("cs")


def _bare(text: str) -> str:
    return decoded(text.encode("utf-8", "surrogateescape_or_replace"), None)


def _word_bytes(encoding: str, text: str) -> bytes:
    raw = text.encode("utf-8", "surrogateescape_or_replace")
    return base64_bytes(raw) if encoding in "bB" else a2b_qp(raw, header=True)


def _likeliest(raw: bytes) -> str:
    """Decoded as UTF-8 if most bytes above 127 are valid UTF-8, else as Windows-1252."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        pass
    high = len(raw.translate(None, _ASCII))
    readable = len(raw.decode("utf-8", "ignore").encode().translate(None, _ASCII))
    if readable * 2 > high:
        return raw.decode("utf-8", "stray-bytes")
    return raw.decode("cp1252", "replace")


def _iso_2022_jp(raw: bytes) -> str:
    """Decoded as Windows programs write ISO-2022-JP, with characters that the standard's table lacks."""
    pieces: list[str] = []
    mode = b"(B"
    start = 0
    for escape in [*_ESCAPE.finditer(raw), None]:
        piece = raw[start : escape.start() if escape else len(raw)]
        if mode in (b"$@", b"$B"):
            pieces.append(_shifted(piece).decode("cp932", "replace"))
        elif mode == b"(I":
            pieces.append(bytes(byte | 0x80 for byte in piece).decode("cp932", "replace"))
        elif mode.startswith(b"$("):
            pieces.append((b"\x1b" + mode + piece + b"\x1b(B").decode("iso2022_jp_ext", "replace"))
        else:
            pieces.append(piece.decode("cp932", "replace"))
        if escape:
            mode, start = escape[1], escape.end()
    return "".join(pieces)


def _shifted(jis: bytes) -> bytes:
    """Pairs of JIS X 0208 as Shift_JIS writes them."""
    shifted = bytearray()
    row: int | None = None
    for byte in jis:
        if not 0x21 <= byte <= 0x7E:
            row = None
            shifted.append(byte & 0x7F)
        elif row is None:
            row = byte
        else:
            lead = (row + 1) // 2 + (0x70 if row < 0x5F else 0xB0)
            shifted += bytes((lead, byte + (0x1F if byte < 0x60 else 0x20) if row % 2 else byte + 0x7E))
            row = None
    return bytes(shifted)


def _stray_bytes(error: UnicodeError) -> tuple[str, int]:
    """One letter for what is not UTF-8: a lone byte is one of Windows-1252, a cut letter is unreadable."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    bad = error.object[error.start : error.end]
    if len(bad) > 1 or bad in _NEVER_ALONE:
        return _UNREADABLE, error.end
    return bad.decode("cp1252", "replace"), error.end


def _escaped_or_replaced(error: UnicodeError) -> tuple[str | bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    unwritable = error.object[error.start : error.end]
    as_bytes = (ord(char) - 0xDC00 if 0xDC80 <= ord(char) <= 0xDCFF else ord("?") for char in unwritable)
    return bytes(as_bytes), error.end


codecs.register_error("stray-bytes", _stray_bytes)
codecs.register_error("surrogateescape_or_replace", _escaped_or_replaced)
