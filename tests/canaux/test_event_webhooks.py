"""Events leave signed, to the address that was looked at, and to nobody inside by accident."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canaux.event_webhooks.sender import EventSender
from canaux.event_webhooks.signing import ListenerSecrets, signature
from canaux.event_webhooks.targets import Refused, Targets, read_address
from routeur.ports.news import DeliveryError
from routeur.subscriptions.deliveries import Gone, Notification
from routeur.subscriptions.subscriptions import Subscription, Wanted
from tests.clock import MONDAY_MORNING, ManualClock
from tests.event_listener import EventListener, event_listener


@pytest.fixture
def listener() -> Iterator[EventListener]:
    with event_listener() as listening:
        yield listening


def notification(url: str, *, secret_number: int = 1, rotated: bool = False) -> Notification:
    until = MONDAY_MORNING.replace(year=2030) if rotated else None
    one = Subscription("s1", Wanted("test", url), MONDAY_MORNING, "sacha", secret_number, until, None, None, 0)
    return Notification("d1", one, '{"type":"contact.arrived"}')


def sender(*trusted: str) -> EventSender:
    return EventSender(ListenerSecrets("secret"), Targets(trusted), ManualClock(), "test")


def test_the_signature_is_that_of_the_specifications_example() -> None:
    found = signature(
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        '{"test": 2432232314}',
        ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
    )
    assert found == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_an_event_comes_signed_with_the_subscriptions_secret(listener: EventListener) -> None:
    assert sender("127.0.0.1")(notification(listener.url)) == 204
    (heard,) = listener.heard
    headers = {name.lower(): value for name, value in heard.headers.items()}
    secret = ListenerSecrets("secret").secret("s1", 1)
    seconds = int(headers["webhook-timestamp"])
    assert seconds == int(MONDAY_MORNING.timestamp())
    assert headers["webhook-id"] == "d1"
    assert headers["webhook-signature"] == signature("d1", seconds, heard.body, [secret])
    assert headers["content-type"] == "application/json"


def test_while_a_secret_is_changed_both_sign(listener: EventListener) -> None:
    sender("127.0.0.1")(notification(listener.url, secret_number=2, rotated=True))
    signatures = {name.lower(): value for name, value in listener.heard[0].headers.items()}["webhook-signature"]
    assert len(signatures.split(" ")) == 2


def test_each_subscription_has_a_secret_of_its_own() -> None:
    secrets = ListenerSecrets("secret")
    made = {secrets.secret("s1", 1), secrets.secret("s1", 2), secrets.secret("s2", 1)}
    assert len(made) == 3
    assert all(len(secret) == len("whsec_") + 44 for secret in made)


@pytest.mark.parametrize("status", [301, 302, 307, 400, 404, 429, 500, 503])
def test_only_a_good_answer_takes_an_event_and_nobody_is_followed_elsewhere(
    listener: EventListener, status: int
) -> None:
    listener.status = status
    with pytest.raises(DeliveryError) as refused:
        sender("127.0.0.1")(notification(listener.url))
    assert refused.value.reason == str(status)
    assert len(listener.heard) == 1


def test_who_wants_no_more_says_so(listener: EventListener) -> None:
    listener.status = 410
    with pytest.raises(Gone):
        sender("127.0.0.1")(notification(listener.url))


def test_nobody_there_is_tried_again_later(listener: EventListener) -> None:
    url = "http://127.0.0.1:1/events"
    with pytest.raises(DeliveryError) as refused:
        sender("127.0.0.1")(notification(url))
    assert refused.value.retryable


INSIDE = [
    "127.0.0.1",
    "10.0.0.5",
    "172.16.4.1",
    "192.168.1.20",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",  # noqa: S104
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1%eth0",
    "fd00::7",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::a00:1",
    "2002:7f00:1::",
]


@pytest.mark.parametrize("address", INSIDE)
def test_a_name_that_leads_inside_is_refused_whatever_else_it_leads_to(address: str) -> None:
    def resolve(host: str, port: int) -> Sequence[str]:
        return ["93.184.215.14", address]

    with pytest.raises(Refused):
        Targets([], resolve).find("https://example.org/events")


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "[::1]", "2130706433", "0x7f000001", "017700000001", "127.1", "localhost"]
)
def test_this_machine_is_refused_however_it_is_written(host: str) -> None:
    with pytest.raises(Refused):
        Targets([]).find(f"https://{host}/")


def test_the_public_internet_is_reached_over_https_alone() -> None:
    targets = Targets([], lambda host, port: ["93.184.215.14"])
    found = targets.find("https://example.org:8443/a?b=c")
    assert (found.ip, found.port, found.path, found.host_header) == (
        "93.184.215.14",
        8443,
        "/a?b=c",
        "example.org:8443",
    )
    with pytest.raises(Refused):
        targets.find("http://example.org/")


def test_a_trusted_host_inside_may_listen_over_http() -> None:
    found = Targets(["Intranet.mairie.example"], lambda host, port: ["10.0.0.5"]).find(
        "http://intranet.mairie.example/"
    )
    assert (found.https, found.ip, found.host_header) == (False, "10.0.0.5", "intranet.mairie.example")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.org",
        "ftp://example.org/",
        "file:///etc/passwd",
        "https://",
        "https://user@example.org/",
        "https://user:secret@example.org/",
        "https://example.org/#part",
        "https://example.org:0/",
        "https://example.org:99999/",
        "https://exa mple.org/",
        "https://example.org\\@127.0.0.1/",
        "https://example.org/\r\nX-Other: 1",
        "https://[::1",
        "https://é.example/",
        "https://example.org/" + "a" * 2000,
    ],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(Refused):
        read_address(url)


@given(st.text(max_size=60))
def test_whatever_is_typed_is_refused_or_read(text: str) -> None:
    for url in (text, f"https://{text}"):
        try:
            assert read_address(url).hostname
        except Refused:
            continue
