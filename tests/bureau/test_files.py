"""Files that came with a message: who may have them, how they are given, and where they are fetched."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
import requests
from redis import Redis
from werkzeug.http import parse_options_header

from bureau.http.files import ANYTHING, media_type, safe_name
from canaux.twilio.media import TwilioMedia
from competences.channels import Channel
from routeur.contact.messages import InboundAttachment
from routeur.contact.words import AddressKind
from routeur.ports.inbound import Inbound
from routeur.ports.news import DeliveryError
from tests.bureau.office import Office, json_of, open_office
from tests.clock import ManualClock

ACCOUNT, TOKEN = "AC" + "0" * 32, "a token for tests only"
CREDENTIALS = "Basic " + b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
WAV = b"RIFF\x24\x00\x00\x00WAVEfmt "
RECORDING = f"/2010-04-01/Accounts/{ACCOUNT}/Recordings/RE1"
PDF = InboundAttachment("plan de masse.pdf", "application/pdf", 8, b"%PDF-1.7")


@dataclass
class Keeper:
    """A provider's file store on this machine, and its requests: paths, each with the credentials shown."""

    base_url: str = ""
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    content: bytes = WAV


@pytest.fixture
def keeper() -> Iterator[Keeper]:
    keeper = Keeper()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # noqa: N802 - named by http.server
            keeper.asked.append((self.path, self.headers.get("Authorization")))
            self.send_response(keeper.status)
            for name, value in {"Content-Length": str(len(keeper.content)), **keeper.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(keeper.content)

        def log_message(self, format: str, *args: Any) -> None:
            """Log nothing: the tests check what matters."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        keeper.base_url = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield keeper
        server.shutdown()
        thread.join()


@pytest.fixture
def office(sqlite: str, redis_client: Redis, redis_url: str, clock: ManualClock, keeper: Keeper) -> Iterator[Office]:
    """A town hall whose provider is the keeper."""
    media = TwilioMedia(ACCOUNT, TOKEN, keeper.base_url)
    with open_office(sqlite, redis_client, redis_url, clock, media=media) as office:
        yield office


def held(office: Office, *files: InboundAttachment) -> str:
    """An e-mail with these files, which bruno has accepted."""
    office.desktop("bruno").put("/me/activity", {"activity": "available"})
    contact = office.hall.reception.receive(
        Inbound(
            Channel.EMAIL,
            AddressKind.EMAIL,
            "lea@example.org",
            text="Voici.",
            provider_id="<1@example.org>",
            topic="carte-identite",
            attachments=files,
        )
    ).standing.contact.id
    answer = office.desktop("bruno").post(f"/contacts/{contact}/accept")
    assert answer.status_code == 200, answer.text
    return contact


def listed(office: Office, contact: str) -> list[dict[str, Any]]:
    (message,) = json_of(office.desktop("bruno").get(f"/contacts/{contact}"))["messages"]
    found: list[dict[str, Any]] = message["attachments"]
    return found


def path_to(office: Office, contact: str) -> str:
    return str(listed(office, contact)[0]["href"]).removeprefix("/api/v1")


def test_whoever_holds_the_contact_saves_the_file(office: Office) -> None:
    contact = held(office, PDF)
    (shown,) = listed(office, contact)
    assert shown == {
        "id": shown["id"],
        "name": "plan de masse.pdf",
        "content_type": "application/pdf",
        "size": 8,
        "href": f"/api/v1/contacts/{contact}/attachments/{shown['id']}",
    }
    for reader in (office.desktop("bruno"), office.desktop("anne"), office.other_system()):
        answer = reader.get(path_to(office, contact))
        assert (answer.status_code, answer.data) == (200, b"%PDF-1.7")
        assert answer.headers["Content-Type"] == "application/pdf"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert parse_options_header(answer.headers["Content-Disposition"]) == (
            "attachment",
            {"filename": "plan de masse.pdf"},
        )


def test_a_colleague_and_a_stranger_are_refused(office: Office) -> None:
    path = path_to(office, held(office, PDF))
    assert office.desktop("david").get(path).status_code == 403
    assert office.anonymous().get(f"/api/v1{path}").status_code == 401


def test_a_file_is_found_under_its_own_contact_alone(office: Office) -> None:
    contact = held(office, PDF)
    (shown,) = listed(office, contact)
    other = office.walk_in()
    for path in (
        f"/contacts/{contact}/attachments/0",
        f"/contacts/{other}/attachments/{shown['id']}",
        f"/contacts/0/attachments/{shown['id']}",
    ):
        assert office.desktop("anne").get(path).status_code == 404


@pytest.mark.parametrize(
    ("name", "saved"),
    [
        ('../../etc/"passwd"\r\nSet-Cookie: a=b', "_.._etc__passwd_Set-Cookie_ a=b"),
        ("\u202efdp.exe", "fdp.exe"),
        ("\udcff\x00 . ", "fichier"),
        ("reçu n° 5.pdf", "reçu n° 5.pdf"),
        ("..", "fichier"),
    ],
)
def test_a_name_cannot_do_harm(name: str, saved: str) -> None:
    assert safe_name(name) == saved


def test_a_hostile_name_stays_in_its_header(office: Office) -> None:
    name = 'é"; filename=evil.html\r\nSet-Cookie: a=b'
    answer = office.desktop("bruno").get(path_to(office, held(office, InboundAttachment(name, "text/html", 1, b"x"))))
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    kind, options = parse_options_header(answer.headers["Content-Disposition"])
    assert (kind, options["filename"]) == ("attachment", "é_; filename=evil.htmlSet-Cookie_ a=b")
    assert "filename*=UTF-8''%C3%A9_" in answer.headers["Content-Disposition"]


@pytest.mark.parametrize("kind", ["text/html", "image/svg+xml", "message/rfc822", "text/plain\r\nX: y", "", "nonsense"])
def test_what_a_browser_might_run_is_said_to_be_anything(office: Office, kind: str) -> None:
    page = InboundAttachment("page.html", kind, 8, b"<script>")
    answer = office.desktop("bruno").get(path_to(office, held(office, page)))
    assert answer.headers["Content-Type"] == ANYTHING
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_text_is_utf_8_or_anything(office: Office) -> None:
    text = InboundAttachment("note.txt", "text/plain; charset=latin-1", 3, "été".encode())
    answer = office.desktop("bruno").get(path_to(office, held(office, text)))
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert media_type("text/plain", "été".encode("latin-1")) == ANYTHING
    assert media_type("Image/PNG; name=a", b"\xff") == "image/png"


def test_every_kind_of_file_is_described(office: Office) -> None:
    document = json_of(office.anonymous().get("/api/openapi.json"))
    described = document["paths"]["/api/v1/contacts/{contact_id}/attachments/{attachment_id}"]["get"]["responses"]
    assert {"401", "403", "404", "503"} <= described.keys()
    assert {ANYTHING, "audio/x-wav", "application/pdf"} <= described["200"]["content"].keys()
    assert "application/json" not in described["200"]["content"]


def voice_message(url: str) -> InboundAttachment:
    return InboundAttachment("RE1.wav", "audio/x-wav", 0, url=url)


@pytest.mark.parametrize("server", ["", "https://api.twilio.com"])
def test_a_voice_message_is_fetched_with_the_accounts_credentials(office: Office, keeper: Keeper, server: str) -> None:
    contact = held(office, voice_message((server or keeper.base_url) + RECORDING))
    answer = office.desktop("bruno").get(path_to(office, contact))
    assert (answer.status_code, answer.data) == (200, WAV)
    assert answer.headers["Content-Type"] == "audio/x-wav"
    assert keeper.asked == [(RECORDING, CREDENTIALS)]


def test_nobody_fetches_what_they_may_not_have(office: Office, keeper: Keeper) -> None:
    path = path_to(office, held(office, voice_message(keeper.base_url + RECORDING)))
    assert office.desktop("david").get(path).status_code == 403
    assert keeper.asked == []


@pytest.mark.parametrize("status", [404, 500])
def test_what_the_provider_does_not_hand_over_is_out_of_service(office: Office, keeper: Keeper, status: int) -> None:
    keeper.status = status
    answer = office.desktop("bruno").get(path_to(office, held(office, voice_message(keeper.base_url + RECORDING))))
    assert answer.status_code == 503
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert ("Retry-After" in answer.headers) == (status == 500)


def test_a_foreign_address_is_not_fetched(office: Office, keeper: Keeper) -> None:
    foreign = keeper.base_url.replace("127.0.0.1", "localhost") + RECORDING
    answer = office.desktop("bruno").get(path_to(office, held(office, voice_message(foreign))))
    assert answer.status_code == 503
    assert keeper.asked == []


@pytest.mark.parametrize(
    "url",
    [
        "http://api.twilio.com/a",
        "https://api.twilio.com.example.org/a",
        "https://twilio.com.example.org/a",
        "https://eviltwilio.com/a",
        "https://api.twilio.com@example.org/a",
        "https://example.org\\@api.twilio.com/a",
        "https://api.twilio.com:8443/a",
        "https://127.0.0.1/a",
        "https://api.twilio.com:port/a",
        "https://[/a",
        "file:///etc/passwd",
        "",
    ],
)
def test_credentials_go_to_the_provider_alone(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("requests.Session.send", nothing_is_sent)
    with pytest.raises(DeliveryError) as caught:
        TwilioMedia(ACCOUNT, TOKEN).fetch(url)
    assert not caught.value.retryable


def nothing_is_sent(*_: object, **__: object) -> None:
    raise AssertionError("a request left")


@pytest.mark.parametrize(
    "elsewhere", ["http://localhost:9/a", "/again", "https://a:b@example.org/", "ftp://localhost/"]
)
def test_nobody_follows_but_over_https(keeper: Keeper, elsewhere: str) -> None:
    keeper.status, keeper.headers = 307, {"Location": elsewhere}
    with pytest.raises(DeliveryError, match="nobody should follow"):
        TwilioMedia(ACCOUNT, TOKEN, keeper.base_url).fetch(keeper.base_url + RECORDING)
    assert keeper.asked == [(RECORDING, CREDENTIALS)]


def test_credentials_stay_behind_when_the_file_is_elsewhere(keeper: Keeper, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[tuple[str, str | bytes | None]] = []
    send = requests.Session.send

    def noted(session: requests.Session, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        sent.append((str(request.url), request.headers.get("Authorization")))
        if str(request.url).startswith("https://media.example.org/"):
            keeper.status, request.url = 200, keeper.base_url + "/stored"
        return send(session, request, **options)

    monkeypatch.setattr(requests.Session, "send", noted)
    keeper.status, keeper.headers = 307, {"Location": "https://media.example.org/stored"}
    assert TwilioMedia(ACCOUNT, TOKEN, keeper.base_url).fetch(keeper.base_url + RECORDING) == WAV
    assert sent == [(keeper.base_url + RECORDING, CREDENTIALS), ("https://media.example.org/stored", None)]
    assert keeper.asked[-1] == ("/stored", None)


@contextmanager
def refused(reason: str) -> Iterator[None]:
    with pytest.raises(DeliveryError, match=reason):
        yield


def test_a_file_has_an_end(keeper: Keeper) -> None:
    url = keeper.base_url + RECORDING
    with refused("too large"):
        TwilioMedia(ACCOUNT, TOKEN, keeper.base_url, largest_bytes=len(WAV) - 1).fetch(url)
    seconds = iter([0.0, 61.0])
    with refused("too slowly"):
        TwilioMedia(ACCOUNT, TOKEN, keeper.base_url, now=lambda: next(seconds)).fetch(url)
    keeper.headers = {"Content-Length": str(len(WAV) + 1)}
    with refused("did not come"):
        TwilioMedia(ACCOUNT, TOKEN, keeper.base_url).fetch(url)
