"""What takes the machine a while lets a web process go on."""

from __future__ import annotations

import subprocess
import sys

import pytest

HASHING_IN_A_HUB = """
import gevent.monkey
gevent.monkey.patch_all()
import gevent
from argon2 import PasswordHasher
from application.wiring.threads import real_threads
from bureau.access.hashing import MOST_AT_ONCE, Hashing

hashing = Hashing(PasswordHasher(), elsewhere=real_threads(MOST_AT_ONCE))
kept = hashing.hash("a password")
checks = [gevent.spawn(hashing.matches, kept, "a " + word) for word in ("password", "guess") * 2]
while not all(check.ready() for check in checks):
    print("the others go on", flush=True)
    gevent.sleep(0.01)
print([check.get() for check in checks])
"""


def test_passwords_are_checked_beside_the_hub() -> None:
    done = subprocess.run([sys.executable, "-c", HASHING_IN_A_HUB], capture_output=True, text=True, check=True)
    *meanwhile, results = done.stdout.splitlines()
    assert results == "[True, False, True, False]"
    assert len(meanwhile) > 4


READING_IN_A_HUB = """
import gevent.monkey
gevent.monkey.patch_all()
import os, sys, gevent
from pathlib import Path
from application.wiring.threads import real_threads
from routeur.record.engine import open_record
from routeur.record.migrate import upgrade
from routeur.topics.recogniser import Recogniser

record = open_record(sys.argv[1])
upgrade(record)
recogniser = Recogniser(record, Path(os.environ["TOPIC_MODELS"]), real_threads(1))
first = gevent.spawn(recogniser.recognise, "inscrire mon fils a la cantine")
while not first.ready():
    print("the others go on", flush=True)
    gevent.sleep(0.01)
print(first.get().topic)
"""


@pytest.mark.usefixtures("topic_model")
def test_the_model_of_topics_is_read_beside_the_hub(sqlite: str) -> None:
    command = [sys.executable, "-c", READING_IN_A_HUB, sqlite]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    *meanwhile, topic = [line for line in done.stdout.splitlines() if not line.startswith("20")]
    assert topic == "cantine"
    assert len(meanwhile) > 4
