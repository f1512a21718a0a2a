"""The phrases that a plan may word in a language of its own, so that it can be asked for without a new version of ours.

Each has a name in the plan (`languages: es: words: greeting: ...`) and is known to the catalogues by its English text.
"""

from __future__ import annotations

import string
from collections.abc import Mapping
from typing import Final

PHRASES: Final[Mapping[str, str]] = {
    # On the phone.
    "greeting": "Hello. You have reached the town hall of {commune}.",
    "menu-choice": "{choice}: press {digit}.",
    "star-key": "star",
    "menu-speak": "You can also say what you are calling about.",
    "menu-again": "Sorry, I did not understand.",
    "wait": "Thank you. An agent will answer you. Please stay on the line.",
    "wait-on": "Please stay on the line. You are keeping your place.",
    "agent-comes": "An agent is taking your call.",
    "just-closed": "We have just closed. Please stay on the line: an agent who is still here may answer you. "
    "Otherwise we will note your call.",
    "nobody-able": "Nobody can answer this question at the moment. We have noted your call.",
    "waited-too-long": "We are sorry: nobody could answer you in time. We have noted your call.",
    "noted": "We have noted your request.",
    "answer-by": "The service in charge, {service}, will answer you by {day} at the latest.",
    "answer-if-number": "Your number is hidden. The service in charge, {service}, will answer you by {day} at the "
    "latest if you leave us a number.",
    "reference": "Your reference is: {reference}.",
    "reference-again": "Once more: {reference}.",
    "leave-message": "If you wish, leave us a message after the beep. Otherwise you can hang up.",
    "leave-number": "Please leave us your name, your phone number and your question after the beep.",
    "message-recorded": "Thank you. Your message has been recorded.",
    "goodbye": "Thank you for your call. Goodbye.",
    # On the phone and in writing.
    "closed": "The town hall is closed at the moment. It opens on {day} at {time}.",
    "closed-service": "This service is closed at the moment. It opens on {day} at {time}.",
    # In writing.
    "follow-up": "Your message is recorded under the reference {reference}. "
    "The service in charge, {service}, will answer you by {day} at the latest.",
    "chat-address": "So that our answer reaches you, give us your e-mail address or mobile number here, and confirm it "
    "by the code that we send there.",
    "text-received": "We have received your message. An agent will answer you here. Your reference: {reference}.",
    "received-by": "Received on {day} by: {service}, {email}, {phone}.",
    "letter-hello": "Hello,",
    "letter-received": "We have received your message. Thank you.",
    "letter-reference": "Your reference is {reference}. An agent will answer you by e-mail.",
    "letter-add": "To add something, simply answer this message.",
    "letter-received-on": "Your message was received on {day}.",
    "letter-service": "Service in charge: {service}, {address}, telephone {phone}, e-mail {email}.",
}


def places(text: str) -> frozenset[str]:
    """The names in braces of a text. Raises ValueError where its braces do not match, or hold more than a name."""
    found = [(name, form, conversion) for _, name, form, conversion in string.Formatter().parse(text)]
    names = frozenset(name for name, _, _ in found if name is not None)
    if any(form or conversion for _, form, conversion in found) or not all(name.isidentifier() for name in names):
        raise ValueError(text)
    return names
