"""Checks that a TwiML document uses only verbs, nesting and attributes that exist."""

from __future__ import annotations

from urllib.parse import urlsplit
from xml.etree import ElementTree

_SPOKEN = {"Say": {"voice", "language", "loop"}, "Play": {"loop", "digits"}, "Pause": {"length"}}

VOICE: dict[str, dict[str, set[str]]] = {
    "Response": {
        "children": {
            "Say", "Play", "Pause", "Gather", "Dial", "Redirect", "Record", "Hangup", "Reject", "Enqueue", "Leave"
        }
    },
    "Gather": {
        "children": {"Say", "Play", "Pause"},
        "attributes": {
            "input", "action", "method", "timeout", "speechTimeout", "maxSpeechTime", "profanityFilter", "finishOnKey",
            "numDigits", "partialResultCallback", "partialResultCallbackMethod", "language", "hints", "bargeIn",
            "actionOnEmptyResult", "dtmfDetection", "speechModel", "enhanced", "debug",
        },
    },
    "Dial": {
        "children": {"Number", "Client", "Sip", "Sim", "Conference", "Queue", "Application"},
        "attributes": {
            "action", "method", "timeout", "hangupOnStar", "timeLimit", "callerId", "record", "trim", "sequential",
            "recordingStatusCallback", "recordingStatusCallbackMethod", "recordingStatusCallbackEvent",
            "answerOnBridge", "ringTone", "recordingTrack", "referUrl", "referMethod",
        },
    },
    "Conference": {
        "attributes": {
            "muted", "beep", "startConferenceOnEnter", "endConferenceOnExit", "waitUrl", "waitMethod",
            "maxParticipants", "record", "region", "coach", "trim", "statusCallbackEvent", "statusCallback",
            "statusCallbackMethod", "recordingStatusCallback", "recordingStatusCallbackMethod",
            "recordingStatusCallbackEvent", "eventCallbackUrl", "jitterBufferSize", "participantLabel",
        }
    },
    "Record": {
        "attributes": {
            "action", "method", "timeout", "finishOnKey", "maxLength", "playBeep", "trim", "recordingStatusCallback",
            "recordingStatusCallbackMethod", "recordingStatusCallbackEvent", "transcribe", "transcribeCallback",
        }
    },
    "Redirect": {"attributes": {"method"}},
    "Hangup": {},
    "Leave": {},
    **{verb: {"attributes": attributes} for verb, attributes in _SPOKEN.items()},
}  # fmt: skip

MESSAGING: dict[str, dict[str, set[str]]] = {
    "Response": {"children": {"Message", "Redirect"}},
    "Message": {
        "children": {"Body", "Media"},
        "attributes": {"to", "from", "action", "method", "statusCallback"},
    },
    "Body": {},
    "Media": {},
    "Redirect": {"attributes": {"method"}},
}

_ADDRESSES = {"action", "statusCallback", "recordingStatusCallback", "waitUrl"}
_ENGLISH_ONLY = {"transcribe", "transcribeCallback"}


def check_twiml(
    document: str | bytes, verbs: dict[str, dict[str, set[str]]] = VOICE, public_url: str = ""
) -> ElementTree.Element:
    """The parsed document. Fails on a verb, a nesting, an attribute or an address that cannot be."""
    root = ElementTree.fromstring(document)
    assert root.tag == "Response"
    _check(root, verbs, public_url)
    return root


def _check(element: ElementTree.Element, verbs: dict[str, dict[str, set[str]]], public_url: str) -> None:
    rule = verbs[element.tag]
    unknown = set(element.attrib) - rule.get("attributes", set())
    assert not unknown, f"<{element.tag}> has no {unknown}"
    assert not set(element.attrib) & _ENGLISH_ONLY
    for name in _ADDRESSES & set(element.attrib):
        _check_address(element.attrib[name], public_url)
    if element.tag == "Redirect":
        _check_address(element.text or "", public_url)
    if element.tag in ("Say", "Message", "Conference"):
        assert "".join(element.itertext()).strip(), f"<{element.tag}> says nothing"
    if element.tag == "Pause":
        assert 0 < int(element.attrib.get("length", "1")) <= 10
    for child in element:
        assert child.tag in rule.get("children", set()), f"<{child.tag}> in <{element.tag}>"
        _check(child, verbs, public_url)


def _check_address(address: str, public_url: str) -> None:
    parts = urlsplit(address)
    assert parts.scheme in ("http", "https"), f"{address} is not absolute"
    assert parts.netloc, f"{address} is not absolute"
    assert address.startswith(public_url), f"{address} is not ours"


def said(root: ElementTree.Element) -> str:
    """Everything that is spoken or written, in order."""
    return " ".join("".join(one.itertext()).strip() for one in root.iter() if one.tag in ("Say", "Message"))


def verb(root: ElementTree.Element, name: str) -> ElementTree.Element:
    """The only element of this name."""
    (found,) = root.iter(name)
    return found
