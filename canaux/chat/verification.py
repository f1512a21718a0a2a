"""Proving the e-mail address that a visitor has typed: what their page sends."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, StringConstraints

from canaux.chat.requests import EmailAddress


class CodeRequest(BaseModel):
    """`POST /webhooks/chat/conversations/<id>/verification`: the address to send a code to."""

    email: EmailAddress


class CodeSaid(BaseModel):
    """`POST /webhooks/chat/conversations/<id>/verification/confirm`: the code that came there."""

    code: Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
