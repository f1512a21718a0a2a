"""Every message of the API and the pages has its French."""

from __future__ import annotations

import re
from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import bureau

FOLDER = Path(bureau.__file__).parent


def test_every_text_is_translated_with_its_gaps() -> None:
    methods = [("**.py", "python"), ("**.html", "jinja2")]
    said = {found[2] for found in extract_from_dir(FOLDER, methods, keywords={"N_": None, "_": None})}
    with (FOLDER / "locales" / "fr.po").open("rb") as file:
        catalogue = {str(message.id): str(message.string) for message in read_po(file, locale="fr") if message.id}
    assert said == catalogue.keys()
    gaps = re.compile(r"{\w+}")
    for english, french in catalogue.items():
        assert french, english
        assert sorted(gaps.findall(english)) == sorted(gaps.findall(french)), english
