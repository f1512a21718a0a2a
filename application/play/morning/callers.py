"""Makes up phone calls: what callers press or say, how long they wait, how the call ends."""

from __future__ import annotations

from enum import StrEnum
from random import Random

from application.play.morning.deck import Deck
from application.play.morning.events import Call, CallEnd, MenuStep
from application.play.morning.menu_paths import key_of, paths_to_topics, wrong_key
from application.play.morning.people import Population
from competences.plan.plan import Plan


class Manner(StrEnum):
    """How a caller deals with the menu."""

    KEYS = "keys"
    SPEECH = "speech"
    WRONG_KEY = "wrong-key"
    SILENT_AT_FIRST = "silent-at-first"
    ANYBODY = "anybody"
    FOLLOW_UP = "follow-up"
    ENGLISH = "english"


MANNERS = {
    Manner.KEYS: 9,
    Manner.SPEECH: 4,
    Manner.WRONG_KEY: 3,
    Manner.SILENT_AT_FIRST: 1,
    Manner.ANYBODY: 1,
    Manner.FOLLOW_UP: 1,
    Manner.ENGLISH: 1,
}
ENDS = {CallEnd.AFTER_ANSWER: 16, CallEnd.IN_MENU: 2, CallEnd.WHILE_WAITING: 2}


class Callers:
    """Makes up calls."""

    def __init__(self, random: Random, plan: Plan, population: Population) -> None:
        self._random = random
        self._plan = plan
        self._population = population
        self._paths = paths_to_topics(plan.menu)
        self._manners = Deck(random, MANNERS)
        self._ends = Deck(random, ENDS)

    def call(self, at: float, topic: str, *, twice: bool) -> Call:
        """A call that arrives at `at` about a topic."""
        manner, end = self._manners.draw(), self._ends.draw()
        steps = self._steps(manner, topic)
        if end is CallEnd.IN_MENU:
            steps = steps[: self._random.randrange(len(steps))]
        long, short = self._random.uniform(500, 900), self._random.uniform(15, 90)
        return Call(
            at=at,
            person=self._population.somebody("en" if manner is Manner.ENGLISH else "fr"),
            topic=topic,
            twice=twice,
            menu=tuple(MenuStep(self._random.uniform(4, 15), *step) for step in steps),
            end=end,
            patience=short if end is CallEnd.WHILE_WAITING else long,
            talk=min(900.0, self._random.lognormvariate(5.35, 0.5)),
            caller_hangs_up=self._random.random() < 0.6,
            leaves_message=self._random.random() < 0.5,
        )

    def _steps(self, manner: Manner, topic: str) -> list[tuple[str | None, str | None]]:
        """The keys and words of a caller, in turn."""
        menu = self._plan.menu
        keys: list[tuple[str | None, str | None]] = [(key, None) for key in self._paths.get(topic, "")]
        says: tuple[str | None, str | None] = (None, self._spoken(topic))
        to_topic = keys or [says]
        match manner:
            case Manner.SPEECH:
                return [says]
            case Manner.WRONG_KEY:
                return [(wrong_key(menu), None), *to_topic]
            case Manner.SILENT_AT_FIRST:
                return [(None, None), *to_topic]
            case Manner.ANYBODY:
                return [(key_of(menu, action="general"), None)]
            case Manner.FOLLOW_UP:
                return [(key_of(menu, action="follow-up"), None)]
            case Manner.ENGLISH:
                return [(key_of(menu, language="en"), None), *to_topic]
            case _:
                return to_topic

    def _spoken(self, topic: str) -> str:
        keywords = self._plan.topics[topic].keywords
        return f"je vous appelle pour {self._random.choice(keywords)}" if keywords else topic
