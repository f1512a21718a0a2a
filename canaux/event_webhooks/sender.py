"""Sends one event to one listener."""

from __future__ import annotations

import ssl
from http import HTTPStatus

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, Timeout
from urllib3.exceptions import HTTPError

from canaux.event_webhooks.signing import ListenerSecrets, signature
from canaux.event_webhooks.targets import Refused, Target, Targets
from routeur.clock import Clock
from routeur.ports.news import DeliveryError
from routeur.subscriptions.deliveries import Gone, Notification

CONNECT_SECONDS, ANSWER_SECONDS = 5.0, 15.0


class EventSender:
    """Posts events. Only a 2xx counts as taken; redirections are not followed, and no answer's body is read."""

    def __init__(self, secrets: ListenerSecrets, targets: Targets, clock: Clock, user_agent: str) -> None:
        self._secrets = secrets
        self._targets = targets
        self._clock = clock
        self._user_agent = user_agent

    def __call__(self, notification: Notification) -> int:
        """Send it; returns the HTTP status. Raises DeliveryError, and Gone where the listener wants no more."""
        try:
            target = self._targets.find(notification.subscription.wanted.url)
            status = _post(target, notification.body, self._headers(notification, target))
        except Refused as refused:
            raise DeliveryError(str(refused), retryable=True) from None
        except (HTTPError, OSError) as error:
            raise DeliveryError(type(error).__name__, retryable=True) from error
        if status == HTTPStatus.GONE:
            raise Gone
        if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            raise DeliveryError(str(status), retryable=True)
        return status

    def _headers(self, notification: Notification, target: Target) -> dict[str, str]:
        now, one = self._clock(), notification.subscription
        seconds = int(now.timestamp())
        secrets = [self._secrets.secret(one.id, number) for number in one.secret_numbers(now)]
        return {
            "Host": target.host_header,
            "Content-Type": "application/json",
            "User-Agent": self._user_agent,
            "webhook-id": notification.id,
            "webhook-timestamp": str(seconds),
            "webhook-signature": signature(notification.id, seconds, notification.body, secrets),
        }


def _post(target: Target, body: str, headers: dict[str, str]) -> int:
    """Post it to the address that was looked at; the certificate must be the name's."""
    timeout = Timeout(connect=CONNECT_SECONDS, read=ANSWER_SECONDS)
    with (
        HTTPSConnectionPool(
            target.ip,
            target.port,
            timeout=timeout,
            ssl_context=ssl.create_default_context(),
            server_hostname=target.host,
            assert_hostname=target.host,
        )
        if target.https
        else HTTPConnectionPool(target.ip, target.port, timeout=timeout)
    ) as pool:
        answer = pool.urlopen(
            "POST",
            target.path,
            body=body.encode(),
            headers=headers,
            redirect=False,
            retries=False,
            preload_content=False,
        )
        answer.close()
        return int(answer.status)
