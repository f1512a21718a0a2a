"""Getting in, staying in, getting out, and not getting in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from threading import Event, Thread

import pytest
from argon2 import PasswordHasher
from redis import Redis
from sqlalchemy import select, update

from bureau.access.accounts import set_password, sync_accounts
from bureau.access.gate import COOKIE
from bureau.access.hashing import Hashing
from competences.plan.plan import Plan
from routeur.contact.words import Activity
from routeur.errors import Invalid, NotFound
from routeur.record.tables import AccessToken, Account
from tests.bureau.office import QUICK_HASHING, Office, json_of, open_office
from tests.clock import ManualClock

LONG_PASSWORD = "a long password of her own"


def give_password(office: Office, login: str, password: str) -> None:
    """Give an account a password of its own, hashed at a small cost."""
    values = {"password_hash": QUICK_HASHING.hash(password)}
    with office.hall.record.write() as connection:
        connection.execute(update(Account).where(Account.login == login).values(**values))


def test_a_bearer_token_opens_the_api(office: Office) -> None:
    me = office.desktop("bruno").get("/me")
    assert me.status_code == 200
    assert (json_of(me)["login"], json_of(me)["role"], json_of(me)["activity"]) == ("bruno", "agent", "offline")


def test_a_browser_gets_a_cookie_that_scripts_cannot_read_and_a_csrf_token(office: Office) -> None:
    client = office.anonymous()
    answer = client.post("/api/v1/session", json={"login": "anne", "password": "demo"})
    assert json_of(answer).keys() == {"login", "role", "csrf"}
    assert json_of(answer)["role"] == "supervisor"
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie
    assert json_of(client.get("/api/v1/session"))["csrf"] == json_of(answer)["csrf"]


def test_over_https_the_cookie_is_for_https_only(
    sqlite: str, redis_client: Redis, redis_url: str, clock: ManualClock
) -> None:
    with open_office(sqlite, redis_client, redis_url, clock, https=True) as office:
        answer = office.anonymous().post("/api/v1/session", json={"login": "anne", "password": "demo"})
        assert "Secure" in answer.headers["Set-Cookie"]
        assert answer.headers["Set-Cookie"].startswith("__Host-")
        assert answer.headers["Strict-Transport-Security"]


def test_a_cookie_alone_changes_nothing(office: Office) -> None:
    client = office.anonymous()
    client.post("/api/v1/session", json={"login": "bruno", "password": "demo"})
    assert client.get("/api/v1/me").status_code == 200
    for header in ({}, {"X-CSRF-Token": "wrong"}, {"X-CSRF-Token": "é"}):
        refused = client.put("/api/v1/me/activity", json={"activity": "available"}, headers=header)
        assert refused.status_code == 403
    assert office.browser("bruno").put("/me/activity", {"activity": "available"}).status_code == 200


def test_the_csrf_token_of_one_session_does_not_serve_another(office: Office) -> None:
    client = office.anonymous()
    theirs = json_of(client.post("/api/v1/session", json={"login": "bruno", "password": "demo"}))["csrf"]
    client.post("/api/v1/session", json={"login": "bruno", "password": "demo"})
    assert client.delete("/api/v1/session", headers={"X-CSRF-Token": theirs}).status_code == 403


def test_only_digests_of_tokens_are_kept(office: Office) -> None:
    token = office.token("bruno")
    with office.hall.record.read() as connection:
        kept = connection.scalars(select(AccessToken.digest)).all()
    assert len(kept) == 1
    assert token not in kept


def test_logging_out_ends_the_token_at_once(office: Office) -> None:
    desktop = office.desktop("bruno")
    assert desktop.delete("/tokens/current").status_code == 204
    assert desktop.get("/me").status_code == 401


def test_logging_out_of_a_browser_takes_the_cookie_back(office: Office) -> None:
    browser = office.browser("bruno")
    answer = browser.delete("/session")
    assert answer.status_code == 204
    assert f"{COOKIE}=;" in answer.headers["Set-Cookie"]
    assert browser.get("/me").status_code == 401


def test_a_stolen_cookie_is_worth_nothing_after_logging_out(office: Office) -> None:
    browser = office.browser("bruno")
    client = browser._client
    cookie = client.get_cookie(COOKIE)
    assert cookie is not None
    browser.delete("/session")
    client.set_cookie(COOKIE, cookie.value)
    assert browser.get("/me").status_code == 401


def test_whoever_ends_their_last_log_in_goes_off_shift(office: Office) -> None:
    desk, phone = office.desktop("bruno"), office.desktop("bruno")
    desk.put("/me/activity", {"activity": "available"})
    phone.delete("/tokens/current")
    assert office.hall.views.agents.one("bruno").activity == Activity.AVAILABLE
    desk.delete("/tokens/current")
    assert office.hall.views.agents.one("bruno").activity == Activity.OFFLINE


def test_a_log_in_lasts_twelve_hours(office: Office) -> None:
    desktop = office.desktop("bruno")
    office.hall.clock.advance(hours=11, minutes=59)
    assert desktop.get("/me").status_code == 200
    office.hall.clock.advance(minutes=1)
    assert desktop.get("/me").status_code == 401


def test_expired_tokens_are_forgotten_at_the_next_log_in(office: Office) -> None:
    office.token("bruno")
    office.hall.clock.set(office.hall.clock() + timedelta(days=1))
    office.token("bruno")
    with office.hall.record.read() as connection:
        assert len(connection.scalars(select(AccessToken.digest)).all()) == 1


@pytest.mark.parametrize(("login", "password"), [("bruno", "wrong"), ("nobody", "demo"), ("anne", "demo")])
def test_whatever_is_wrong_looks_the_same(office: Office, login: str, password: str) -> None:
    give_password(office, "anne", LONG_PASSWORD)
    answer = office.anonymous().post("/api/v1/session", json={"login": login, "password": password})
    assert answer.status_code == 401
    assert json_of(answer)["detail"] == "L'identifiant ou le mot de passe est inexact."


@pytest.mark.parametrize("login", ["a\x00b", "\x00", "a\x1bb"])
def test_a_log_in_holds_no_control_characters(office: Office, login: str) -> None:
    assert attempt(office, login) == 422


def test_a_password_may_hold_any_character(office: Office) -> None:
    give_password(office, "anne", "a\x00b" * 10)
    assert office.token("anne", "a\x00b" * 10)


def test_an_account_with_its_own_password_opens_with_that(office: Office) -> None:
    give_password(office, "anne", LONG_PASSWORD)
    assert office.token("anne", LONG_PASSWORD)


@pytest.mark.parametrize("password", ["demo", "x", " "])
def test_outside_of_demonstrations_an_account_without_password_never_opens(
    sqlite: str, redis_client: Redis, redis_url: str, clock: ManualClock, password: str
) -> None:
    with open_office(sqlite, redis_client, redis_url, clock, demo=False) as office:
        refused = office.anonymous().post("/api/v1/tokens", json={"login": "bruno", "password": password})
        assert refused.status_code == 401
        with office.hall.record.write() as connection:
            set_password(connection, "bruno", LONG_PASSWORD, QUICK_HASHING)
        assert office.bearer(office.token("bruno", LONG_PASSWORD)).get("/me").status_code == 200


def test_a_new_password_ends_the_log_ins_made_with_the_former_one(office: Office) -> None:
    desktop = office.desktop("bruno")
    with office.hall.record.write() as connection:
        set_password(connection, "bruno", LONG_PASSWORD, QUICK_HASHING)
    assert desktop.get("/me").status_code == 401


def test_short_passwords_and_unknown_logins_get_no_password(office: Office) -> None:
    with office.hall.record.write() as connection:
        with pytest.raises(Invalid):
            set_password(connection, "bruno", "short", QUICK_HASHING)
        with pytest.raises(NotFound):
            set_password(connection, "nobody", LONG_PASSWORD, QUICK_HASHING)


def test_accounts_follow_the_plan(office: Office) -> None:
    plan = office.hall.plans.current().plan
    promoted = plan.agents["bruno"].model_copy(update={"role": "supervisor"})
    newcomer = plan.agents["bruno"]
    agents = {login: agent for login, agent in plan.agents.items() if login != "david"}
    changed = plan.model_copy(update={"agents": {**agents, "bruno": promoted, "emma": newcomer}})
    gone = office.desktop("david")
    give_password(office, "anne", LONG_PASSWORD)
    synchronise(office, changed)
    synchronise(office, changed)
    assert json_of(office.desktop("bruno").get("/me"))["role"] == "supervisor"
    assert office.token("emma")
    assert office.token("anne", LONG_PASSWORD)
    assert gone.get("/agents").status_code == 401


def synchronise(office: Office, plan: Plan) -> None:
    sync_accounts(office.hall.record, plan)


def attempt(office: Office, login: str = "bruno", password: str = "wrong") -> int:
    return office.anonymous().post("/api/v1/tokens", json={"login": login, "password": password}).status_code


@pytest.fixture(params=["redis", "memory", "dead redis"])
def throttled(
    request: pytest.FixtureRequest, sqlite: str, redis_client: Redis, redis_url: str, clock: ManualClock
) -> Iterator[Office]:
    """An office whose attempts are counted in Redis, in memory, or in a Redis that is gone."""
    urls = {"redis": redis_url, "memory": "memory://", "dead redis": "unix:///nowhere/at-all?db=0"}
    with open_office(sqlite, redis_client, redis_url, clock, throttle_url=urls[request.param]) as office:
        yield office


def test_guessing_is_slowed_down(throttled: Office) -> None:
    assert [attempt(throttled) for _ in range(10)] == [401] * 10
    refused = throttled.anonymous().post("/api/v1/tokens", json={"login": "bruno", "password": "demo"})
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= 60


def test_guessing_at_one_account_does_not_lock_the_others_out(throttled: Office) -> None:
    for _ in range(11):
        attempt(throttled)
    assert attempt(throttled, "anne", "demo") == 201


def test_guessing_at_one_account_from_many_addresses_ends_too(throttled: Office) -> None:
    guess = {"login": "bruno", "password": "wrong"}

    def guess_from(number: int) -> int:
        address = {"REMOTE_ADDR": f"192.0.2.{number}"}
        return throttled.anonymous().post("/api/v1/tokens", json=guess, environ_overrides=address).status_code

    assert [guess_from(number) for number in range(100)] == [401] * 100
    assert guess_from(100) == 429
    assert attempt(throttled, "anne", "demo") == 201


def test_logging_in_often_is_not_guessing(throttled: Office) -> None:
    for _ in range(3):
        assert [attempt(throttled) for _ in range(9)] == [401] * 9
        assert attempt(throttled, password="demo") == 201


def test_who_finds_too_many_passwords_being_checked_is_asked_to_come_back(
    sqlite: str, redis_client: Redis, redis_url: str, clock: ManualClock
) -> None:
    checking, go_on = Event(), Event()

    def slowly(work: Callable[[], str | bool]) -> str | bool:
        checking.set()
        go_on.wait()
        return work()

    hashing = Hashing(PasswordHasher(time_cost=1, memory_cost=32), elsewhere=slowly, most_at_once=1, patience_seconds=0)
    go_on.set()
    with open_office(sqlite, redis_client, redis_url, clock, hashing=hashing) as office:
        go_on.clear()
        checking.clear()
        first = Thread(target=attempt, args=(office,))
        first.start()
        checking.wait()
        refused = office.anonymous().post("/api/v1/tokens", json={"login": "anne", "password": "demo"})
        go_on.set()
        first.join()
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "10")
        assert attempt(office, "anne", "demo") == 201


def test_a_person_changes_their_own_password_and_stays_logged_in_here_alone(office: Office) -> None:
    here, elsewhere = office.desktop("bruno"), office.desktop("bruno")
    change = {"present": "demo", "password": LONG_PASSWORD}
    assert here.put("/me/password", change).status_code == 204
    assert here.get("/me").status_code == 200
    assert elsewhere.get("/me").status_code == 401
    assert attempt(office, "bruno", "demo") == 401
    assert office.token("bruno", LONG_PASSWORD)


@pytest.mark.parametrize(
    ("present", "password", "status"),
    [
        ("wrong", LONG_PASSWORD, 403),
        *[("demo", refused, 422) for refused in ("short", "x" * 257, " " * 12, "a" * 12, "a\0bcdefghijkl")],
    ],
)
def test_a_password_stays_where_the_change_is_refused(office: Office, present: str, password: str, status: int) -> None:
    bruno = office.desktop("bruno")
    assert bruno.put("/me/password", {"present": present, "password": password}).status_code == status
    assert office.token("bruno", "demo")


def test_the_present_password_cannot_be_guessed_there(office: Office) -> None:
    bruno = office.desktop("bruno")
    change = {"present": "wrong", "password": LONG_PASSWORD}
    assert [bruno.put("/me/password", change).status_code for _ in range(11)] == [403] * 10 + [429]
