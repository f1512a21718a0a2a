"""Files that agents send with their answers: what is taken, what is refused and why, and who can have them again."""

from __future__ import annotations

import json
from io import BytesIO
from zipfile import ZIP_STORED, ZipFile

import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse

from bureau.http.endpoint import MAXIMUM_BODY_BYTES
from bureau.http.forms import MAXIMUM_FORM_BYTES, MOST_FILES
from bureau.http.sendable_files import KINDS
from tests.bureau.office import Desktop, Office, json_of
from tests.bureau.test_originals import received

PDF = b"%PDF-1.7\n\xe9\x00"
File = tuple[str, bytes]


def send(desk: Desktop, contact: str, *files: File, path: str = "messages", **body: object) -> TestResponse:
    fields = {"body": json.dumps({"text": "Voici.", **body}), "files": [file(name, data) for name, data in files]}
    return desk.post_form(f"/contacts/{contact}/{path}", fields)


def file(name: str, content: bytes) -> FileStorage:
    return FileStorage(BytesIO(content), name)


def archive(*parts: tuple[str, bytes]) -> bytes:
    held = BytesIO()
    with ZipFile(held, "w", ZIP_STORED) as zipped:
        for name, content in parts:
            zipped.writestr(name, content)
    return held.getvalue()


DOCX = archive(("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<w/>"))
DOCM = archive(("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<w/>"), ("word/vbaProject.bin", b"x"))
ODT = archive(("mimetype", b"application/vnd.oasis.opendocument.text"), ("content.xml", b"<o/>"))
GOOD = {
    "pdf": PDF,
    "jpg": b"\xff\xd8\xff\xe0",
    "jpeg": b"\xff\xd8\xff\xe1",
    "png": b"\x89PNG\r\n\x1a\n",
    "odt": ODT,
    "ods": ODT.replace(b".text", b".spreadsheet"),
    "odp": ODT.replace(b".text", b".presentation"),
    "docx": DOCX,
    "xlsx": archive(("[Content_Types].xml", b""), ("xl/workbook.xml", b"")),
    "pptx": archive(("[Content_Types].xml", b""), ("ppt/presentation.xml", b"")),
    "txt": "Été".encode(),
    "csv": b"a;b\n",
    "ics": b"BEGIN:VCALENDAR\r\n",
}


def test_files_go_with_an_answer_and_can_be_had_again(office: Office) -> None:
    contact, desk = received(office, None), office.desktop("bruno")
    answer = send(desk, contact, ("Liste des pièces.PDF", PDF), ("plan.png", GOOD["png"]))
    assert answer.status_code == 201, answer.text
    sent = json_of(answer)
    named = {one["name"]: one for one in sent["attachments"]}
    assert {name: (one["content_type"], one["size"]) for name, one in named.items()} == {
        "Liste des pièces.PDF": ("application/pdf", len(PDF)),
        "plan.png": ("image/png", 8),
    }
    href = named["Liste des pièces.PDF"]["href"].removeprefix("/api/v1")
    assert desk.get(href).data == PDF
    assert office.desktop("david").get(href).status_code == 403
    assert (sent["delivery"], sent["delivery_at"]) == ("pending", None)
    (shown,) = [one for one in json_of(desk.get(f"/contacts/{contact}"))["messages"] if one["direction"] == "out"]
    assert shown == sent


def test_the_same_form_twice_is_one_message(office: Office) -> None:
    contact, desk = received(office, None), office.desktop("bruno")
    first, again = (send(desk, contact, ("a.pdf", PDF), client_id="c1") for _ in range(2))
    assert json_of(first) == json_of(again)
    assert len(json_of(desk.get(f"/contacts/{contact}"))["messages"]) == 2


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_that_is_sent_is_known_by_its_content(office: Office, kind: str) -> None:
    contact, desk = received(office, None), office.desktop("bruno")
    assert send(desk, contact, (f"x.{kind}", GOOD[kind])).status_code == 201
    refused = send(desk, contact, (f"x.{kind}", b"MZ\x90\x00\xff"))
    assert refused.status_code == 422
    assert f"x.{kind}" in json_of(refused)["detail"]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("virus.exe", b"MZ", "virus.exe ne peut pas être envoyé. Peuvent l'être : csv, docx"),
        ("macro.docm", DOCM, "macro.docm ne peut pas être envoyé"),
        ("macro.docx", DOCM, "macro.docx n'est pas ce que dit son nom, ou contient des macros"),
        ("sans-nom", b"%PDF-", "sans-nom ne peut pas être envoyé"),
        ("vide.pdf", b"", "vide.pdf est vide."),
        ("../../etc/a\u202efdp.exe", b"MZ", "_.._etc_afdp.exe ne peut pas"),
    ],
)
def test_what_nobody_should_be_sent_is_refused_with_its_reason(
    office: Office, name: str, content: bytes, said: str
) -> None:
    contact, desk = received(office, None), office.desktop("bruno")
    answer = send(desk, contact, ("bon.pdf", PDF), (name, content))
    assert answer.status_code == 422
    assert said in json_of(answer)["detail"]
    assert len(json_of(desk.get(f"/contacts/{contact}"))["messages"]) == 1


