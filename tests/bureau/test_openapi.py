"""The description of the API is valid, complete and true: schemathesis tries every operation against it."""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import schemathesis
from openapi_spec_validator import OpenAPIV31SpecValidator
from redis import Redis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import Status, events, from_schema
from werkzeug.serving import make_server

from tests.bureau.office import Office, json_of, open_office
from tests.clock import ManualClock

STREAMS = ("stream_my_events", "stream_events")
"""They are not tried, because they never end; they have tests of their own."""

LOG_OUT = ("log_out", "revoke_token", "end_my_log_in")
"""They are not tried: they would end the log-in that the trial is made with."""


@contextmanager
def served(office: Office) -> Iterator[str]:
    """The API on a port of its own."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, office.app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


def fill(office: Office) -> None:
    """Contacts in every state: followed up, closed, held, waiting, offered."""
    office.walk_in(topic="permis-construire", name="Awa Diallo", phone="+33639980011")
    bruno = office.desktop("bruno")
    bruno.put("/me/activity", {"activity": "available"})
    closed = office.walk_in(topic="carte-identite", email="lea@example.org")
    bruno.post(f"/contacts/{closed}/accept")
    bruno.post(f"/contacts/{closed}/finish")
    held = office.walk_in(topic="carte-identite", email="lea@example.org")
    bruno.post(f"/contacts/{held}/accept")
    office.walk_in(topic="carte-identite")
    office.desktop("anne").put("/me/activity", {"activity": "available"})
    office.walk_in(topic="objets-trouves")


class Trial:
    """What schemathesis found: its complaints, and how often each operation answered with which status."""

    def __init__(self) -> None:
        self.complaints: list[str] = []
        self.answers: dict[str, Counter[int]] = defaultdict(Counter)

    def note(self, event: object) -> None:
        if isinstance(event, events.NonFatalError):
            self.complaints.append(f"{event.label}: {event.value}")
        elif isinstance(event, events.FatalError):
            self.complaints.append(repr(event.exception))
        elif isinstance(event, events.ScenarioFinished):
            self._note_scenario(event)

    def _note_scenario(self, event: events.ScenarioFinished) -> None:
        for case_id, interaction in event.recorder.interactions.items():
            operation = event.recorder.cases[case_id].value.operation.label
            if interaction.response is not None:
                self.answers[operation][interaction.response.status_code] += 1
        for checks in event.recorder.checks.values():
            for check in checks:
                if check.status is Status.FAILURE and check.failure_info is not None:
                    info = check.failure_info
                    self.complaints.append(f"{event.recorder.label}: {info.failure.message}\n{info.code_sample}")


def tried(office: Office, login: str | None) -> Trial:
    """Every operation, with good and bad requests, as this person or as nobody."""
    fill(office)
    settings = {
        "seed": 1,
        "headers": {"Authorization": f"Bearer {office.token(login)}"} if login is not None else {},
        "generation": {"max-examples": 10, "database": "none"},
        # A topic that the schema allows may still be none of the plan's: 422.
        "checks": {
            "positive_data_acceptance": {"expected-statuses": ["2xx", "401", "403", "404", "409", "422", "429"]}
        },
    }
    left_out = (*STREAMS, *LOG_OUT) if login is not None else STREAMS
    trial = Trial()
    with served(office) as url:
        config = SchemathesisConfig.from_dict(settings)
        schema = schemathesis.openapi.from_url(f"{url}/api/openapi.json", config=config)
        for event in from_schema(schema.exclude(operation_id=list(left_out))).execute():
            trial.note(event)
    return trial


def test_nobody_finds_anything_that_is_not_described(office: Office) -> None:
    trial = tried(office, None)
    assert trial.complaints == []
    assert trial.answers["GET /api/v1/contacts"].keys() == {401}


def test_an_agent_finds_nothing_that_is_not_described(office: Office) -> None:
    trial = tried(office, "bruno")
    assert trial.complaints == []
    assert trial.answers["GET /api/v1/contacts/{contact_id}"][200] > 0


def test_a_supervisor_finds_nothing_that_is_not_described(
    postgres: str, redis_client: Redis, redis_url: str, clock: ManualClock
) -> None:
    with open_office(postgres, redis_client, redis_url, clock) as office:
        trial = tried(office, "anne")
    assert trial.complaints == []
    reached = {operation for operation, statuses in trial.answers.items() if min(statuses) < 300}
    assert len(reached) > 14


def test_the_description_is_openapi_3_1(office: Office) -> None:
    document = json_of(office.anonymous().get("/api/openapi.json"))
    assert document["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(document).validate()


def test_every_operation_says_what_it_does_what_it_refuses_and_who_may(office: Office) -> None:
    document = json_of(office.anonymous().get("/api/openapi.json"))
    for path, methods in document["paths"].items():
        for operation in methods.values():
            assert operation["summary"], path
            refusals = {status: answer for status, answer in operation["responses"].items() if status >= "400"}
            assert all("application/problem+json" in answer["content"] for answer in refusals.values()), path
            assert "401" in refusals, path
            assert bool(operation["security"]) == (operation["operationId"] not in ("log_in", "create_token")), path


def test_every_path_of_the_api_is_described(office: Office) -> None:
    document = json_of(office.anonymous().get("/api/openapi.json"))
    described = {(path, method.upper()) for path, methods in document["paths"].items() for method in methods}
    served_paths = {
        (rule.rule.replace("<", "{").replace(">", "}"), method)
        for rule in office.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD"}
        if rule.rule.startswith("/api/v1/")
    }
    assert described == served_paths
