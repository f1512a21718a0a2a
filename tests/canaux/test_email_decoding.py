"""Bytes become text whatever their labels say, and one bad byte spoils one letter."""

from __future__ import annotations

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canaux.email.incoming.decoding import decoded, header_text
from canaux.email.incoming.parameters import read_value


@pytest.mark.parametrize(
    ("raw", "label", "text"),
    [
        ("Où est l’école ?".encode("cp1252"), "iso-8859-1", "Où est l’école ?"),
        ("10 € – « œuf »".encode("cp1252"), "Latin1", "10 € – « œuf »"),
        ("Où est l’école ?".encode("cp1252"), "ISO_8859-1:1987", "Où est l’école ?"),
        ("Où est l’école ?".encode(), "us-ascii", "Où est l’école ?"),
        ("Où est l’école ?".encode(), "iso-8859-1", "Où est l’école ?"),
        ("Où est l’école ?".encode("cp1252"), None, "Où est l’école ?"),
        ("Où est l’école ?".encode(), "x-nobody-knows", "Où est l’école ?"),
        ("朱镕基".encode("gb18030"), "gb2312", "朱镕基"),
        ("똠방각하".encode("cp949"), "ks_c_5601-1987", "똠방각하"),
        ("第①回".encode("cp932"), "Shift_JIS", "第①回"),
        ("日本語".encode("iso2022_jp"), "iso-2022-jp", "日本語"),
        (b"\x1b$B-!\x1b(B. \x1b(I1\x1b(B", "ISO-2022-JP", "①. ｱ"),
        ("日本語".encode("iso2022_jp"), None, "日本語"),
        ("ąęś".encode("cp1250"), "windows-1250", "ąęś"),
        ("שלום".encode("iso8859-8"), "iso-8859-8-i", "שלום"),
        ("Привет".encode("koi8-r"), "KOI8-R", "Привет"),
        ("déjà".encode("utf-16"), "utf-16", "déjà"),
        ("déjà".encode("utf-32"), "utf-32", "déjà"),
        ("déjà".encode("utf-32-le"), "UTF-32LE", "déjà"),
        ("שלום".encode("cp862"), "dos-862", "שלום"),
        ("déjà".encode("cp850"), "DOS-850", "déjà"),
        ("déjà".encode("utf-7"), "UTF-7", "déjà"),
        ("Un été à l’école, en caf".encode() + b"\xe9", "utf-8", "Un été à l’école, en café"),
        ("Un été à l’école, en caf".encode() + b"\xe9.", "iso-8859-1", "Un été à l’école, en café."),
        ("Un ét".encode() + b"\xc3", "utf-8", "Un ét\ufffd"),
        (b"\xed\xa0\x80", "utf-8", "í\xa0€"),
    ],
)
def test_a_label_is_a_hint(raw: bytes, label: str | None, text: str) -> None:
    assert decoded(raw, label) == text


@pytest.mark.parametrize("label", ["punycode", "idna", "unicode_escape", "raw_unicode_escape", "undefined", "rot13"])
def test_what_is_no_charset_is_not_used_as_one(label: str) -> None:
    started = process_time()
    assert decoded(b"Ma demande +AGE- \\x41 " + b"a" * 1_000_000, label).startswith("Ma demande +AGE- \\x41 a")
    assert process_time() - started < 2


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("=?utf-8?Q?D=E9chets?=", "Déchets"),
        ("=?utf-8?Q?D=C3=A9chets_=C3?= verts", "Déchets \ufffd verts"),
        ("=?utf-8?b?w6k=?= =?utf-8?b?w6k=?=", "éé"),
        ("=?utf-8?q?c=C3?=\n =?utf-8?q?=A9?=", "cé"),
        ("=?iso-8859-1?q?30_=80?= =?x-unknown?q?_perdu?=", "30 € perdu"),
        ("Re: =?utf-8*fr?q?=C3=A9t=C3=A9?= fini", "Re: été fini"),
        ("=?utf-8?q?=C3=A9t=C3=A9?= d\udce9j\udce0", "été déjà"),
        ("=?utf-8?q?sans fin", "sans fin"),
        ("=?utf-8?b?w6l0w6", "ét\ufffd"),
        ("=?utf-8?q?=3D=3Futf-8=3Fq=3Fa=3F=3D?=", "= ?utf-8?q?a?="),
        ("simple", "simple"),
    ],
)
def test_headers_are_read_word_by_word(raw: str, text: str) -> None:
    assert header_text(raw) == text


@given(st.text(st.characters(max_codepoint=0xFF) | st.sampled_from("=?_\udce9\udcc3qQbB"), max_size=80))
def test_no_header_is_encoded_any_more(raw: str) -> None:
    text = header_text(raw)
    assert "=?" not in text
    text.encode()


@given(
    st.binary(max_size=200),
    st.sampled_from(["utf-8", "gb2312", "iso-2022-jp", "iso-2022-kr", "hz", "utf-16", "big5", None]),
)
def test_whatever_the_bytes_text_comes_out(raw: bytes, label: str | None) -> None:
    decoded(raw, label).encode()


@pytest.mark.parametrize(
    ("raw", "word", "parameters"),
    [
        ("attachment; filename=acte de mariage.pdf", "attachment", {"filename": "acte de mariage.pdf"}),
        ('attachment; filename="pi\udce8ce; 1.pdf"', "attachment", {"filename": "pièce; 1.pdf"}),
        ('attachment; filename="=?utf-8?q?=C3=A9t=C3=A9.pdf?="', "attachment", {"filename": "été.pdf"}),
        ("a/b; name*=punycode''aaa; x=y", "a/b", {"name": "aaa", "x": "y"}),
        ("a/b; name*0*=utf-8''%C3; name*1*=%A9t; name*2=e.pdf", "a/b", {"name": "éte.pdf"}),
        ("a/b; name*=%; name=c", "a/b", {"name": "%"}),
        ("text/plain charset=utf-8", "text/plain", {"charset": "utf-8"}),
        ('text/plain; charset="', "text/plain", {"charset": ""}),
        (r'a; filename="a\"b"', "a", {"filename": 'a"b'}),
        ("", "", {}),
    ],
)
def test_a_broken_parameter_costs_itself_alone(raw: str, word: str, parameters: dict[str, str]) -> None:
    read = read_value(raw)
    assert (read.word, read.parameters) == (word, parameters)