def test_too_many_and_too_large(office: Office) -> None:
    contact, desk = received(office, None), office.desktop("bruno")
    assert send(desk, contact, *[("a.pdf", PDF)] * (MOST_FILES + 1)).status_code == 422
    assert send(desk, contact, ("a.pdf", PDF + b"0" * MAXIMUM_FORM_BYTES)).status_code == 413
    assert send(desk, contact, ("a.pdf", PDF), text="x" * MAXIMUM_BODY_BYTES).status_code == 413
    almost = PDF + b"0" * (MAXIMUM_FORM_BYTES - 10_000)
    assert send(desk, contact, ("a.pdf", almost)).status_code == 201


def test_a_form_without_files_is_an_answer_like_any(office: Office) -> None:
    contact, desk = received(office, None), office.desktop("bruno")
    answer = send(desk, contact, ("", b""))
    assert (answer.status_code, json_of(answer)["attachments"]) == (201, [])


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({}, 422),
        ({"body": ""}, 422),
        ({"body": "{"}, 400),
        ({"body": '{"text": 1}'}, 422),
        ({"body": ['{"text": "a"}', '{"text": "b"}']}, 422),
        ({"body": '{"text": "a"}', "other": "x"}, 422),
        ({"body": '{"text": "a"}', "files": "no file"}, 422),
    ],
)
def test_a_form_that_is_not_as_described(office: Office, fields: dict[str, object], status: int) -> None:
    contact, desk = received(office, None), office.desktop("bruno")
    assert desk.post_form(f"/contacts/{contact}/messages", fields).status_code == status


def test_a_form_goes_only_where_files_are_taken(office: Office) -> None:
    contact, desk = received(office, None), office.desktop("bruno")
    assert desk.post_form(f"/contacts/{contact}/finish", {"body": "{}"}).status_code == 415


def test_other_channels_say_what_to_do_instead(office: Office) -> None:
    desk = office.desktop("bruno")
    desk.put("/me/activity", {"activity": "available"})
    contact = office.walk_in()
    desk.post(f"/contacts/{contact}/accept")
    answer = send(desk, contact, ("a.pdf", PDF))
    assert answer.status_code == 422
    assert "remettez-le au guichet, ou demandez un courriel" in json_of(answer)["detail"]
    assert json_of(desk.get(f"/contacts/{contact}"))["messages"][1:] == []


def test_the_back_office_sends_files_too(office: Office) -> None:
    contact, desk = received(office, None), office.desktop("bruno")
    full = json_of(desk.post(f"/contacts/{contact}/follow-up"))
    answer = desk.post_form(
        f"/follow-ups/{full['reference']}/answer", {"body": '{"text": "Voici"}', "files": [file("acte.pdf", PDF)]}
    )
    assert (answer.status_code, json_of(answer)["state"]) == (200, "answered")
    (sent,) = [one for one in json_of(desk.get(f"/contacts/{contact}"))["messages"] if one["direction"] == "out"]
    assert [one["name"] for one in sent["attachments"]] == ["acte.pdf"]


def test_a_browser_shows_its_csrf_token_with_a_form_too(office: Office) -> None:
    contact = received(office, None)
    browser = office.browser("bruno")
    assert send(browser, contact, ("a.pdf", PDF)).status_code == 201
    browser.forget_headers()
    assert send(browser, contact, ("a.pdf", PDF)).status_code == 403
