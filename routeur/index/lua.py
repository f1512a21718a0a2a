"""Loads the scripts and runs them by their digests."""

from __future__ import annotations

import re
from hashlib import sha256
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from redis import Redis
from redis.exceptions import NoScriptError

from competences.channels import CHANNELS
from routeur.contact.words import ON_SHIFT
from routeur.index.entries import LETTERS

_NEEDS = "-- needs: "
_COMMENT = re.compile(r"--.*")


def made_parts() -> dict[str, str]:
    """The parts of scripts that are made from the table of channels and from the words for activities.

    `channels` has the letters as one text, and the masks of no channel and of all; `letters` has a list of the letters;
    `on_shift` has the set of the activities of agents who are on shift; `overnight` that of the letters of the channels
    that wait overnight.
    """
    letters = "".join(LETTERS.values())
    none, every = "0" * len(letters), "1" * len(letters)
    each = ", ".join(f"'{letter}'" for letter in letters)
    overnight = [LETTERS[channel] for channel, traits in CHANNELS.items() if traits.waits_overnight]
    on_shift = ", ".join(f"['{activity}'] = true" for activity in sorted(ON_SHIFT))
    return {
        "channels": f"local LETTERS, NONE, ALL = '{letters}', '{none}', '{every}'\n",
        "letters": f"local EACH_LETTER = {{ {each} }}\n",
        "on_shift": f"local ON_SHIFT = {{ {on_shift} }}\n",
        "overnight": f"local OVERNIGHT = {{ {', '.join(f'{letter} = true' for letter in overnight)} }}\n",
    }


def sources() -> dict[str, str]:
    """The scripts by name, each preceded by the parts that its first line names."""
    folder = resources.files("routeur.index") / "scripts"
    parts = _texts(folder / "parts") | made_parts()
    return {
        name: "".join(parts[part] for part in text.splitlines()[0].removeprefix(_NEEDS).split()) + text
        for name, text in _texts(folder).items()
    }


def layout() -> str:
    """Names how the scripts lay the index out: other code, or other channels, have another name."""
    told = sha256()
    for name, text in sorted(sources().items()):
        lines = (_COMMENT.sub("", line).strip() for line in text.splitlines())
        told.update("\n".join([name, *(line for line in lines if line)]).encode() + b"\0")
    return told.hexdigest()[:8]


def _texts(folder: Traversable) -> dict[str, str]:
    return {
        file.name.removesuffix(".lua"): file.read_text("utf-8")
        for file in folder.iterdir()
        if file.name.endswith(".lua")
    }


class Scripts:
    """Runs the scripts on one namespace, and sends them to Redis when it does not know them."""

    def __init__(self, redis: Redis, namespace: str) -> None:
        self._execute: Any = redis.execute_command
        self._load = redis.script_load
        self._namespace = namespace
        self._sources = sources()
        self._digests: dict[str, Any] = {}

    def run(self, name: str, *arguments: str | int) -> Any:
        digest = self._digests.get(name)
        if digest is not None:
            try:
                return self._execute("EVALSHA", digest, 1, self._namespace, *arguments)
            except NoScriptError:
                pass
        digest = self._digests[name] = self._load(self._sources[name])
        return self._execute("EVALSHA", digest, 1, self._namespace, *arguments)
