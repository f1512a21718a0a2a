"""Names in a plan that nothing bears."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from competences.plan.draft import Draft
from competences.plan.errors import Finding, Location
from competences.skills import LANGUAGE_SKILL_PREFIX, language_skill
from competences.translation import DEFAULT_LANGUAGE, N_


def known_skills(draft: Draft) -> frozenset[str]:
    """The skills that can be required or held: those declared, and speaking each foreign language."""
    foreign = draft.declared.get("languages", frozenset()) - {DEFAULT_LANGUAGE}
    return draft.declared.get("skills", frozenset()) | {language_skill(language) for language in foreign}


def unknown(location: Location, message: str, name: str, known: Iterable[str]) -> Finding:
    """A name that nothing bears, with the nearest one that exists."""
    near = get_close_matches(name, sorted(known), n=1)
    return Finding(location, message, {"name": name}, near=near[0] if near else None)


def name_findings(draft: Draft) -> Iterator[Finding]:
    yield from _declared_skills(draft)
    yield from _services(draft)
    yield from _sites(draft)
    yield from _required_skills(draft)
    yield from _request_forms(draft)


def _declared_skills(draft: Draft) -> Iterator[Finding]:
    for skill in draft.skills:
        if skill.startswith(LANGUAGE_SKILL_PREFIX):
            yield Finding(("skills", skill), N_("Languages are declared under `languages`, not here."))


def _services(draft: Draft) -> Iterator[Finding]:
    known = draft.declared.get("services", frozenset())
    message = N_("The service `{name}` is not declared under `services`.")
    if draft.default_service is not None and draft.default_service not in known:
        yield unknown(("default_service",), message, draft.default_service, known)
    for key, topic in draft.topics.items():
        if topic.service not in known:
            yield unknown(("topics", key, "service"), message, topic.service, known)
    for index, closure in enumerate(draft.hours.closures if draft.hours is not None else ()):
        if closure.service is not None and closure.service not in known:
            yield unknown(("hours", "closures", index, "service"), message, closure.service, known)


def _sites(draft: Draft) -> Iterator[Finding]:
    known = draft.declared.get("sites", frozenset())
    named: list[tuple[Location, str | None]] = [
        (("services", key, "site"), service.site) for key, service in draft.services.items()
    ]
    closures = draft.hours.closures if draft.hours is not None else ()
    named += [(("hours", "closures", index, "site"), closure.site) for index, closure in enumerate(closures)]
    for location, site in named:
        if site is not None and site not in known:
            yield unknown(location, N_("The site `{name}` is not declared under `sites`."), site, known)


def _required_skills(draft: Draft) -> Iterator[Finding]:
    known = known_skills(draft)
    for location, skills in _skill_lists(draft):
        for skill in skills:
            if skill not in known:
                message = (
                    N_("The language of `{name}` is not declared under `languages` (French goes without saying).")
                    if skill.startswith(LANGUAGE_SKILL_PREFIX)
                    else N_("The skill `{name}` is not declared under `skills`.")
                )
                yield unknown((*location, skill), message, skill, known)


def _request_forms(draft: Draft) -> Iterator[Finding]:
    known = draft.declared.get("topics", frozenset())
    for address, topic in draft.request_forms.items():
        if topic not in known:
            message = N_("The topic `{name}` is not declared under `topics`.")
            yield unknown(("request_forms", address), message, topic, known)


def _skill_lists(draft: Draft) -> Iterator[tuple[Location, Iterable[str]]]:
    yield ("general_skills",), draft.general_skills
    for key, topic in draft.topics.items():
        yield ("topics", key, "skills"), topic.skills
        for index, step in enumerate(topic.steps):
            yield ("topics", key, "steps", index, "skills"), step.skills
    for login, agent in draft.agents.items():
        yield ("agents", login, "skills"), agent.skills
