"""E-mails, written as a mail program writes them, handed in by our mail server or by SendGrid."""

from __future__ import annotations

import json
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr
from uuid import uuid4

from application.play.enclosures import enclosed
from application.play.http_client import Answer
from application.play.morning.events import Email, Post
from application.play.stage import Stage
from competences.channels import Channel


def send_email(stage: Stage, email: Email) -> None:
    """Send an e-mail, twice if its provider stutters, and the second one of its thread if there is one."""
    message = compose(stage, email, email.subject, email.body)
    sent = stage.tally.begin(Channel.EMAIL, email.person.email)
    sent.automatic = email.automatic
    answer = _hand_in(stage, email, message)
    sent.acknowledged, sent.answer = True, answer.text
    sent.words.append(email.body)
    if email.twice:
        stage.tally.duplicate(recognised=_hand_in(stage, email, message).text == answer.text)
    if email.then is not None:
        after, words = email.then
        stage.pace.pause(after)
        more = compose(stage, email, f"Re: {email.subject}", words, message["Message-ID"])
        if _hand_in(stage, email, more).text != answer.text:
            stage.tally.error(f"a second e-mail did not find its thread: {email.subject}")
        sent.words.append(words)


def compose(stage: Stage, email: Email, subject: str, body: str, answers: str | None = None) -> EmailMessage:
    """The message with its attachments; `answers` is the Message-ID of the one before it."""
    message = EmailMessage(policy=SMTP)
    message["From"] = formataddr((email.person.name, email.person.email))
    message["To"] = stage.plan.commune.email
    message["Subject"] = subject
    message["Date"] = format_datetime(stage.server_time())
    message["Message-ID"] = f"<{uuid4().hex}@{email.person.email.partition('@')[2]}>"
    if answers is not None:
        message["In-Reply-To"] = message["References"] = answers
    if email.automatic:
        message["Auto-Submitted"] = "auto-replied"
    message.set_content(body)
    for kind in email.enclosures if answers is None else ():
        name, content_type, content = enclosed(kind)
        main, _, sub = content_type.partition("/")
        message.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return message


def _hand_in(stage: Stage, email: Email, message: EmailMessage) -> Answer:
    if email.post is Post.SENDGRID:
        return stage.http.sendgrid(parsed(message))
    return stage.http.mime(message.as_bytes())


def parsed(message: EmailMessage) -> dict[str, str | tuple[str, bytes, str]]:
    """The form that SendGrid's Inbound Parse makes of a message."""
    headers = message.as_bytes().partition(b"\r\n\r\n")[0].decode()
    text = message.get_body(("plain",))
    form: dict[str, str | tuple[str, bytes, str]] = {
        "headers": headers,
        "from": message["From"],
        "to": message["To"],
        "subject": message["Subject"],
        "text": text.get_content() if text is not None else "",
        "charsets": json.dumps({"to": "UTF-8", "from": "UTF-8", "subject": "UTF-8", "text": "UTF-8"}),
        "envelope": json.dumps({"to": [message["To"]], "from": message["From"]}),
        "SPF": "pass",
    }
    files = list(message.iter_attachments())
    form["attachments"] = str(len(files))
    for number, file in enumerate(files, start=1):
        content = file.get_content()
        form[f"attachment{number}"] = (file.get_filename() or "", content, file.get_content_type())
    return form
