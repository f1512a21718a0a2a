"""The demonstration as a whole, and its parts that judge what happened."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTP, default
from pathlib import Path
from typing import Any

import pytest

from application.play.emails import parsed
from application.play.report import matching, unsaid
from application.play.tally import Sent
from application.play.town_hall import next_morning
from application.play.twiml import Conference, Goodbye, Heard, Menu, Recorder, Waiting, heard
from canaux.sendgrid import UploadedFile, to_mime
from canaux.twilio.twiml import VoiceTwiml
from canaux.twilio.urls import VoiceUrls
from canaux.voice.script import VoiceScript
from canaux.voice.steps import AfterRecording, Script, WaitTurn
from competences.channels import Channel
from competences.plan.plan import Plan
from routeur.contact.words import FollowUpReason
from routeur.ports.inbound import FollowUpFacts
from tests.application.test_run import Tree, running

NOON = datetime(2026, 3, 2, 11, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def plan() -> Plan:
    return Plan.load((Path(__file__).parents[2] / "plans" / "mairie.yaml").read_text("utf-8"))


def play(tree: Tree, environment: dict[str, str], folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "application", "play", *options],
        cwd=folder,
        env=environment | {"PORT": tree.address.rpartition(":")[2]},
        capture_output=True,
        text=True,
        timeout=150,
    )


def test_what_it_sends_is_acknowledged_served_and_found_again(environment: dict[str, str], folder: Path) -> None:
    environment = environment | {"CLOCK_START": "2026-03-02T08:36", "LANG": "en"}
    with running(environment, folder) as tree:
        played = play(tree, environment, folder, "--minutes", "0.2", "--speed", "120")
    assert played.returncode == 0, played.stdout + played.stderr
    total = next(line.split() for line in played.stdout.splitlines() if line.split()[:1] == ["all"])
    sent, acknowledged, answered = map(int, total[1:4])
    assert sent == acknowledged >= 15
    assert answered > sent / 4


def test_it_says_that_nothing_answers(environment: dict[str, str], folder: Path) -> None:
    with running(environment, folder) as tree:
        pass
    refused = play(tree, environment, folder)
    assert refused.returncode == 1
    assert len(refused.stderr.splitlines()) == 1
    assert tree.address in refused.stderr


def test_it_leaves_a_real_town_hall_alone(environment: dict[str, str], folder: Path) -> None:
    real = {
        "SECRET_KEY": "x" * 32,
        "PUBLIC_URL": "https://guichet.example.fr",
        "TWILIO_ACCOUNT_SID": "AC1",
        "TWILIO_AUTH_TOKEN": "token",
        "SMTP_URL": "smtp://127.0.0.1",
        "EMAIL_FROM": "mairie@example.fr",
        "EMAIL_WEBHOOK_TOKEN": "0123456789abcdef",
    }
    refused = subprocess.run(
        [sys.executable, "-m", "application", "play"],
        cwd=folder,
        env=environment | real,
        capture_output=True,
        text=True,
    )
    assert refused.returncode == 1
    assert "SECRET_KEY" in refused.stderr


def contact(**facts: Any) -> dict[str, Any]:
    return {"id": "1", "reference": "ABC-123-456", "usager": {"phone": "+33639981234", "email": None}, **facts}


def test_a_contact_is_recognised_by_its_id_or_its_usager() -> None:
    mine, other = contact(), contact(id="2", usager={"phone": "+33639989999", "email": None})
    assert matching(Sent(Channel.VOICE, "+33639981234"), [other, mine]) == [mine]
    assert matching(Sent(Channel.CHAT, "", contact_id="2"), [other, mine]) == [other]
    assert matching(Sent(Channel.EMAIL, "nobody@courriel.example"), [other, mine]) == []


def test_the_contact_that_was_acknowledged_comes_before_those_that_followed() -> None:
    first, later = contact(), contact(id="2", reference="DEF-123-456")
    sent = Sent(Channel.MESSAGING, "+33639981234", answer="Votre référence : ABC-123-456.")
    assert matching(sent, [later, first]) == [first, later]


def test_words_must_be_there_as_often_as_they_were_said() -> None:
    sent = Sent(Channel.EMAIL, "", words=["Bonjour,\n\nUne question.", "Merci."])
    kept = [{"direction": "in", "text": "Bonjour,\nUne question."}, {"direction": "out", "text": "Merci."}]
    assert unsaid(sent, kept) == ["Merci."]
    assert unsaid(sent, [*kept, {"direction": "in", "text": "Merci."}]) == []
    assert unsaid(sent, [*kept, *[{"direction": "in", "text": "Merci."}] * 2]) == ["Merci."]


def test_everything_that_callers_hear_is_understood(plan: Plan) -> None:
    urls = VoiceUrls("http://127.0.0.1:8000")
    twiml, script = VoiceTwiml(urls), VoiceScript()
    promise = FollowUpFacts("1", "ABC-123-456", FollowUpReason.CLOSED, None, "guichet", NOON)

    def understood(said: Script) -> Heard:
        return heard(twiml.document(said))

    assert isinstance(understood(script.welcome(plan)), Menu)
    assert understood(script.waiting()) == Waiting(8, urls.of(WaitTurn(1)))
    assert understood(script.conversation("c1")) == Conference("c1", urls.conference("c1"), urls.after())
    recorder = Recorder(urls.of(AfterRecording()))
    assert understood(script.followed_up(plan, promise)) == understood(script.apology()) == recorder
    assert understood(script.goodbye()) == Goodbye()
    for nothing in ("", "<Response/>"):
        with pytest.raises(ValueError, match="TwiML|next"):
            heard(nothing)


def test_sendgrid_s_form_holds_the_whole_message() -> None:
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = "Zoé <zoe@courriel.example>", "mairie@example.fr", "Éclairage"
    message["Message-ID"] = "<1@courriel.example>"
    message.set_content("Le réverbère est éteint.\n")
    message.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="reçu.pdf")
    form = parsed(message)
    fields = {name: value.encode() for name, value in form.items() if isinstance(value, str)}
    files = [
        UploadedFile(name, value[0], value[2], value[1]) for name, value in form.items() if isinstance(value, tuple)
    ]
    back = BytesParser(EmailMessage, policy=default).parsebytes(to_mime(fields, files))
    assert (back["From"], back["Subject"], back["Message-ID"]) == (message["From"], "Éclairage", "<1@courriel.example>")
    (file,) = back.iter_attachments()
    assert (file.get_filename(), file.get_content()) == ("reçu.pdf", b"%PDF")
    body = back.get_body(("plain",))
    assert body is not None
    assert body.get_content().strip() == "Le réverbère est éteint."


@pytest.mark.parametrize("days", range(0, 400, 3))
def test_it_begins_on_a_working_morning_at_the_usual_hour(plan: Plan, days: int) -> None:
    now = NOON + timedelta(days=days)
    opens = next_morning(plan, now)
    assert opens > now
    assert opens - now < timedelta(days=8)
    assert opens.strftime("%H:%M") == "08:30"
    assert opens.weekday() in (0, 1, 3, 4)
