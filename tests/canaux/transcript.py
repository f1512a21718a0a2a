"""A script as somebody who listens would write it down."""

from __future__ import annotations

from canaux.voice.steps import Continue, Gather, HangUp, Join, Pause, Record, Say, Script, Step


def transcript(script: Script) -> list[str]:
    """One line per sentence, and one in brackets for each other thing that happens."""
    return [line for step in script for line in _lines(step)]


def _lines(step: Step) -> list[str]:
    match step:
        case Say(words=words, language=language):
            return [f"{language}: {words}"]
        case Gather(prompt=prompt, then=then):
            return [*(line for said in prompt for line in _lines(said)), f"[listens, then {then}]"]
        case Pause(seconds=seconds):
            return [f"[{seconds} seconds of silence]"]
        case Continue(turn=turn):
            return [f"[asks for {turn}]"]
        case Join(contact_id=contact_id, then=then):
            return [f"[joins the conference of {contact_id}, then {then}]"]
        case Record(longest_seconds=longest, end_key=key, then=then):
            return [f"[records up to {longest} seconds, until {key}, then {then}]"]
        case HangUp():
            return ["[hangs up]"]
