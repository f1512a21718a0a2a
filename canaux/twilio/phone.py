"""Calls, by Twilio."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from twilio.base.exceptions import TwilioException

from canaux.provider_interfaces import AgentCall, CallEnds, Recording
from canaux.twilio.numbers import read_number
from canaux.twilio.rest import TwilioAccount, delivery_errors, http_status, is_retryable
from canaux.twilio.urls import VoiceUrls

CALL_IS_OVER = 21220
"""Twilio's code of the refusal to change a call that has ended."""

_LIVE = frozenset({"queued", "initiated", "ringing", "in-progress"})


class TwilioPhone:
    """The telephone network behind Twilio's REST API; `urls` is where it asks us what to say."""

    def __init__(self, account: TwilioAccount, urls: VoiceUrls) -> None:
        self._client = account.client
        self._urls = urls

    def ring(self, call: AgentCall) -> None:
        with delivery_errors():
            if self._is_being_called(call.to):
                return
            self._client.calls.create(
                to=call.to,
                from_=call.caller_id,
                url=self._urls.agent(call.contact_id, attempt=call.attempt, leg=call.leg),
                method="POST",
                status_callback=self._urls.agent_status(call.contact_id, attempt=call.attempt),
                status_callback_method="POST",
                status_callback_event=["completed"],
                timeout=call.ring_seconds,
            )

    def _is_being_called(self, to: str) -> bool:
        # The API has no idempotency key. An effect done twice (a worker killed between the call and its note) would
        # ring a phone in conversation, whose "busy" would then take the caller away from the agent.
        try:
            return any(call.status in _LIVE for call in self._client.calls.list(to=to, limit=20))
        except TwilioException as error:
            if is_retryable(error):
                raise
            return False

    def move(self, call_id: str) -> None:
        self._update(call_id, url=self._urls.wait(), method="POST")

    def hang_up(self, call_id: str) -> None:
        self._update(call_id, status="completed")

    def _update(self, call_id: str, **changes: str) -> None:
        with delivery_errors():
            try:
                self._client.calls(call_id).update(**changes)
            except TwilioException as error:
                if getattr(error, "code", None) != CALL_IS_OVER and http_status(error) != 404:
                    raise

    def recordings_since(self, instant: datetime) -> Sequence[Recording]:
        with delivery_errors():
            return [
                Recording(
                    id=found.sid,
                    call_id=found.call_sid,
                    seconds=int(found.duration or 0),
                    url="https://api.twilio.com" + str(found.uri).removesuffix(".json"),
                )
                for found in self._client.recordings.list(date_created_after=instant)
            ]

    def call_ends(self, call_id: str) -> CallEnds:
        with delivery_errors():
            call = self._client.calls(call_id).fetch()
            return CallEnds(caller=read_number(str(call._from or "")), called=read_number(str(call.to or "")))
