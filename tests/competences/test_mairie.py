"""The plan that comes with the product."""

from __future__ import annotations

import re
import time

import pytest

from competences.channels import Channel
from competences.ladder import ladder
from competences.plan.check import check
from competences.plan.parts import default_rules
from competences.plan.plan import Plan
from tests.competences.documents import MAIRIE, changed, mairie, without

TOPICS = sorted(mairie().topics)
FOR_EXPERTS = frozenset(
    [
        "aide-sociale",
        "arrete-stationnement",
        "attestation-accueil",
        "certificat-urbanisme",
        "changement-prenom",
        "concession-cimetiere",
        "declaration-naissance",
        "declaration-prealable",
        "droit-preemption",
        "exhumation",
        "facture-avis-paiement",
        "fournisseur-facture",
        "inscription-creche",
        "logement-social",
        "mariage",
        "obseques",
        "pacs",
        "permis-construire",
        "renseignement-notaire",
        "taxe-sejour",
    ]
)
"""The topics that a generalist cannot answer with the sheet."""


def test_the_plan_is_sound() -> None:
    assert check(MAIRIE.read_text(encoding="utf-8")) == []


def test_it_has_the_staff_the_topics_and_the_services_of_the_town() -> None:
    plan = mairie()
    generalists = [
        agent for agent in plan.agents.values() if agent.skills.get("accueil", 0) >= 2 or len(agent.skills) == 1
    ]
    assert len(plan.agents) == 40
    assert len(generalists) == 26
    assert len(plan.topics) == 45
    assert len(plan.services) == 12
    assert {agent.role for agent in plan.agents.values()} == {"agent", "supervisor", "admin"}


@pytest.mark.parametrize("topic", TOPICS)
def test_every_topic_reaches_somebody_at_once_and_somebody_more_later(topic: str) -> None:
    plan = mairie()
    reached = [
        sum(rung.requirement.satisfied_by(agent.skills) for agent in plan.agents.values())
        for rung in ladder(plan, topic, "fr")
    ]
    assert len(reached) >= 2
    assert reached[0] >= 1
    assert reached == sorted(set(reached))


@pytest.mark.parametrize("topic", TOPICS)
def test_what_the_front_desk_can_answer_reaches_every_generalist_in_the_end(topic: str) -> None:
    last = ladder(mairie(), topic, "fr")[-1].requirement
    assert (dict(last.levels) == {"accueil": 1}) is (topic not in FOR_EXPERTS)


def test_experts_are_the_last_resort_for_general_questions() -> None:
    """The router prefers the least versatile pool: the smallest sum of levels."""
    plan = mairie()
    weights = {login: sum(agent.skills.values()) for login, agent in plan.agents.items()}
    assert weights["theo.marchand"] == min(weights.values())
    assert weights["gregory.lemoine"] > weights["julien.roux"]


def test_the_channels_keep_the_town_s_promises() -> None:
    rules = mairie().channels
    assert {channel: rule.target_seconds for channel, rule in rules.items()} == {
        Channel.VOICE: 180,
        Channel.CHAT: 60,
        Channel.WALKIN: 900,
        Channel.MESSAGING: 900,
        Channel.EMAIL: 4 * 3600,
    }
    assert {channel: rule.capacity for channel, rule in rules.items()} == {
        Channel.VOICE: 1,
        Channel.WALKIN: 1,
        Channel.CHAT: 3,
        Channel.MESSAGING: 5,
        Channel.EMAIL: 5,
    }
    assert {channel for channel, rule in rules.items() if rule.exclusive} == {Channel.VOICE, Channel.WALKIN}
    assert {channel for channel, rule in rules.items() if rule.interruptible} == {Channel.MESSAGING, Channel.EMAIL}
    overnight = {Channel.EMAIL, Channel.MESSAGING}
    assert {channel for channel, rule in rules.items() if rule.max_wait_in_opening_hours} == overnight
    assert {channel for channel, rule in rules.items() if rule.target_in_opening_hours} == overnight


def test_nobody_real_can_be_called_or_written_to() -> None:
    """Arcep keeps these phone numbers for fiction, and names under .example cannot be registered (RFC 2606)."""
    plan = mairie()
    phones = [plan.commune.phone, *(service.phone for service in plan.services.values())]
    phones += [agent.phone for agent in plan.agents.values() if agent.phone]
    assert all(re.fullmatch(r"\+33(19900|63998)\d{4}", phone) for phone in phones)
    assert len(phones) == len(set(phones))
    emails = re.findall(r"\S+@\S+", MAIRIE.read_text(encoding="utf-8"))
    assert emails
    assert all(email.endswith(".example") for email in emails)
    assert all(str(topic.online).split("/")[2].endswith(".example") for topic in plan.topics.values() if topic.online)


def test_every_text_is_there_in_english_too() -> None:
    plan = mairie()
    labels = [skill.label for skill in plan.skills.values()]
    labels += [service.label for service in plan.services.values()]
    labels += [topic.label for topic in plan.topics.values()]
    labels += [language.label for language in plan.languages.values()]
    labels += [closure.label for closure in plan.hours.closures]
    assert all(label.get("en") for label in labels)


def test_dumping_and_loading_gives_the_same_plan() -> None:
    plan = mairie()
    assert Plan.load(plan.dump()) == plan
    assert Plan.load(plan.dump()).dump() == plan.dump()


@pytest.mark.parametrize("channel", [*Channel])
def test_a_channel_that_is_left_out_has_the_rules_of_the_table(channel: Channel) -> None:
    text = without("channels", channel.value)
    assert check(text) == []
    plan = Plan.load(text)
    assert plan.channels[channel] == default_rules(channel)
    assert plan.channels == {**mairie().channels, channel: default_rules(channel)}
    assert list(plan.channels) == [*Channel]
    assert Plan.load(plan.dump()) == plan


def test_a_plan_may_leave_out_every_channel() -> None:
    text = changed((("channels",), {}))
    assert check(text) == []
    assert Plan.load(text).channels == {channel: default_rules(channel) for channel in Channel}


def test_a_plan_that_says_who_answers_at_the_front_desk_is_read_as_if_it_did_not() -> None:
    old = changed(*(((*("topics", topic), "front_desk"), topic not in FOR_EXPERTS) for topic in TOPICS))
    assert check(old) == []
    assert Plan.load(old) == mairie()
    assert Plan.load(old).dump() == mairie().dump()


def test_checking_is_fast_enough_to_do_at_each_keystroke_of_an_editor() -> None:
    text = MAIRIE.read_text(encoding="utf-8")
    rounds = []
    for _ in range(3):
        start = time.process_time()
        check(text)
        rounds.append(time.process_time() - start)
    assert min(rounds) < 1.0
