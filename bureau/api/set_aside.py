"""What was set aside as no person's: a list for supervisors, and what becomes of each."""

from __future__ import annotations

from http import HTTPStatus

from bureau.access.principal import OVERSIGHT, Principal
from bureau.http.cursors import decoded, encoded
from bureau.http.operation import Operation
from bureau.schemas.answers import SetAsideItem, SetAsidePage
from bureau.schemas.requests import SetAsideQuery
from routeur.reading.views import Views
from routeur.reception.reception import Reception

TAG = "oversight"


class SetAsideApi:
    """`/set-aside`."""

    def __init__(self, reception: Reception, views: Views) -> None:
        self._reception = reception
        self._views = views

    def operations(self) -> list[Operation]:
        path = "/set-aside/<message_id>"
        return [
            Operation("GET", "/set-aside", self.list_set_aside, TAG, OVERSIGHT, SetAsidePage, query=SetAsideQuery),
            Operation("POST", f"{path}/queue", self.queue_set_aside, TAG, OVERSIGHT, status=HTTPStatus.NO_CONTENT),
            Operation("POST", f"{path}/reviewed", self.keep_aside, TAG, OVERSIGHT, status=HTTPStatus.NO_CONTENT),
        ]

    def list_set_aside(self, who: Principal, query: SetAsideQuery) -> SetAsidePage:
        """Messages that no person wrote, as far as could be told, newest first, each with its contact.

        Absence notices, read receipts and reports about delivery: nobody was asked to read them. What one says is read
        in its contact: opening that leaves a trace, as everywhere.
        """
        page = self._views.set_aside.page(reviewed=query.reviewed, cursor=decoded(query.cursor), limit=query.limit)
        items = [SetAsideItem.model_validate(item) for item in page.items]
        return SetAsidePage(items=items, next=encoded(page.next))

    def queue_set_aside(self, who: Principal, message_id: str) -> None:
        """A person wrote it: a closed contact is opened again, with the place that the message's arrival gives it."""
        self._reception.set_aside.queue(message_id, who.login)

    def keep_aside(self, who: Principal, message_id: str) -> None:
        """I have looked at it, and it stays where it is."""
        self._reception.set_aside.keep_aside(message_id, who.login)
