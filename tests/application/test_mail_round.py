"""From a mailbox on a real IMAP server to the town hall: nothing is lost or taken twice, and nothing is held up."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from application.letter_box import LetterTooLarge, NothingTaken, NotTaken
from application.mail_round import FAILURES_IN_A_ROW, FIRST_PAUSE_SECONDS, MailRound
from application.processes.mailbox import LONGEST_PAUSE_SECONDS, REFUSED_PAUSE_SECONDS, Visits
from canaux.email.limits import LARGEST_LETTER_BYTES
from canaux.imap.address import MailboxAddress
from canaux.imap.mailbox import ImapMailbox, MailboxAway, open_mailbox
from tests.clock import ManualClock
from tests.e2e.waiting import PATIENCE_SECONDS, eventually
from tests.imap_server import IDLES, PostOffice, imap_server
from tests.servers import free_port

READ, FLAGGED = {"\\Seen"}, {"\\Flagged"}


def letter(words: str) -> bytes:
    return f"From: lea@example.org\r\nSubject: {words}\r\n\r\n{words}\r\n".encode()


@dataclass
class TownHall:
    """What is in its record, by the words of the letters, and which it does not take for now."""

    taken: list[str] = field(default_factory=list)
    faults: dict[str, Exception] = field(default_factory=dict)

    def hand_in(self, raw: bytes) -> None:
        words = raw.decode().rpartition("\r\n\r\n")[2].strip()
        if words in self.faults:
            raise self.faults[words]
        self.taken.append(words)


@pytest.fixture(scope="module")
def server() -> Iterator[PostOffice]:
    with imap_server() as office:
        yield office


@pytest.fixture
def office(server: PostOffice, request: pytest.FixtureRequest) -> PostOffice:
    """An empty mailbox, named after the test."""
    return server.with_folder(request.node.name)


@pytest.fixture
def town_hall() -> TownHall:
    return TownHall()


@pytest.fixture
def mail_round(town_hall: TownHall, clock: ManualClock) -> MailRound:
    return MailRound(town_hall, lambda: clock().timestamp())


@contextmanager
def mailbox_of(office: PostOffice) -> Iterator[ImapMailbox]:
    with open_mailbox(MailboxAddress.parse(office.url)) as mailbox:
        yield mailbox


def visit(office: PostOffice, mail_round: MailRound) -> None:
    with mailbox_of(office) as mailbox:
        mail_round.take_all(mailbox)


class TestOneRound:
    def test_what_nobody_has_read_is_taken_oldest_first_and_shows_as_read(
        self, office: PostOffice, mail_round: MailRound, town_hall: TownHall
    ) -> None:
        office.post(letter("lu"), flags="\\Seen")
        office.post(letter("un"), letter("deux"))
        visit(office, mail_round)
        visit(office, mail_round)
        assert town_hall.taken == ["un", "deux"]
        assert office.flags() == [READ, READ, READ]

    def test_what_the_town_hall_does_not_take_stays_unread(
        self, office: PostOffice, mail_round: MailRound, town_hall: TownHall
    ) -> None:
        office.post(letter("un"), letter("deux"))
        town_hall.faults["un"] = NothingTaken("closed")
        with pytest.raises(NothingTaken):
            visit(office, mail_round)
        assert office.flags() == [set(), set()]
        town_hall.faults.clear()
        visit(office, mail_round)
        assert sorted(town_hall.taken) == ["deux", "un"]

    def test_a_letter_at_which_the_town_hall_never_answers_holds_up_no_other(
        self, office: PostOffice, mail_round: MailRound, town_hall: TownHall, clock: ManualClock
    ) -> None:
        town_hall.faults["poison"] = NothingTaken("status 502")
        office.post(letter("poison"), letter("un"))
        with pytest.raises(NothingTaken):
            visit(office, mail_round)
        visit(office, mail_round)  # the town hall takes the other: it is not away
        assert town_hall.taken == ["un"]
        with capture_logs() as logs:
            for pause in (FIRST_PAUSE_SECONDS, 2 * FIRST_PAUSE_SECONDS):
                clock.advance(pause)
                visit(office, mail_round)
        assert [line["again_in"] for line in logs] == [2 * FIRST_PAUSE_SECONDS, 4 * FIRST_PAUSE_SECONDS]

    @settings(max_examples=25, deadline=None)
    @given(fates=st.lists(st.sampled_from([None, NotTaken, NothingTaken]), min_size=1, max_size=9))
    def test_whatever_never_succeeds_every_other_letter_is_taken(
        self, server: PostOffice, fates: Sequence[type[Exception] | None]
    ) -> None:
        office = server.with_folder(f"fates-{uuid4().hex}")
        office.post(*(letter(str(number)) for number in range(len(fates))))
        faults = {str(number): fate("never") for number, fate in enumerate(fates) if fate is not None}
        town_hall = TownHall(faults=faults)
        mail_round = MailRound(town_hall, lambda: 0.0)
        for _ in range(len(faults) + 1):
            with suppress(NothingTaken):
                visit(office, mail_round)
        assert {*town_hall.taken} == {str(number) for number in range(len(fates))} - faults.keys()
        assert len(town_hall.taken) == len(fates) - len(faults)

    def test_a_process_that_is_killed_before_the_mark_brings_the_letter_again(
        self, office: PostOffice, town_hall: TownHall
    ) -> None:
        class Killed(BaseException):
            pass

        class KilledAfterTheCommit:
            def hand_in(self, letter: bytes) -> None:
                town_hall.hand_in(letter)
                raise Killed

        office.post(letter("un"))
        with pytest.raises(Killed):
            visit(office, MailRound(KilledAfterTheCommit(), time.monotonic))
        visit(office, MailRound(town_hall, time.monotonic))
        assert town_hall.taken == ["un", "un"]  # which the intake knows for one letter
        assert office.flags() == [READ]

    def test_a_letter_that_always_fails_holds_up_no_other_and_is_tried_later_and_later(
        self, office: PostOffice, mail_round: MailRound, town_hall: TownHall, clock: ManualClock
    ) -> None:
        office.post(letter("poison"), letter("un"))
        town_hall.faults["poison"] = NotTaken("status 500")
        visit(office, mail_round)
        assert town_hall.taken == ["un"]
        with capture_logs() as logs:
            visit(office, mail_round)
            assert logs == []
            for pause in (FIRST_PAUSE_SECONDS, 2 * FIRST_PAUSE_SECONDS):
                clock.advance(pause)
                visit(office, mail_round)
        assert [line["again_in"] for line in logs] == [2 * FIRST_PAUSE_SECONDS, 4 * FIRST_PAUSE_SECONDS]
        town_hall.faults.clear()
        clock.advance(4 * FIRST_PAUSE_SECONDS)
        visit(office, mail_round)
        assert town_hall.taken == ["un", "poison"]

    def test_many_failures_in_a_row_are_the_town_hall_s_and_the_others_come_at_the_next_visit(
        self, office: PostOffice, mail_round: MailRound, town_hall: TownHall
    ) -> None:
        poison = [f"poison {number}" for number in range(FAILURES_IN_A_ROW)]
        town_hall.faults = {words: NotTaken("status 500") for words in poison}
        office.post(*map(letter, poison), letter("un"))
        with pytest.raises(NothingTaken):
            visit(office, mail_round)
        assert town_hall.taken == []
        visit(office, mail_round)
        assert town_hall.taken == ["un"]

    def test_a_letter_at_which_the_connection_breaks_holds_up_no_other(
        self, office: PostOffice, mail_round: MailRound, town_hall: TownHall, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        whole = ImapMailbox.letter

        def breaks(mailbox: ImapMailbox, uid: int) -> bytes | None:
            raw = whole(mailbox, uid)
            if raw is not None and b"poison" in raw:
                raise MailboxAway("connection lost")
            return raw

        monkeypatch.setattr(ImapMailbox, "letter", breaks)
        office.post(letter("poison"), letter("un"))
        with pytest.raises(MailboxAway):
            visit(office, mail_round)
        visit(office, mail_round)
        assert town_hall.taken == ["un"]

    def test_a_letter_that_is_too_large_stays_with_a_flag_and_is_told_once(
        self, office: PostOffice, mail_round: MailRound, town_hall: TownHall
    ) -> None:
        office.post(b"x" * (LARGEST_LETTER_BYTES + 1), letter("un"))
        with capture_logs() as logs:
            visit(office, mail_round)
            visit(office, mail_round)
        assert [line["event"] for line in logs] == ["letter_left_out"]
        assert office.flags() == [FLAGGED, READ]
        assert town_hall.taken == ["un"]

    def test_a_letter_that_is_found_too_large_only_on_the_way_stays_too(
        self, office: PostOffice, mail_round: MailRound, town_hall: TownHall
    ) -> None:
        town_hall.faults["un"] = LetterTooLarge()
        office.post(letter("un"))
        visit(office, mail_round)
        assert office.flags() == [FLAGGED]

    def test_a_letter_that_somebody_takes_away_meanwhile_is_passed_over(
        self, office: PostOffice, mail_round: MailRound, town_hall: TownHall
    ) -> None:
        office.post(letter("un"), letter("deux"))
        with mailbox_of(office) as mailbox:
            hand_in = town_hall.hand_in

            def takes_the_next_away(raw: bytes) -> None:
                office.remove(2)
                hand_in(raw)

            town_hall.hand_in = takes_the_next_away  # type: ignore[method-assign]
            mail_round.take_all(mailbox)
        assert town_hall.taken == ["un"]

    def test_two_processes_at_once_lose_nothing(self, office: PostOffice, town_hall: TownHall) -> None:
        words = [str(number) for number in range(20)]
        office.post(*map(letter, words))
        rounds = [threading.Thread(target=visit, args=(office, MailRound(town_hall, time.monotonic))) for _ in range(2)]
        for one in rounds:
            one.start()
        for one in rounds:
            one.join()
        assert set(town_hall.taken) == set(words)
        assert office.flags() == [READ] * len(words)

    def test_a_mailbox_that_is_numbered_anew_is_a_new_one(self, mail_round: MailRound, town_hall: TownHall) -> None:
        port = free_port()
        for words in ("avant", "après"):
            with imap_server(port) as office:
                office.post(letter(words))
                town_hall.faults["avant"] = NotTaken("status 500")
                visit(office, mail_round)
        assert town_hall.taken == ["après"]  # though it has the number of the one that was put off


class Enough(BaseException):
    """Ends a visit that goes well."""


class TestVisits:
    def visits(self, url: str, town_hall: TownHall, read_through: Callable[[], None] = lambda: None) -> Visits:
        return Visits(MailboxAddress.parse(url), MailRound(town_hall, time.monotonic), read_through)

    @pytest.mark.skipif(not IDLES, reason="the IMAP server of the tests drops who waits, under this Python")
    def test_a_letter_that_arrives_is_taken_at_once(self, town_hall: TownHall) -> None:
        read_through, over = threading.Event(), threading.Event()
        with imap_server() as office:
            visits = self.visits(office.url, town_hall, read_through.set)

            def visit_again_and_again() -> None:  # as the process does: a line cut in two ends a visit
                while not over.is_set():
                    visits.visit()

            visiting = threading.Thread(target=visit_again_and_again)
            visiting.start()
            assert read_through.wait(PATIENCE_SECONDS)
            office.post(letter("un"))
            eventually(lambda: town_hall.taken == ["un"], "the letter is taken")
            over.set()
        visiting.join(PATIENCE_SECONDS)
        assert not visiting.is_alive()

    def test_a_server_that_is_away_is_visited_after_growing_pauses(self, town_hall: TownHall) -> None:
        visits = self.visits(f"imap://u:p@127.0.0.1:{free_port()}", town_hall)
        pauses = [visits.visit() for _ in range(12)]
        assert pauses[:4] == [1, 2, 4, 8]
        assert pauses[-1] == LONGEST_PAUSE_SECONDS

    def test_the_pauses_are_short_again_after_a_visit_that_went_well(self, town_hall: TownHall) -> None:
        def enough() -> None:
            raise Enough

        port = free_port()
        visits = self.visits(PostOffice(port).url, town_hall, enough)
        pauses = [visits.visit() for _ in range(3)]
        with imap_server(port), pytest.raises(Enough):
            visits.visit()
        assert (pauses[-1], visits.visit()) == (4, 1)

    def test_a_town_hall_that_is_away_is_one_too(self, office: PostOffice, town_hall: TownHall) -> None:
        town_hall.faults["un"] = NothingTaken("connection refused")
        office.post(letter("un"))
        visits = self.visits(office.url, town_hall)
        assert [visits.visit() for _ in range(3)] == [1, 2, 4]
        assert office.flags() == [set()]

    def test_a_wrong_password_is_told_once_and_tried_again_slowly(
        self, office: PostOffice, town_hall: TownHall
    ) -> None:
        visits = self.visits(replace(office, password="another").url, town_hall)
        with capture_logs() as logs:
            assert [visits.visit() for _ in range(3)] == [REFUSED_PAUSE_SECONDS] * 3
        assert [(line["event"], line["log_level"]) for line in logs] == [("mailbox_log_in_refused", "error")]
        assert "IMAP_URL" in logs[0]["hint"]

    def test_why_a_log_in_is_refused_is_told_without_the_server_s_words_which_may_name_the_user(
        self, town_hall: TownHall
    ) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:

            def refuse() -> None:
                connection = server.accept()[0]
                with connection, connection.makefile("rwb", buffering=0) as lines:
                    lines.write(b"* OK [CAPABILITY IMAP4rev1] ready\r\n")
                    asked = lines.readline()
                    lines.write(b"* CAPABILITY IMAP4rev1\r\n" + asked.split()[0] + b" OK done\r\n")
                    tag = lines.readline().split()[0]
                    lines.write(tag + b" NO [AUTHENTICATIONFAILED] lea@example.org is [LEA] unknown\r\n")
                    lines.readline()

            thread = threading.Thread(target=refuse)
            thread.start()
            with capture_logs() as logs:
                self.visits(f"imap://u:p@127.0.0.1:{server.getsockname()[1]}", town_hall).visit()
            thread.join()
        assert [line["reason"] for line in logs] == ["log in: the server refused [AUTHENTICATIONFAILED]"]

    def test_a_server_that_hangs_up_at_the_log_in_has_not_refused_it(self, town_hall: TownHall) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:

            def greet_and_leave() -> None:
                connection = server.accept()[0]
                with connection:
                    connection.sendall(b"* OK [CAPABILITY IMAP4rev1] ready\r\n")
                    connection.recv(1024)

            thread = threading.Thread(target=greet_and_leave)
            thread.start()
            assert self.visits(f"imap://u:p@127.0.0.1:{server.getsockname()[1]}", town_hall).visit() == 1
            thread.join()


def test_a_folder_that_is_not_there_is_said(office: PostOffice) -> None:
    with (
        pytest.raises(MailboxAway, match="select"),
        open_mailbox(MailboxAddress.parse(replace(office, folder="Nowhere").url)),
    ):
        pass
