"""Builds the API's answers from the router's views, where their shapes differ."""

from __future__ import annotations

from collections.abc import Sequence

from bureau.http.cursors import encoded
from bureau.schemas.answers import (
    Contact,
    ContactPage,
    FollowUp,
    FollowUpPage,
    FullContact,
    SuggestedSheet,
)
from routeur.reading.contact_views import ContactView
from routeur.reading.contacts import FullContactView
from routeur.reading.follow_ups import FollowUpView
from routeur.reading.paging import Page


def contact_page(page: Page[ContactView]) -> ContactPage:
    return ContactPage(items=[Contact.model_validate(item) for item in page.items], next=encoded(page.next))


def follow_up_page(page: Page[FollowUpView]) -> FollowUpPage:
    return FollowUpPage(items=[FollowUp.model_validate(item) for item in page.items], next=encoded(page.next))


def full_contact(view: FullContactView, sheets: Sequence[SuggestedSheet]) -> FullContact:
    """A contact's own facts and all that belongs to it, side by side."""
    summary = Contact.model_validate(view.contact)
    rest = {
        "messages": view.messages,
        "timeline": view.timeline,
        "explanation": view.explanation,
        "follow_up": view.follow_up,
        "correspondents": list(view.correspondents),
        "suggested_sheets": sheets,
        "legal": view.legal,
        "legal_proposed": view.legal_proposed,
    }
    return FullContact.model_validate({**dict(summary), **rest})
