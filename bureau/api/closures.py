"""Closures that are made on the spot: by a supervisor, until a given instant, and undone."""

from __future__ import annotations

from http import HTTPStatus

from bureau.access.principal import EVERYONE, OVERSIGHT, Principal
from bureau.http.operation import Operation
from bureau.schemas.closures import Closure, ClosureList, ClosureQuery, NewClosure
from routeur.closures import Closures

TAG = "oversight"
OVER = frozenset({HTTPStatus.CONFLICT})


class ClosuresApi:
    """`/closures`."""

    def __init__(self, closures: Closures) -> None:
        self._closures = closures

    def operations(self) -> list[Operation]:
        path, one, made = "/closures", "/closures/<closure_id>", HTTPStatus.CREATED
        return [
            Operation("GET", path, self.list_closures, TAG, EVERYONE, ClosureList, query=ClosureQuery),
            Operation("POST", path, self.make_closure, TAG, OVERSIGHT, Closure, status=made, body=NewClosure),
            Operation("GET", one, self.get_closure, TAG, EVERYONE, Closure),
            Operation("DELETE", one, self.undo_closure, TAG, OVERSIGHT, status=HTTPStatus.NO_CONTENT, refusals=OVER),
        ]

    def list_closures(self, who: Principal, query: ClosureQuery) -> ClosureList:
        """The closures made on the spot that hold now or will; those that are over with `over`, the latest first.

        What is closed regularly, and holidays, stand in the plan.
        """
        return ClosureList(items=[Closure.model_validate(one) for one in self._closures.listed(over=query.over)])

    def make_closure(self, who: Principal, body: NewClosure) -> Closure:
        """Close the town hall, or a part of it, from now or a later instant until another.

        Whoever phones, chats or comes then is promised an answer at once; letters and messages wait with their place.
        Who waits already is served by who is there, as long as the plan's `after_hours_minutes` say. Every process
        knows within seconds. The same twice is one closure.
        """
        made = self._closures.make(
            who.login,
            body.until,
            start=body.start,
            service=body.service,
            channel=body.channel,
            site=body.site,
            reason=body.reason,
        )
        return Closure.model_validate(made)

    def get_closure(self, who: Principal, closure_id: str) -> Closure:
        """One closure, with who made it and who undid it."""
        return Closure.model_validate(self._closures.one(closure_id))

    def undo_closure(self, who: Principal, closure_id: str) -> None:
        """Open again now, or give up a closure that has not begun. Twice is once; one that is over is refused (409)."""
        self._closures.undo(who.login, closure_id)
