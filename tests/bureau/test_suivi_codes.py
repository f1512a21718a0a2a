"""On the page where people follow their request, a code shows whose an address is that was only typed with it."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from canaux.code_ways import CODES_PER_ADDRESS, CODES_PER_ASKER
from competences.channels import Channel
from routeur.contact.identity import Given
from routeur.contact.proof_codes import MOST_TRIES
from routeur.contact.words import AddressKind
from routeur.ports.inbound import Inbound
from routeur.ports.news import CodeAsked, Effect, FollowedUp, IfFailed, News
from routeur.record.tables import StatusProof
from routeur.retention import purge
from tests.bureau.test_suivi import UNKNOWN, client, hall, whole
from tests.routeur.hall import Hall, Postman

__all__ = ["client", "hall"]

EMAIL, PHONE = "lea@example.org", "+33639980007"
SENT, WRONG = "nous venons d'y envoyer un code", "Ce code n'est pas le bon"


class CodePostman(Postman):
    """Carries codes, and shows them; a follow-up is told to whoever proves their address, too."""

    def effects(self, news: News, thread: Any) -> list[Effect]:
        if isinstance(news, FollowedUp):
            return []
        assert isinstance(news, CodeAsked)
        payload = {"to": news.address, "code": news.code}
        return [Effect(self.channel, "code", f"code:{news.id}", payload, news.contact.id, IfFailed.NOTHING)]


@pytest.fixture
def postmen(hall: Hall) -> dict[Channel, CodePostman]:
    postmen = {channel: CodePostman(channel) for channel in (Channel.EMAIL, Channel.MESSAGING)}
    for postman in postmen.values():
        hall.adapt(postman)
    return postmen


@pytest.fixture
def reference(hall: Hall) -> str:
    """The reference of a visit at the counter, with the address and the number that were typed there."""
    visit = Inbound(Channel.WALKIN, AddressKind.TICKET, "T1", provider_ref="T1", given=Given(email=EMAIL, phone=PHONE))
    return hall.reception.receive(visit).standing.contact.reference


def post(client: FlaskClient, path: str, *, address: str = "192.0.2.1", **form: str) -> TestResponse:
    return client.post(path, data=form, environ_overrides={"REMOTE_ADDR": address})


def ask(client: FlaskClient, reference: str, to: str = EMAIL, address: str = "192.0.2.1") -> TestResponse:
    return post(client, "/suivi/code", reference=reference, phone_or_email=to, address=address)


def say(client: FlaskClient, reference: str, code: str, to: str = EMAIL) -> TestResponse:
    return post(client, "/suivi", reference=reference, phone_or_email=to, code=code)


def code_sent(hall: Hall, postmen: dict[Channel, CodePostman], channel: Channel = Channel.EMAIL) -> str:
    hall.step()
    return str(postmen[channel].delivered[-1].payload["code"])


def test_what_was_only_typed_opens_nothing_by_being_typed_again(client: FlaskClient, reference: str) -> None:
    for typed in (EMAIL, PHONE):
        answer = post(client, "/suivi", reference=reference, phone_or_email=typed)
        unknown = post(client, "/suivi", reference=UNKNOWN, phone_or_email=typed)
        assert answer.status_code == 404
        assert whole(answer) == whole(unknown)


@pytest.mark.parametrize(
    ("to", "channel"),
    [(EMAIL, Channel.EMAIL), ("Lea@Example.org", Channel.EMAIL), ("06 39 98 00 07", Channel.MESSAGING)],
)
def test_the_code_that_came_there_opens_it(
    hall: Hall, client: FlaskClient, postmen: dict[Channel, CodePostman], reference: str, to: str, channel: Channel
) -> None:
    asked = ask(client, reference, to)
    assert asked.status_code == 202
    assert SENT in asked.text.replace("&#39;", "'")
    code = code_sent(hall, postmen, channel)
    told = say(client, reference, f" {code[:3]} {code[3:]} ", to)
    assert told.status_code == 200
    assert reference in told.text
    assert "au plus tard le" in told.text
    assert say(client, reference, code, to).status_code == 422  # a code is good once


def test_the_address_is_proved_from_then_on(
    hall: Hall, client: FlaskClient, postmen: dict[Channel, CodePostman], reference: str
) -> None:
    ask(client, reference)
    say(client, reference, code_sent(hall, postmen))
    (shown,) = hall.views.contacts.page().items
    assert shown.usager.verified == ("email",)
    assert post(client, "/suivi", reference=reference, phone_or_email=EMAIL).status_code == 200
    assert post(client, "/suivi", reference=reference, phone_or_email=PHONE).status_code == 404
    assert hall.story(shown.id).count("address_proved") == 1


def without_what_was_typed(answer: TestResponse, *typed: str) -> tuple[int, str, list[tuple[str, str]]]:
    text = answer.text
    for one in typed:
        text = text.replace(one, "")
    headers = [(name, value) for name, value in answer.headers.items() if name != "Content-Length"]
    return answer.status_code, text, sorted(headers)


def test_nobody_learns_whether_a_request_or_its_address_exists(
    hall: Hall, client: FlaskClient, postmen: dict[Channel, CodePostman], reference: str
) -> None:
    pairs = [(reference, EMAIL), (reference, "max@example.org"), (UNKNOWN, EMAIL), ("no reference", EMAIL)]
    asked = [without_what_was_typed(ask(client, *pair), *pair) for pair in pairs]
    assert asked == [asked[0]] * len(pairs)
    said = [without_what_was_typed(say(client, one, "0000000", to), one, to) for one, to in pairs]
    assert said == [said[0]] * len(pairs)
    assert said[0][0] == 422
    hall.step()
    assert [one.payload["to"] for one in postmen[Channel.EMAIL].delivered] == [EMAIL]
    with hall.record.read() as connection:
        assert connection.scalar(select(func.count()).select_from(StatusProof)) == len(pairs)
        assert "example.org" not in str(connection.execute(select(*StatusProof.__table__.c)).all())


def test_programs_are_told_the_same(
    hall: Hall, client: FlaskClient, postmen: dict[Channel, CodePostman], reference: str
) -> None:
    question = {"reference": reference, "phone_or_email": EMAIL}
    asked = client.post("/suivi/code", json=question)
    assert (asked.status_code, list(asked.json or {})) == (202, ["text"])
    wrong = client.post("/suivi", json={**question, "code": "x"})
    assert (wrong.status_code, list(wrong.json or {})) == (422, ["text"])
    told = client.post("/suivi", json={**question, "code": code_sent(hall, postmen)})
    assert (told.status_code, (told.json or {})["state"]) == (200, "recorded")


def test_a_code_is_good_for_ten_minutes_and_five_tries(
    hall: Hall, client: FlaskClient, postmen: dict[Channel, CodePostman], reference: str
) -> None:
    ask(client, reference)
    late = code_sent(hall, postmen)
    hall.clock.advance(601)
    assert say(client, reference, late).status_code == 422
    ask(client, reference)
    code = code_sent(hall, postmen)
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    assert [say(client, reference, wrong).status_code for _ in range(MOST_TRIES)] == [422] * MOST_TRIES
    assert say(client, reference, code).status_code in (422, 429)
    assert WRONG in say(client, UNKNOWN, code).text.replace("&#39;", "'")


def test_a_code_opens_the_one_request_that_it_was_asked_for(
    hall: Hall, client: FlaskClient, postmen: dict[Channel, CodePostman], reference: str
) -> None:
    other = hall.reception.standing(hall.chat(email=EMAIL)).contact.reference
    ask(client, reference)
    code = code_sent(hall, postmen)
    assert say(client, other, code).status_code == 422
    assert say(client, reference, code, PHONE).status_code == 422
    assert say(client, reference, code).status_code == 200


def test_it_takes_no_chat_s_code_away(hall: Hall, client: FlaskClient, postmen: dict[Channel, CodePostman]) -> None:
    chatting = hall.chat(email=EMAIL)
    hall.reception.verifications.ask(chatting, Channel.EMAIL, AddressKind.EMAIL, EMAIL)
    code = code_sent(hall, postmen)
    ask(client, hall.reception.standing(chatting).contact.reference)
    assert hall.reception.verifications.confirm(chatting, code)


def test_nobody_is_flooded_with_codes(client: FlaskClient, postmen: dict[Channel, CodePostman], reference: str) -> None:
    asked = [ask(client, one, address=f"192.0.2.{number}") for number, one in enumerate([reference, UNKNOWN] * 3)]
    assert [one.status_code for one in asked] == [202] * CODES_PER_ADDRESS.amount + [429]
    assert asked[-1].headers["Retry-After"]
    many = [ask(client, UNKNOWN, f"x{number}@example.org").status_code for number in range(CODES_PER_ASKER.amount + 1)]
    assert many[-1] == 429


@pytest.mark.parametrize(
    ("to", "words"),
    [
        ("+1 202 555 0143", "numéros de ce pays"),
        ("01 42 76 40 40", "ne reçoit pas de SMS"),
        ("n'importe quoi", "ni une adresse électronique"),
    ],
)
def test_what_no_code_is_sent_to_is_said_beside_the_field(
    client: FlaskClient, reference: str, to: str, words: str
) -> None:
    for one in (reference, UNKNOWN):
        answer = ask(client, one, to)
        assert answer.status_code == 422
        assert words in answer.text.replace("&#39;", "'")
        field = Page.of(answer).fields["phone_or_email"]
        assert (field["aria-invalid"], field["aria-describedby"]) == ("true", "phone_or_email-hint answer-text")


def test_the_page_is_reached_by_asking_only(client: FlaskClient) -> None:
    answer = client.get("/suivi/code?lang=en")
    assert (answer.status_code, answer.location) == (303, "/suivi?lang=en")
    assert client.post("/suivi/code", data={"reference": "x"}).status_code == 422
    assert client.post("/suivi/code", data={"reference": "x" * 5000}).status_code == 413


class Page(HTMLParser):
    """The fields, buttons and ids of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, dict[str, str | None]] = {}
        self.buttons: list[dict[str, str | None]] = []
        self.ids: set[str | None] = set()
        self.labels: set[str | None] = set()

    @classmethod
    def of(cls, answer: TestResponse) -> Page:
        page = cls()
        page.feed(answer.text)
        return page

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.ids.add(named.get("id"))
        if tag == "input":
            self.fields[str(named["name"])] = named
        elif tag == "button":
            self.buttons.append(named)
        elif tag == "label":
            self.labels.add(named.get("for"))


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_page_of_the_code_can_be_used_without_seeing_it(
    client: FlaskClient, postmen: dict[Channel, CodePostman], reference: str, language: str
) -> None:
    form = {"reference": reference, "phone_or_email": EMAIL}
    asked = post(client, f"/suivi/code?lang={language}", **form)
    wrong = post(client, f"/suivi?lang={language}", code="1", **form)
    for answer in (asked, wrong):
        page = Page.of(answer)
        code = page.fields["code"]
        assert (code["autocomplete"], code["inputmode"]) == ("one-time-code", "numeric")
        assert "autofocus" in code
        assert page.labels == {"code"}
        assert set(str(code["aria-describedby"]).split()) == {"code-hint", "answer-text"}
        assert {"code-hint", "answer-text"} <= page.ids
        assert [page.fields[name]["type"] for name in form] == ["hidden", "hidden"]
        assert [button.get("formaction") for button in page.buttons] == [None, f"/suivi/code?lang={language}"]
        assert answer.headers["Content-Language"] == language
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'")
        assert not re.search(r"https?://|<script|style=", answer.text)
    assert Page.of(wrong).fields["code"]["aria-invalid"] == "true"
    assert "aria-invalid" not in Page.of(asked).fields["code"]


def test_what_is_typed_comes_back_as_text_alone(client: FlaskClient, postmen: dict[Channel, CodePostman]) -> None:
    answer = ask(client, '"><script>alert(1)</script>', '"><img src=x>@example.org')
    assert answer.status_code == 202
    assert "<script" not in answer.text
    assert "<img" not in answer.text


def test_codes_are_forgotten(
    hall: Hall, client: FlaskClient, postmen: dict[Channel, CodePostman], reference: str
) -> None:
    ask(client, reference)
    hall.clock.advance(days=2)
    purge(hall.record, hall.clock())
    with hall.record.read() as connection:
        assert connection.scalar(select(func.count()).select_from(StatusProof)) == 0
