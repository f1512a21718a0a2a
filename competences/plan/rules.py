"""What must fit together in a plan: names that exist, channels, hours. (Ladders and menu have their own modules.)"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from competences.plan.draft import Draft
from competences.plan.errors import Finding
from competences.plan.hours import slot_faults
from competences.plan.rules_ladder import ladder_findings, staff_findings
from competences.plan.rules_languages import language_findings
from competences.plan.rules_menu import menu_findings
from competences.plan.rules_names import name_findings
from competences.translation import N_

LONGEST_CLOSURE = timedelta(days=366)


def judge(draft: Draft) -> Iterator[Finding]:
    """Every fault among the sound parts."""
    yield from name_findings(draft)
    yield from _channels(draft)
    yield from _commitments(draft)
    yield from ladder_findings(draft)
    if draft.staff_is_sound:
        yield from staff_findings(draft)
    yield from _hours(draft)
    yield from _web_forms(draft)
    yield from language_findings(draft)
    yield from menu_findings(draft)


def _channels(draft: Draft) -> Iterator[Finding]:
    for channel, rules in draft.channels.items():
        at = ("channels", channel.value)
        if rules.max_wait_seconds <= rules.target_seconds:
            yield Finding(
                (*at, "max_wait_seconds"),
                N_("The maximum wait ({most} s) must be longer than the target ({target} s)."),
                {"most": rules.max_wait_seconds, "target": rules.target_seconds},
            )
        if rules.exclusive and rules.interruptible:
            yield Finding((*at, "interruptible"), N_("A channel cannot be both exclusive and interruptible."))
        if rules.exclusive and rules.capacity != 1:
            yield Finding((*at, "capacity"), N_("The capacity of an exclusive channel is 1."))


def _commitments(draft: Draft) -> Iterator[Finding]:
    for key, topic in draft.topics.items():
        if (topic.commitment_days is None) == (topic.commitment_before_days is None):
            message = N_(
                "Write either `commitment_days` (in working days) or `commitment_before_days` (in calendar days from "
                "reception)."
            )
            yield Finding(("topics", key, "commitment_days"), message)


def _web_forms(draft: Draft) -> Iterator[Finding]:
    known: set[str] = set()
    for index, form in enumerate(draft.web_forms):
        address = form.address.lower()
        if address in known:
            message = N_("The address `{address}` is that of another form, too: keep one.")
            yield Finding(("web_forms", index, "address"), message, {"address": form.address})
        known.add(address)


def _hours(draft: Draft) -> Iterator[Finding]:
    if draft.hours is None:
        return
    for day, slots in draft.hours.week.items():
        for index, fault in slot_faults(slots):
            message = (
                N_("The slot {slot} ends before it begins.")
                if fault == "backwards"
                else N_("The slot {slot} overlaps another one of the same day.")
            )
            yield Finding(("hours", "week", day, index), message, {"slot": slots[index]})
    if not any(draft.hours.week.values()):
        yield Finding(("hours", "week"), N_("The town hall is never open: write at least one slot."))
    for index, closure in enumerate(draft.hours.closures):
        if closure.last < closure.start:
            yield Finding(("hours", "closures", index, "until"), N_("This closure ends before it begins."))
        elif closure.last - closure.start > LONGEST_CLOSURE:
            yield Finding(
                ("hours", "closures", index, "until"), N_("This closure lasts more than a year: check the dates.")
            )
        if closure.hours is not None and closure.hours.end <= closure.hours.start:
            yield Finding(
                ("hours", "closures", index, "hours"),
                N_("The slot {slot} ends before it begins."),
                {"slot": closure.hours},
            )
