"""The commands that are about recognising topics in words."""

from __future__ import annotations

import json
import resource
from contextlib import closing
from pathlib import Path

from rich.console import Console

from application.operator_words import _, operator_language
from application.settings import Settings, SettingsError
from competences.recognition.evaluation import figures, judge
from competences.recognition.examples import NO_TOPIC, Corpus, Example, ExamplesError, read_examples, shipped_corpus
from competences.translation import translator
from routeur.record.engine import open_record
from routeur.record.migrate import is_current
from routeur.topics.model_files import make_model, model_file, read_model
from routeur.topics.recogniser import Recogniser


def build(settings: Settings) -> int:
    """Learn the model in force, unless this machine has it already."""
    build_model(settings, corpus_in_force(settings))
    return 0


def build_model(settings: Settings, corpus: Corpus) -> Path:
    """Learn the model unless its file exists (half a minute, which is announced); returns the file."""
    if not model_file(settings.models_folder, corpus).exists():
        Console(stderr=True).print(_("Learning to recognise topics from the examples (once, about half a minute)..."))
    return make_model(settings.models_folder, corpus)


def evaluate(settings: Settings, path: Path) -> int:
    """Print how well the model in force recognises the messages of a file, as one JSON object."""
    messages = _messages(path)
    model = read_model(build_model(settings, corpus_in_force(settings)))
    unknown = sorted({message.topic for message in messages} - {*model.topics, NO_TOPIC})
    if unknown:
        raise SettingsError(_("{path}: unknown topics: {topics}").format(path=path, topics=", ".join(unknown)))
    model.recognise(messages[0].text)
    measured = figures(judge(model.recognise, messages))
    measured["rss_mb"] = round(peak_memory_mb(), 1)
    print(json.dumps(measured, ensure_ascii=False))
    return 0


def peak_memory_mb() -> float:
    """The most memory that this process has had (`getrusage` would also count its parent's, before the exec)."""
    status = Path("/proc/self/status")
    if status.exists():
        peak = next(line for line in status.read_text("ascii").splitlines() if line.startswith("VmHWM:"))
        return int(peak.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def corpus_in_force(settings: Settings) -> Corpus:
    """The shipped corpus and, if there is a record, the corrections that were learned there."""
    with closing(open_record(settings.record_url)) as record:
        return Recogniser(record, settings.models_folder).corpus() if is_current(record) else shipped_corpus()


def _messages(path: Path) -> list[Example]:
    try:
        messages = read_examples(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(_("The file {path} cannot be read: {reason}").format(path=path, reason=error)) from error
    except ExamplesError as error:
        words = translator("competences", operator_language()).gettext(error.message)
        raise SettingsError(f"{path}: {words.format(line=error.line)}") from error
    if not messages:
        raise SettingsError(_("{path}: there is no message in it.").format(path=path))
    return messages
