"""Makes up e-mails, texts, chats, and people at the counter."""

from __future__ import annotations

from random import Random

from application.play.morning.deck import Deck
from application.play.morning.events import Arrival, Email, Enclosure, Post, Text, Visit, WalkIn
from application.play.morning.people import Population, words
from competences.channels import Channel
from competences.plan.plan import Plan
from competences.plan.types import wording

ENCLOSURES: dict[tuple[Enclosure, ...], int] = {
    (): 6,
    (Enclosure.PDF,): 2,
    (Enclosure.PHOTO,): 1,
    (Enclosure.PDF, Enclosure.PHOTO): 1,
}


class Writers:
    """Makes up every arrival but calls."""

    def __init__(self, random: Random, plan: Plan, population: Population) -> None:
        self._random = random
        self._plan = plan
        self._population = population
        self._words = words()
        self._enclosures = Deck(random, ENCLOSURES)
        self._posts = Deck(random, {Post.MIME: 4, Post.SENDGRID: 1})
        self._automatic = Deck(random, {False: 11, True: 1})
        self._threads = Deck(random, {False: 3, True: 1})
        self._whatsapp = Deck(random, {False: 2, True: 1})
        self._more_texts = Deck(random, {0: 2, 1: 2, 2: 1})
        self._answers = Deck(random, {0: 2, 1: 4, 2: 4})
        self._leaving = Deck(random, {False: 9, True: 1})
        self._foreign = Deck(random, {"fr": 14, "en": 1})

    def arrival(self, channel: Channel, at: float, topic: str, *, twice: bool) -> Arrival:
        """A person's arrival on a channel other than the phone."""
        match channel:
            case Channel.EMAIL:
                return self._email(at, topic, twice)
            case Channel.MESSAGING:
                return self._text(at, topic, twice)
            case Channel.CHAT:
                return self._visit(at, topic, twice)
            case _:
                return self._walk_in(at, topic, twice)

    def _email(self, at: float, topic: str, twice: bool) -> Email:
        person = self._population.somebody()
        automatic = self._automatic.draw()
        demand = self._words.away if automatic else self._words.demand(self._random, self._plan, topic)
        threaded = self._threads.draw() and not automatic
        later = (self._random.uniform(300, 1500), self._random.choice(self._words.more))
        return Email(
            at=at,
            person=person,
            topic=topic,
            twice=twice,
            subject=wording(self._plan.topics[topic].label, "fr"),
            body=f"Bonjour,\n\n{demand}\n\n{self._random.choice(self._words.signatures)},\n{person.name}",
            enclosures=() if automatic else self._enclosures.draw(),
            post=self._posts.draw(),
            automatic=automatic,
            then=later if threaded else None,
        )

    def _text(self, at: float, topic: str, twice: bool) -> Text:
        more = tuple(
            (self._random.uniform(40, 400), self._random.choice(self._words.more))
            for _ in range(self._more_texts.draw())
        )
        return Text(
            at=at,
            person=self._population.somebody(),
            topic=topic,
            twice=twice,
            body=self._words.demand(self._random, self._plan, topic),
            whatsapp=self._whatsapp.draw(),
            photo=self._random.random() < 0.15,
            then=more,
        )

    def _visit(self, at: float, topic: str, twice: bool) -> Visit:
        person = self._population.somebody(self._foreign.draw())
        lines = (*self._random.sample(self._words.more, 1), self._random.choice(self._words.thanks))
        answers = lines[2 - self._answers.draw() :]
        leaves = self._leaving.draw()
        return Visit(
            at=at,
            person=person,
            topic=topic,
            twice=twice,
            body=self._words.demand(self._random, self._plan, topic, person.language),
            says_topic=self._random.random() < 0.6,
            answers=answers,
            leaves_after=self._random.uniform(20, 120) if leaves else None,
        )

    def _walk_in(self, at: float, topic: str, twice: bool) -> WalkIn:
        return WalkIn(
            at=at,
            person=self._population.somebody(),
            topic=topic,
            twice=twice,
            body=self._words.demand(self._random, self._plan, topic),
        )
