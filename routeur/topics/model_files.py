"""Learned models as files, each named after what it was learned from: made once, used by every process.

Like the index in Redis a model can be made again at any moment from what the record and the software hold.
"""

from __future__ import annotations

import fcntl
import os
import zlib
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from hashlib import sha256
from importlib.resources import files
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import BadZipFile, ZipFile

from competences.recognition.examples import Corpus

if TYPE_CHECKING:
    from competences.recognition.model import TopicModel


def model_file(folder: Path, corpus: Corpus) -> Path:
    """The path of the model that this version of the software learns from this corpus, learned yet or not."""
    return folder / f"{corpus.digest}-{_recipe()}.npz"


@cache
def _recipe() -> str:
    """A digest of the code that learns, so that models learned by other versions are not used."""
    digest = sha256()
    for source in sorted(files("competences.recognition").iterdir(), key=lambda file: file.name):
        if source.name.endswith(".py"):
            digest.update(source.read_bytes())
    return digest.hexdigest()[:8]


def make_model(folder: Path, corpus: Corpus) -> Path:
    """Learn the model unless its file is there and whole; returns its path. Takes about half a minute.

    Of several processes that ask at once, one learns. It does so in a process of its own, which gives the memory back.
    """
    made = model_file(folder, corpus)
    folder.mkdir(parents=True, exist_ok=True)
    with made.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _is_whole(made):
            with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as elsewhere:
                elsewhere.submit(_learn, corpus, made).result()
    return made


def _is_whole(made: Path) -> bool:
    """Whether the model's file is there and undamaged."""
    try:
        with ZipFile(made) as parts:
            return parts.testzip() is None
    except (FileNotFoundError, BadZipFile, zlib.error):
        return False


def _learn(corpus: Corpus, made: Path) -> None:
    from competences.recognition.training import train

    half_made = made.with_suffix(f".{os.getpid()}")
    half_made.write_bytes(train(corpus).save())
    half_made.replace(made)


def read_model(made: Path) -> TopicModel:
    """Read the model from its file. Raises OSError or ValueError when there is no sound model.

    The libraries take about 100 MB, so that only processes that recognise import them.
    """
    from competences.recognition.model import TopicModel

    return TopicModel.load(made.read_bytes())
