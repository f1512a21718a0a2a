"""The shifts of the agents who answer: when they go to lunch, and what they do with each offer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random

from application.play.morning.people import words
from competences.ladder import ladder
from competences.plan.plan import Plan
from competences.translation import DEFAULT_LANGUAGE

PRESENT = 20
"""The number of agents at work this morning; the others are at a training, on leave, or at the back office."""


class Reaction(StrEnum):
    """An agent's reaction to an offer."""

    ACCEPT = "accept"
    DECLINE = "decline"
    LET_EXPIRE = "let-expire"


class Conclusion(StrEnum):
    """The way in which an agent ends a contact."""

    ANSWERED = "answered"
    FOLLOW_UP = "follow-up"
    TRANSFER = "transfer"


@dataclass(frozen=True)
class Break:
    """An agent's lunch."""

    starts: float
    ends: float


@dataclass(frozen=True)
class Decision:
    """An agent's decision about an offer: the reaction comes after `after` seconds; `work` are the seconds that they
    need without the usager."""

    reaction: Reaction
    after: float
    picks_up: bool
    work: float
    conclusion: Conclusion
    transfer_to: str


@dataclass(frozen=True)
class Shift:
    """One agent's morning. `polls`: their desk asks for offers again and again instead of listening to its stream.

    `topics`: the topics that they may find a contact to be about, so that they transfer it.
    """

    login: str
    seed: int
    topics: tuple[str, ...]
    starts: float
    lunch: Break
    polls: bool
    first: tuple[Decision, ...]

    def decision(self, number: int) -> Decision:
        """The decision about the offer of this number, from 0 on."""
        if number < len(self.first):
            return self.first[number]
        random = Random(f"{self.seed}/{self.login}/{number}")  # noqa: S311 - a demonstration
        return _decision(random, self.topics, _reaction(random), _conclusion(random))


def roster(random: Random, plan: Plan, seconds: float) -> Sequence[Shift]:
    """The agents of this morning: most topics have somebody who can answer, one specialty is missing."""
    able = {topic: _able(plan, topic) for topic in plan.topics}
    absent = able[_missing_specialty(random, able)].at_last
    present = _cover(random, able, [login for login in plan.agents if login not in absent])
    seed = random.getrandbits(32)
    topics = tuple(plan.topics)
    return [_shift(random, login, place, seed, topics, seconds) for place, login in enumerate(present)]


def _shift(random: Random, login: str, place: int, seed: int, topics: tuple[str, ...], seconds: float) -> Shift:
    lunch = seconds * random.uniform(0.62, 0.8)
    return Shift(
        login=login,
        seed=seed,
        topics=topics,
        starts=0.0 if place % 5 else random.uniform(0, 900),
        lunch=Break(lunch, lunch + seconds * random.uniform(0.06, 0.12)),
        polls=place % len(_SPECIALS) == 3,
        first=_first_decisions(random, topics, place),
    )


_SPECIALS: Sequence[tuple[Reaction, bool, Conclusion]] = (
    (Reaction.DECLINE, True, Conclusion.ANSWERED),
    (Reaction.ACCEPT, False, Conclusion.ANSWERED),
    (Reaction.ACCEPT, True, Conclusion.FOLLOW_UP),
    (Reaction.ACCEPT, True, Conclusion.TRANSFER),
    (Reaction.LET_EXPIRE, True, Conclusion.ANSWERED),
)
"""Each is the first decision of some agent, so that it happens in every morning."""


def _first_decisions(random: Random, topics: tuple[str, ...], place: int) -> tuple[Decision, ...]:
    reaction, picks_up, conclusion = _SPECIALS[place % len(_SPECIALS)]
    special = _decision(random, topics, reaction, conclusion, picks_up=picks_up)
    if not picks_up:  # what comes first may be no call
        return (special,) * 3
    return (special,) if place % 2 else (_decision(random, topics, Reaction.ACCEPT, Conclusion.ANSWERED), special)


def _reaction(random: Random) -> Reaction:
    return Reaction.DECLINE if random.random() < 0.04 else Reaction.ACCEPT


def _conclusion(random: Random) -> Conclusion:
    drawn = random.random()
    if drawn < 0.06:
        return Conclusion.FOLLOW_UP
    return Conclusion.TRANSFER if drawn < 0.09 else Conclusion.ANSWERED


def _decision(
    random: Random,
    topics: tuple[str, ...],
    reaction: Reaction,
    conclusion: Conclusion,
    *,
    picks_up: bool | None = None,
) -> Decision:
    return Decision(
        reaction=reaction,
        after=random.uniform(3, 12),
        picks_up=random.random() > 0.02 if picks_up is None else picks_up,
        work=random.uniform(60, 300),
        conclusion=conclusion,
        transfer_to=random.choice(topics),
    )


@dataclass(frozen=True)
class _Able:
    """Who can answer about a topic: when somebody arrives, and at some step of the ladder."""

    at_first: frozenset[str]
    at_last: frozenset[str]


def _able(plan: Plan, topic: str) -> _Able:
    rungs = [
        frozenset(login for login, agent in plan.agents.items() if rung.requirement.satisfied_by(agent.skills))
        for rung in ladder(plan, topic, DEFAULT_LANGUAGE)
    ]
    return _Able(rungs[0], frozenset().union(*rungs))


def _missing_specialty(random: Random, able: Mapping[str, _Able]) -> str:
    """A topic that few people can answer: the play shows what happens when none of them is there."""
    few = sorted(len(people.at_last) for people in able.values())[len(able) // 4]
    rare = [topic for topic, people in able.items() if len(people.at_last) <= few]
    return random.choices(rare, [1 / words().weight(topic) for topic in rare])[0]


def _cover(random: Random, able: Mapping[str, _Able], logins: Sequence[str]) -> list[str]:
    """PRESENT of these agents, chosen so that most people who come can be served at once."""
    left = random.sample(logins, len(logins))
    needed = {topic: words().weight(topic) for topic in able}

    def worth(login: str) -> float:
        return sum(weight for topic, weight in needed.items() if login in able[topic].at_first)

    chosen: list[str] = []
    while left and len(chosen) < PRESENT:
        best = max(left, key=worth)
        left.remove(best)
        chosen.append(best)
        needed = {topic: weight / 2 if best in able[topic].at_first else weight for topic, weight in needed.items()}
    return chosen
