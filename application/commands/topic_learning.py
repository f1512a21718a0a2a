"""`routeur topics learn`: shows what agents' corrections would change, and learns them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from application.commands.topics import build_model
from application.operator_words import _
from application.settings import Settings
from application.wiring.core import Core, open_core
from competences.recognition.evaluation import figures, judge
from competences.recognition.examples import Corpus, Example
from competences.recognition.training import train
from routeur.topics.corrections import CandidateState, accepted_examples, learn_accepted

SHOWN = ("top1", "top3", "routed_precision", "abstained_in_scope", "abstained_out_of_scope")


def learn(settings: Settings, *, apply: bool) -> int:
    """Show what the accepted corrections would change on a fifth of the messages, which no model has seen.

    With `apply` they are learned, and every process uses the new model within seconds.
    """
    with open_core(settings) as core:
        accepted = accepted_examples(core.record)
        waiting = len(core.corrections.candidates(CandidateState.CANDIDATE))
        print(_("Corrections: {waiting} to review, {accepted} accepted and not learned yet.").format(
            waiting=waiting, accepted=len(accepted)
        ))  # fmt: skip
        if not accepted:
            return 0
        _compare(core.recogniser.corpus(), accepted)
        if apply:
            _apply(settings, core, accepted)
    return 0


def _compare(corpus: Corpus, accepted: Sequence[Example]) -> None:
    kept, held_out = corpus.without_a_fifth()
    before = figures(judge(train(kept).recognise, held_out))
    after = figures(judge(train(kept.with_messages(accepted)).recognise, held_out))
    table = Table(title=_("On {count} messages that were held out").format(count=len(held_out)))
    for heading in (_("figure"), _("before"), _("after")):
        table.add_column(heading)
    for name in SHOWN:
        table.add_row(name, _percent(before[name]), _percent(after[name]))
    for topic in sorted({example.topic for example in accepted} & set(before["by_topic"])):
        table.add_row(f"top1 {topic}", *(_percent(figure["by_topic"][topic]["top1"]) for figure in (before, after)))
    Console().print(table)


def _apply(settings: Settings, core: Core, accepted: Sequence[Example]) -> None:
    build_model(settings, core.recogniser.corpus().with_messages(accepted))
    learn_accepted(core.record, accepted, core.clock())
    print(_("Learned. On every other machine: routeur topics build"))


def _percent(share: Any) -> str:
    return "-" if share is None else f"{share:.1%}"
