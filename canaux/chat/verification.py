"""Proving the address or the number that a visitor has typed: what their page sends."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, StringConstraints, model_validator

from canaux.chat.requests import EmailAddress
from competences.phone_numbers import e164


def _number(value: str) -> str:
    number = e164(value)
    if number is None:
        raise ValueError("not a phone number")
    return number


PhoneNumber = Annotated[str, StringConstraints(max_length=32), AfterValidator(_number)]


class CodeRequest(BaseModel):
    """`POST /webhooks/chat/conversations/<id>/verification`: the address or the number to send a code to."""

    email: EmailAddress | None = None
    phone: PhoneNumber | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.email is None) == (self.phone is None):
            raise ValueError("give one of email, phone")
        return self

    @property
    def address(self) -> str:
        """Where the code goes."""
        return self.email or self.phone or ""


class CodeSaid(BaseModel):
    """`POST /webhooks/chat/conversations/<id>/verification/confirm`: the code that came there."""

    code: Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
