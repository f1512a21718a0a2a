"""Reading a plan's text: values that YAML would misread, and texts that are refused."""

from __future__ import annotations

import pytest

from competences.plan.check import check
from competences.plan.document import MAX_CHARACTERS, MAX_DEPTH, read


def test_what_looks_like_something_else_to_yaml_stays_what_was_typed() -> None:
    document = read("no: 8:30\non: yes\n1: +33199001234\n2: 0199001234\n3: 2026-05-15\n4: 0x10\n5: 1_000\n6: .inf\n")
    assert document.data == {
        "no": "8:30",
        "on": "yes",
        "1": "+33199001234",
        "2": "0199001234",
        "3": "2026-05-15",
        "4": "0x10",
        "5": "1_000",
        "6": ".inf",
    }
    assert document.findings == []


def test_numbers_truths_and_nothing_are_read() -> None:
    document = read("a: 12\nb: -3\nc: 1.5\nd: true\ne: false\nf: null\ng: ~\nh:\ni: 1.0e+20\nj: '12'\n")
    assert list(document.data.values()) == [12, -3, 1.5, True, False, None, None, None, 1e20, "12"]


def test_the_line_of_each_place_is_known() -> None:
    document = read("# début\na:\n  b: 1\n\n  c: [x,\n    y]\n")
    assert document.lines[("a",)] == 2
    assert document.lines[("a", "b")] == 3
    assert document.lines[("a", "c", 1)] == 6


def test_a_key_written_twice_is_told_with_both_lines_and_the_first_is_kept() -> None:
    document = read('a:\n  1: x\n  "1": y\n  1: z\n')
    assert document.data == {"a": {"1": "x"}}
    assert [(found.location, found.values["first"], found.values["second"]) for found in document.findings] == [
        (("a", "1"), 2, 3),
        (("a", "1"), 2, 4),
    ]


def test_two_agents_with_one_login_are_told_in_french() -> None:
    errors = check("agents:\n  a.b: {name: A, skills: {}}\n  a.b: {name: B, skills: {}}\n")
    assert [error.message for error in errors if error.path == "agents.a.b"] == [
        "« a.b » est écrit deux fois, lignes 2 et 3 : gardez-en un."
    ]


UNREADABLE = [
    ("", "Le fichier ne contient pas de plan"),
    ("bonjour", "Le fichier ne contient pas de plan"),
    ("- a\n- b\n", "Le fichier ne contient pas de plan"),
    ("a: [b\nc: d\n", "à partir de la ligne 2"),
    ("a:\n\t- b\n", "à partir de la ligne 2"),
    ("a: 'b\n", "Le fichier n'est plus lisible"),
    ("a: b\n--- \nc: d\n", "Ligne 2 : un deuxième document"),
    ("a: b\n... \n---\n", "Ligne 3 : un deuxième document"),
    ("a: \ud800\n", "qui n'ont pas leur place"),
    ("a: \x07\n", "qui n'ont pas leur place"),
    ("a: &x [1]\nb: *x\n", "Ligne 2 : écrivez les valeurs en entier"),
    ("a: " + "[" * (MAX_DEPTH + 1), "trop de niveaux"),
    ("a" * (MAX_CHARACTERS + 1), "trop grand"),
]


@pytest.mark.parametrize(("text", "words"), UNREADABLE)
def test_a_text_that_cannot_be_read_is_one_error(text: str, words: str) -> None:
    (error,) = check(text)
    assert error.path == ""
    assert words in error.message
    assert error.line is not None


def test_tags_are_refused() -> None:
    errors = check("commune: !!python/object/apply:os.system [echo]\ndefault_service: !x y\n")
    assert [error.path for error in errors if "« ! »" in error.message] == ["commune", "default_service"]


def test_a_name_is_needed_before_the_colon() -> None:
    (found,) = read("a:\n  [x, y]: 1\n  b: 2\n").findings
    assert found.location == ("a",)
    assert found.values == {"line": 2}
