"""Log-ins: a person sees and ends their own; a supervisor ends everybody's (a lost phone, somebody who has left)."""

from __future__ import annotations

from http import HTTPStatus

from bureau.access.accounts import Accounts
from bureau.access.principal import OVERSIGHT, STAFF, Principal
from bureau.access.tokens import AccessTokens, Ended
from bureau.http.operation import Operation
from bureau.schemas.answers import LogInEntry, LogIns
from canaux import security_log
from routeur.contact.words import Activity
from routeur.desk.desk import Desk
from routeur.errors import NotFound

TAG = "session"


class LogInsApi:
    """`/me/log-ins`, and those of others. The streams of a log-in end with it, within a heartbeat."""

    def __init__(self, tokens: AccessTokens, accounts: Accounts, desk: Desk) -> None:
        self._tokens = tokens
        self._accounts = accounts
        self._desk = desk

    def operations(self) -> list[Operation]:
        gone = HTTPStatus.NO_CONTENT
        return [
            Operation("GET", "/me/log-ins", self.list_my_log_ins, TAG, STAFF, LogIns),
            Operation("DELETE", "/me/log-ins", self.end_my_other_log_ins, TAG, STAFF, status=gone),
            Operation("DELETE", "/me/log-ins/<log_in_id>", self.end_my_log_in, TAG, STAFF, status=gone),
            Operation("DELETE", "/agents/<login>/log-ins", self.end_log_ins_of_agent, TAG, OVERSIGHT, status=gone),
        ]

    def list_my_log_ins(self, who: Principal) -> LogIns:
        """Where I am logged in, the latest used first."""
        return LogIns(items=[LogInEntry.model_validate(one) for one in self._tokens.of(who.login, who.token)])

    def end_my_other_log_ins(self, who: Principal) -> None:
        """End my log-ins everywhere else."""
        self._told(self._tokens.end_others(who.token, who.login), who.login, who)

    def end_my_log_in(self, who: Principal, log_in_id: str) -> None:
        """End one log-in of mine. After their last log-in has ended, an agent is off shift."""
        ended = self._tokens.end_one(log_in_id, who.login)
        if not ended.count:
            raise NotFound(log_in_id)
        self._told(ended, who.login, who)

    def end_log_ins_of_agent(self, who: Principal, login: str) -> None:
        """End every log-in of somebody on the staff, who is off shift then; their password stays."""
        if self._accounts.known(login) is None:
            raise NotFound(login)
        self._told(self._tokens.end_all(login), login, who)

    def _told(self, ended: Ended, login: str, by: Principal) -> None:
        security_log.record("log_ins_ended", account=login, by=by.login, count=ended.count)
        if ended.none_left:
            self._desk.set_activity(login, Activity.OFFLINE)
