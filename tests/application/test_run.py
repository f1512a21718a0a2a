"""`routeur run` as a new user would try it: it answers, survives the death of its parts, and stops at once."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.servers import redis_binary

PATIENCE_SECONDS = 60.0


class Tree:
    """A running `routeur run`."""

    def __init__(self, process: psutil.Popen, port: int, output: Path) -> None:
        self.process = process
        self.address = f"http://127.0.0.1:{port}"
        self.output = output

    def get(self, path: str) -> tuple[int, bytes]:
        try:
            with urllib.request.urlopen(self.address + path, timeout=5) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read()
        except OSError:
            return 0, b""

    def is_ready(self) -> bool:
        return self.get("/readyz")[0] == 200

    def eventually(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            assert self.process.poll() is None, self.output.read_text()
            assert time.monotonic() < deadline, self.output.read_text()
            with suppress(psutil.TimeoutExpired):
                self.process.wait(0.1)


@contextmanager
def running(environment: dict[str, str], folder: Path) -> Iterator[Tree]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    output = folder / "output"
    with output.open("w") as file:
        process = psutil.Popen(
            [sys.executable, "-m", "application", "run"],
            cwd=folder,
            env=environment | {"PORT": str(port), "WEB_CONCURRENCY": "1"},
            stdout=file,
            stderr=subprocess.STDOUT,
        )
        tree = Tree(process, port, output)
        try:
            tree.eventually(tree.is_ready)
            yield tree
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                process.wait(20)


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_it_is_and_stops_every_child_within_five_seconds(
    environment: dict[str, str], folder: Path, stop: signal.Signals
) -> None:
    with running(environment, folder) as tree:
        tree.eventually(lambda: tree.address in tree.output.read_text())
        assert "demo" in tree.output.read_text()
        family = tree.process.children(recursive=True)
        assert len(family) >= 5
        began = time.monotonic()
        tree.process.send_signal(stop)
        assert tree.process.wait(10) == 0
        assert time.monotonic() - began < 5
        assert psutil.wait_procs(family, timeout=1)[1] == []


def test_it_comes_back_after_the_death_of_each_part_and_loses_no_contact(
    environment: dict[str, str], folder: Path, record_url: str
) -> None:
    with running(environment | {"DATABASE_URL": record_url}, folder) as tree:
        conversation = begin_chat(tree)
        redis = Path(redis_binary()).name
        for words in ([redis], ["application", "dispatcher"], ["application", "worker"], ["gunicorn"]):
            victim = find(tree, words)
            victim.kill()
            tree.eventually(lambda victim=victim: not victim.is_running() and tree.is_ready())  # type: ignore[misc]
        assert say(tree, conversation, "Toujours là ?") == 201


def test_it_runs_over_a_redis_that_a_sentinel_names(
    environment: dict[str, str], folder: Path, sentinel_url: str
) -> None:
    with running(environment | {"REDIS_URL": sentinel_url}, folder) as tree:
        assert begin_chat(tree)["id"]


def find(tree: Tree, words: list[str]) -> psutil.Process:
    for one in tree.process.children(recursive=True):
        if all(any(word in part for part in one.cmdline()) for word in words):
            return one
    raise AssertionError(words)


def begin_chat(tree: Tree) -> dict[str, Any]:
    request = urllib.request.Request(
        tree.address + "/webhooks/chat/conversations",
        json.dumps({"text": "Bonjour"}).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return dict(json.load(answer))


def say(tree: Tree, conversation: dict[str, Any], text: str) -> int:
    request = urllib.request.Request(
        f"{tree.address}/webhooks/chat/conversations/{conversation['id']}/messages",
        json.dumps({"text": text, "client_id": "1"}).encode(),
        {"Content-Type": "application/json", "Authorization": f"Bearer {conversation['token']}"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return int(answer.status)


def post(tree: Tree, path: str, body: object, token: str | None = None) -> Any:
    """The JSON that is answered; None for nothing."""
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    request = urllib.request.Request(tree.address + path, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.loads(answer.read() or b"null")


def test_a_second_one_in_the_same_folder_says_so(environment: dict[str, str], folder: Path) -> None:
    with running(environment, folder):
        second = subprocess.run(
            [sys.executable, "-m", "application", "run"], cwd=folder, env=environment, capture_output=True, text=True
        )
    assert second.returncode == 1
    assert len(second.stderr.splitlines()) == 1


def test_a_taken_port_is_one_line(environment: dict[str, str], folder: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        command = [sys.executable, "-m", "application", "run"]
        refused = subprocess.run(command, cwd=folder, env=environment | {"PORT": port}, capture_output=True, text=True)
    assert refused.returncode == 1
    assert refused.stderr.splitlines() == [line for line in refused.stderr.splitlines() if port in line]


def test_figures_are_served(environment: dict[str, str], folder: Path) -> None:
    with running(environment, folder) as tree:
        begin_chat(tree)
        status, figures = tree.get("/metrics")
    assert status == 200
    assert b'routeur_contacts_waiting{channel="chat"}' in figures
    assert b"routeur_dispatcher_up 1.0" in figures


def test_the_figures_and_the_api_tell_the_same_service_level(environment: dict[str, str], folder: Path) -> None:
    with running(environment, folder) as tree:
        chat = begin_chat(tree)
        post(tree, f"/webhooks/chat/conversations/{chat['id']}/settled", {}, chat["token"])
        token = post(tree, "/api/v1/tokens", {"login": "camille.martin", "password": "demo"})["token"]
        headers = {"Authorization": f"Bearer {token}"}
        request = urllib.request.Request(f"{tree.address}/api/v1/service-level", headers=headers)
        with urllib.request.urlopen(request, timeout=10) as answer:
            told = json.load(answer)
        figures = dict(line.rsplit(" ", 1) for line in tree.get("/metrics")[1].decode().splitlines() if "#" not in line)
    assert told["share"] == float(figures["routeur_service_level_today"]) == 1.0
    assert told["counted"] == float(figures["routeur_service_level_counted_today"]) == 1
    assert told["while_closed"] == float(figures["routeur_service_level_while_closed_today"]) == 0
