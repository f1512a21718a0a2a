"""The reason of an offer, in a line for the operator."""

from __future__ import annotations

from typing import Any

from application.operator_words import _
from competences.channels import Channel


def channel_name(channel: str) -> str:
    """The operator's word for a channel; its own name where there is no word yet."""
    names = {
        Channel.VOICE: _("phone"),
        Channel.EMAIL: _("e-mail"),
        Channel.CHAT: _("chat"),
        Channel.MESSAGING: _("texts"),
        Channel.WALKIN: _("counter"),
    }
    return names.get(Channel(channel), channel)


def offer_in_words(offer: dict[str, Any], login: str, idle_seconds: float) -> str:
    """The line that says why this contact was offered to this agent."""
    contact = offer["contact"]
    return _("{channel} {reference} -> {login}: {reason}").format(
        channel=channel_name(contact["channel"]),
        reference=contact["reference"],
        login=login,
        reason=_reason(offer["why"], idle_seconds),
    )


def _reason(why: dict[str, Any], idle_seconds: float) -> str:
    if why["why"] == "arrival":
        return _("least versatile of {count} free pools, idle {seconds} s").format(
            count=len(why["pools"]), seconds=round(idle_seconds)
        )
    if why["why"] == "freed":
        return _("most urgent of {count} classes when they got free").format(count=len(why["classes"]))
    return _("knows this person already")
