"""What takes the machine a while lets a web process go on."""

from __future__ import annotations

import subprocess
import sys

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
