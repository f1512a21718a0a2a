"""Messages are read in processes that can be ended, and none is lost by it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from canaux.email.incoming.bounded_reading import READING_MEMORY_BYTES, BoundedReader
from canaux.email.incoming.reading import WHOLE_MESSAGE_NAME, read_email, unread_email
from routeur.contact.digests import agree

FOLDER = Path(__file__).parents[1] / "data" / "emails"
OUR_HOST = "petit-bourg.example"
SAMPLES = sorted(FOLDER.glob("*.eml"))


@pytest.fixture(scope="module")
def reader() -> BoundedReader:
    return BoundedReader(OUR_HOST)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_the_same_is_read_as_here(reader: BoundedReader, path: Path) -> None:
    raw = path.read_bytes()
    there, here = reader(raw), read_email(raw, OUR_HOST)
    assert (there.writer, tuple(there.named), there.failed, there.bounce_reason) == (
        *(here.writer, here.named, here.failed),
        here.bounce_reason,
    )
    assert (there.inbound.address, there.inbound.text) == (here.inbound.address, here.inbound.text)
    assert tuple(there.inbound.in_reply_to) == here.inbound.in_reply_to
    assert list(there.inbound.attachments) == list(here.inbound.attachments)


def test_many_may_ask_at_once(reader: BoundedReader) -> None:
    letters = [b"From: a%d@example.org\n\n%d" % (number, number) for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        texts = [received.inbound.text for received in pool.map(reader, letters)]
    assert texts == [str(number) for number in range(40)]


def test_what_is_not_read_in_time_is_kept_with_a_note_and_its_process_ended() -> None:
    before = set(psutil.Process().children())
    raw = "From: Zoé <zoe@example.org>\nSubject: Égout\nMessage-ID: <1@example.org>\n\nOù ?".encode()
    received = BoundedReader(OUR_HOST, seconds=0)(raw)
    inbound = received.inbound
    assert (inbound.address, inbound.name, inbound.subject) == ("zoe@example.org", "Zoé", "Égout")
    assert inbound.provider_id == "<1@example.org>"
    assert inbound.text.startswith("Ce courriel n'a pas pu être lu.")
    (whole,) = inbound.attachments
    assert (whole.name, whole.content) == (WHOLE_MESSAGE_NAME, raw)
    assert not inbound.automatic
    assert set(psutil.Process().children()) <= before


def test_a_reader_that_is_done_leaves_no_process() -> None:
    before = set(psutil.Process().children())
    reader = BoundedReader(OUR_HOST)
    reader(b"From: a@example.org\n\nx")
    assert set(psutil.Process().children()) - before
    del reader
    assert set(psutil.Process().children()) <= before


@pytest.mark.skipif(not hasattr(psutil, "RLIMIT_DATA"), reason="the system bounds no process's memory")
def test_a_reading_process_takes_no_more_memory_than_it_may() -> None:
    before = set(psutil.Process().children())
    reader = BoundedReader(OUR_HOST)
    reader(b"From: a@example.org\n\nBonjour")
    (process,) = set(psutil.Process().children()) - before
    assert process.rlimit(psutil.RLIMIT_DATA)[0] == READING_MEMORY_BYTES
    longest = b"From: a@example.org\nContent-Type: text/plain\n\n" + b"a b\n" * 9_000_000
    assert reader(longest).inbound.text.startswith("a b")


def test_a_process_that_died_while_it_waited_costs_no_letter() -> None:
    before = set(psutil.Process().children())
    reader = BoundedReader(OUR_HOST)
    reader(b"From: a@example.org\n\nBonjour")
    for process in set(psutil.Process().children()) - before:
        process.kill()
    assert reader(b"From: a@example.org\n\nBonsoir").inbound.text == "Bonsoir"


def test_a_process_that_is_killed_at_work_costs_no_letter() -> None:
    before = set(psutil.Process().children())
    reader = BoundedReader(OUR_HOST)
    reader(b"From: a@example.org\n\nBonjour")
    (process,) = set(psutil.Process().children()) - before
    process.suspend()
    with ThreadPoolExecutor(1) as pool:
        received = pool.submit(reader, b"From: a@example.org\n\nBonsoir")
        process.kill()
        assert received.result(timeout=20).inbound.text == "Bonsoir"


def test_a_letter_has_one_digest_whether_it_was_read_or_not() -> None:
    raw = b"From: a@example.org\nSubject: Carte\n\nBonjour"
    by_another_route = b"Received: by mx\r\nFrom: a@example.org\r\nSubject: Carte\r\n\r\nBonjour\r\n"
    read, unread = read_email(raw).inbound.digest or "", unread_email(by_another_route).inbound.digest or ""
    other = unread_email(raw.replace(b"Bonjour", b"Bonsoir")).inbound.digest or ""
    pairs = [(read, unread), (unread, unread), (read, other), (unread, other)]
    assert [agree(*pair) for pair in pairs] == [True, True, False, False]
