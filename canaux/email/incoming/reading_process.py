"""The process in which messages are read: `python -m canaux.email.incoming.reading_process`."""

from __future__ import annotations

import sys

from canaux.email.incoming.bounded_reading import serve

if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
