"""The process that serves an agent's stream, as the web server runs it: gevent, one reader of events, one subscriber.

Run as a program: prints, for each offer to the agent, its contact and the instant at which the subscriber had it.
"""

# ruff: noqa: E402
from gevent import monkey

monkey.patch_all()

import sys
import time

from application.wiring.redis_clients import reader_client
from routeur.ports.events import EventHub


def main(url: str, stream: str, login: str) -> None:
    """Print each offer of the agent's stream."""
    with reader_client(url) as redis:
        hub = EventHub(redis, stream)
        with hub.subscribe(agent=login) as next_event:
            print("ready", flush=True)
            while True:
                event = next_event(60)
                seen = time.perf_counter_ns()
                if event is not None and event.kind == "offered":
                    print(event.contact, seen, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
