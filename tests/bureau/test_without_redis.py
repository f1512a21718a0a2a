"""Redis is gone: the record can be read and written, and operations that need the index say so."""

from __future__ import annotations

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from tests.bureau.office import json_of, open_office
from tests.clock import ManualClock
from tests.servers import redis_server


def test_reading_and_receiving_go_on_while_taking_waits(sqlite: str, clock: ManualClock) -> None:
    with (
        redis_server() as server,
        Redis.from_url(server.url, decode_responses=True, retry=Retry(NoBackoff(), 0)) as redis,
        open_office(sqlite, redis, server.url, clock, throttle_url=server.url) as office,
    ):
        bruno = office.desktop("bruno")
        bruno.put("/me/activity", {"activity": "available"})
        contact = office.walk_in()
        server.process.kill()
        server.process.wait()
        assert json_of(bruno.get(f"/contacts/{contact}"))["state"] == "waiting"
        assert json_of(bruno.get("/contacts", state="waiting"))["items"][0]["id"] == contact
        assert office.other_system().post("/contacts", {"text": "Bonjour"}).status_code == 201
        assert bruno.put("/me/activity", {"activity": "break"}).status_code == 200
        refused = bruno.post(f"/contacts/{contact}/accept")
        assert refused.status_code == 503
        assert refused.headers["Retry-After"]
        assert office.token("bruno")
