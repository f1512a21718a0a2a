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
    """Where the model learned from this corpus, as this version of the software learns, is or will be."""
    return folder / f"{corpus.digest}-{_recipe()}.npz"


@cache
def _recipe() -> str:
    """Names how models are learned: where the code that learns has changed, an older model is not mistaken for its."""
    digest = sha256()
    for source in sorted(files("competences.recognition").iterdir(), key=lambda file: file.name):
        if source.name.endswith(".py"):
            digest.update(source.read_bytes())
    return digest.hexdigest()[:8]


def make_model(folder: Path, corpus: Corpus) -> Path:
    """Learn the model, unless it is there already and whole; of several processes that ask at once, one does the work.

    Takes about half a minute. Learned in a process of its own, which gives the memory back.
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
    """Whether a model is there that no disk and no copy has spoilt."""
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
    """Raises OSError or ValueError where there is no sound model.

    What computes with models takes a hundred megabytes: only the processes that recognise import it.
    """
    from competences.recognition.model import TopicModel

    return TopicModel.load(made.read_bytes())
