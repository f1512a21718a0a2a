"""The description of the API: valid, complete, and kept. schemathesis tries every operation against it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from openapi_spec_validator import OpenAPIV31SpecValidator
from redis import Redis
from schemathesis.config import SchemathesisConfig

from tests.bureau.office import Office, open_office, said
from tests.clock import ManualClock
from tests.servers import RedisServer

STREAM = "stream_my_events"
"""Never ends; it has tests of its own."""


@pytest.fixture(scope="module")
def busy(redis_process: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A town hall with contacts in every state."""
    record = f"sqlite:///{tmp_path_factory.mktemp('record') / 'record.db'}"
    with Redis.from_url(redis_process.url, decode_responses=True) as redis:
        redis.flushall()
        with open_office(record, redis, redis_process.url, ManualClock()) as office:
            fill(office)
            yield office


def fill(office: Office) -> None:
    """Followed up, closed, held, waiting, offered."""
    office.walk_in(topic="permis-construire", name="Awa Diallo", phone="+33639980011")
    bruno = office.desktop("bruno")
    bruno.put("/me/activity", {"activity": "available"})
    for ending in ("finish", None):
        contact = office.walk_in(topic="carte-identite", email="lea@example.org")
        bruno.post(f"/contacts/{contact}/accept")
        if ending is not None:
            bruno.post(f"/contacts/{contact}/{ending}")
    office.walk_in(topic="carte-identite")
    office.desktop("anne").put("/me/activity", {"activity": "available"})
    office.walk_in(topic="objets-trouves")


@pytest.fixture(scope="module")
def api(busy: Office) -> Any:
    config = SchemathesisConfig.from_dict({"generation": {"deterministic": True, "database": "none"}})
    return schemathesis.openapi.from_wsgi("/api/openapi.json", busy.app, config=config).exclude(operation_id=STREAM)


class Traveller:
    """Tries the API as one person. Every other path leads to something that exists."""

    def __init__(self, office: Office, token: str | None) -> None:
        self._office = office
        self._headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
        self._turn = count()
        contacts = said(office.desktop("anne").get("/contacts"))["items"]
        self._known = {
            "contact_id": [contact["id"] for contact in contacts],
            "usager_id": [contact["usager"]["id"] for contact in contacts],
            "reference": [contact["reference"] for contact in contacts],
        }

    def tries(self, case: Any) -> None:
        turn = next(self._turn)
        if turn % 2 and case.path_parameters:
            for name, known in self._known.items():
                if name in case.path_parameters:
                    case.path_parameters[name] = known[turn // 2 % len(known)]
        case.call_and_validate(headers=self._headers)


@pytest.fixture(scope="module")
def nobody(busy: Office) -> Traveller:
    return Traveller(busy, None)


@pytest.fixture(scope="module")
def agent(busy: Office) -> Traveller:
    return Traveller(busy, busy.token("bruno"))


@pytest.fixture(scope="module")
def supervisor(busy: Office) -> Traveller:
    return Traveller(busy, busy.token("anne"))


api_schema = schemathesis.pytest.from_fixture("api")
few = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


@api_schema.parametrize()
@few
def test_nobody_finds_what_is_not_described(case: Any, nobody: Traveller) -> None:
    nobody.tries(case)


@api_schema.parametrize()
@few
def test_an_agent_finds_what_is_not_described(case: Any, agent: Traveller) -> None:
    agent.tries(case)


@api_schema.parametrize()
@few
def test_a_supervisor_finds_what_is_not_described(case: Any, supervisor: Traveller) -> None:
    supervisor.tries(case)


def test_the_description_is_openapi_3_1(office: Office) -> None:
    document = said(office.anonymous().get("/api/openapi.json"))
    assert document["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(document).validate()


def test_every_operation_says_what_it_does_and_what_it_refuses(office: Office) -> None:
    document = said(office.anonymous().get("/api/openapi.json"))
    for path, methods in document["paths"].items():
        for operation in methods.values():
            assert operation["summary"], path
            refusals = [status for status in operation["responses"] if status >= "400"]
            for status in refusals:
                assert "application/problem+json" in operation["responses"][status]["content"], path
            assert bool(operation["security"]) == ("401" in refusals and path not in LOG_IN), path


LOG_IN = ("/api/v1/session", "/api/v1/tokens")


def test_every_path_of_the_api_is_described(office: Office) -> None:
    document = said(office.anonymous().get("/api/openapi.json"))
    described = {(path, method.upper()) for path, methods in document["paths"].items() for method in methods}
    served = {
        (rule.rule.replace("<", "{").replace(">", "}"), method)
        for rule in office.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/api/v1/")
    }
    assert described == served
