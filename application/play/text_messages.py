"""SMS and WhatsApp messages, as Twilio announces them."""

from __future__ import annotations

from application.play.morning.events import Text
from application.play.stage import Stage
from competences.channels import Channel


def send_text(stage: Stage, text: Text) -> None:
    """Send the first message, and those that follow in the same conversation."""
    sent = stage.tally.begin(Channel.MESSAGING, text.person.phone)
    form = _form(stage, text, text.body)
    if text.photo:
        media = (
            f"https://api.twilio.com/2010-04-01/Accounts/{form['AccountSid']}/Messages/{form['MessageSid']}/Media/ME1"
        )
        form |= {"NumMedia": "1", "MediaUrl0": media, "MediaContentType0": "image/jpeg"}
    answer = stage.http.twilio("/webhooks/messaging", **form)
    sent.acknowledged, sent.answer = True, answer.text
    sent.words.append(text.body)
    if text.twice:
        stage.tally.duplicate(recognised=stage.http.twilio("/webhooks/messaging", **form).text == answer.text)
    for after, words in text.then:
        stage.pace.pause(after)
        stage.http.twilio("/webhooks/messaging", **_form(stage, text, words))
        sent.words.append(words)


def _form(stage: Stage, text: Text, body: str) -> dict[str, str]:
    medium = "whatsapp:" if text.whatsapp else ""
    form = {
        "MessageSid": stage.provider_id("SM"),
        "AccountSid": stage.provider_id("AC"),
        "From": medium + text.person.phone,
        "To": medium + stage.phone,
        "Body": body,
        "NumMedia": "0",
        "ApiVersion": "2010-04-01",
    }
    return form | ({"ProfileName": text.person.name} if text.whatsapp else {})
