"""Watches how the town hall is doing, from its own figures."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote

from prometheus_client.parser import text_string_to_metric_families

from application.play.http_client import HttpClient
from application.play.stage import ApiSession
from competences.channels import Channel

LOOK_SECONDS = 0.5


@dataclass(frozen=True)
class Figures:
    """The contacts waiting by channel and open by state, the agents by activity, and the service level so far."""

    waiting: Mapping[str, int] = field(default_factory=dict)
    open: Mapping[str, int] = field(default_factory=dict)
    agents: Mapping[str, int] = field(default_factory=dict)
    follow_ups: int = 0
    service_level: float | None = None


def read_figures(http: HttpClient, supervisor: ApiSession, since: datetime) -> Figures:
    """The figures of this moment, from /metrics and the API."""
    values: dict[str, dict[str, int]] = {}
    for family in text_string_to_metric_families(http.send("GET", "/metrics").text):
        for sample in family.samples:
            label = next(iter(sample.labels.values()), "")
            values.setdefault(sample.name, {})[label] = int(sample.value)
    level = supervisor.get(f"/service-level?from={quote(since.isoformat())}")
    return Figures(
        waiting={channel: values.get("routeur_contacts_waiting", {}).get(channel, 0) for channel in Channel},
        open=values.get("routeur_contacts_open", {}),
        agents=values.get("routeur_agents", {}),
        follow_ups=values.get("routeur_follow_ups_unanswered", {}).get("", 0),
        service_level=level["share"],
    )


class Watch:
    """Reads the figures again and again in a thread of its own, so that showing them never waits."""

    def __init__(self, http: HttpClient, supervisor: ApiSession, since: datetime) -> None:
        self._http = http
        self._supervisor = supervisor
        self._since = since
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look, name="watch", daemon=True)
        self.figures = Figures()
        self.failure: str | None = None

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._stop.wait(LOOK_SECONDS):
            try:
                self.figures = read_figures(self._http, self._supervisor, self._since)
            except Exception as error:  # shown in the report; the next look may succeed
                self.failure = f"{type(error).__name__}: {error}"
