"""The audit of the lock names what is known against it, and holds nothing against a machine without network."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.servers import free_port
from tools.audit import Advisories, Package, audit, locked

LOCK = """\
gunicorn[gevent]==27.0.0 \\
    --hash=sha256:00
Old_Library==1.0 ; sys_platform == 'linux' \\
    --hash=sha256:00 \\
    --hash=sha256:01
    # via gunicorn
"""

ADVISORY = {
    "id": "GHSA-0000-0000-0000",
    "aliases": ["CVE-2026-0001"],
    "affected": [
        {
            "package": {"name": "old-library", "ecosystem": "PyPI"},
            "ranges": [
                {"type": "GIT", "events": [{"fixed": "abcdef"}]},
                {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.1"}]},
            ],
        },
        {"package": {"name": "another", "ecosystem": "PyPI"}, "ranges": []},
    ],
}


@contextmanager
def service(known: Mapping[str, Mapping[str, Any]], status: int = 200) -> Iterator[str]:
    """A stand-in for the service: its advisories by the package that they are about."""

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            queries = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["queries"]
            found = [known.get(query["package"]["name"]) for query in queries]
            self._answer({"results": [{"vulns": [{"id": one["id"]}]} if one is not None else {} for one in found]})

        def do_GET(self) -> None:
            self._answer(next(one for one in known.values() if self.path == f"/v1/vulns/{one['id']}"))

        def _answer(self, content: object) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(content).encode())

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Answers)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    file = tmp_path / "requirements.lock"
    file.write_text(LOCK)
    return file


def test_a_lock_names_its_packages() -> None:
    assert locked(LOCK) == [Package("gunicorn", "27.0.0"), Package("old-library", "1.0")]


def test_the_product_s_own_lock_is_read_whole() -> None:
    text = Path("requirements.lock").read_text("utf-8")
    assert len(locked(text)) == sum("==" in line for line in text.splitlines() if not line.startswith((" ", "#")))


def test_a_known_vulnerability_fails_with_package_version_and_remedy(
    lock: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with service({"old-library": ADVISORY}) as url:
        assert audit(lock, Advisories(url)) == 1
    assert capsys.readouterr().err == "old-library 1.0: GHSA-0000-0000-0000, CVE-2026-0001, fixed in 1.1\n"


def test_one_without_remedy_says_so(lock: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with service({"gunicorn": ADVISORY}) as url:
        assert audit(lock, Advisories(url)) == 1
    assert "gunicorn 27.0.0" in (said := capsys.readouterr().err)
    assert "not fixed" in said


@pytest.mark.parametrize("known", [{}, {"gunicorn": {**ADVISORY, "withdrawn": "2026-01-01T00:00:00Z"}}])
def test_nothing_known_is_a_success(
    lock: Path, known: dict[str, dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    with service(known) as url:
        assert audit(lock, Advisories(url)) == 0
    assert capsys.readouterr().out == "2 dependencies audited: no known vulnerabilities\n"


def test_without_network_one_line_says_so_and_nothing_fails(lock: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert audit(lock, Advisories(f"http://127.0.0.1:{free_port()}")) == 0
    assert capsys.readouterr().out == "dependencies not audited: no network\n"


@pytest.mark.parametrize("status", [403, 404, 500, 503])
def test_a_service_that_refuses_fails_nothing_either(
    lock: Path, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with service({}, status) as url:
        assert audit(lock, Advisories(url)) == 0
    assert capsys.readouterr().out.startswith("dependencies not audited: ")
