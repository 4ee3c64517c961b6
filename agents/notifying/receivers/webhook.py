"""JSON for programs, signed so that they know who sent it, when, and that nothing was changed.

The signature is the HMAC-SHA-256 of the timestamp, a full stop and the body, in hexadecimal. A
receiver computes it over the bytes that it got, compares in constant time, and refuses what is
older than some minutes: so a copy of the message is worth nothing later.
"""

import hmac
from collections.abc import Mapping
from typing import Any, Final

import orjson

from agents.notifying.notice import Delivery
from agents.notifying.wording import wording
from schemas.alert import Alert

TIMESTAMP: Final = "newsquake-timestamp"
SIGNATURE: Final = "newsquake-signature"
KEY: Final = "idempotency-key"


def webhook_body(delivery: Delivery, page: str = "") -> bytes:
    """Return the body: the same bytes at every attempt."""
    alerts = [
        {
            "event_id": notice.id,
            "sentence": wording(notice.alert, page).sentence,
            "link": wording(notice.alert, page).link or None,
            "is_repeated": notice.record is None,
            "alert": alert_fields(notice.alert),
        }
        for notice in delivery.notices
    ]
    body = {"type": "newsquake.notification", "key": delivery.key, "alerts": alerts}
    return orjson.dumps(body)


def webhook_headers(key: str, body: bytes, secret: str, timestamp: int) -> dict[str, str]:
    """Return the headers of a request; without a ``secret`` there is no signature.

    >>> sorted(webhook_headers("a1.firing", b"{}", "", 1767225600))
    ['idempotency-key', 'newsquake-timestamp']
    """
    headers = {KEY: key, TIMESTAMP: str(timestamp)}
    if secret:
        headers[SIGNATURE] = "v1=" + signature(secret, timestamp, body)
    return headers


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """Return the signature of a body that is sent at ``timestamp``, in seconds since the epoch.

    >>> signature("key", 1767225600, b"{}")[:16]
    'df344de429b8ee67'
    """
    return hmac.new(secret.encode(), b"%d." % timestamp + body, "sha256").hexdigest()


def is_signed(
    secret: str, headers: Mapping[str, str], body: bytes, now: int, tolerance: int = 300
) -> bool:
    """Return whether a request is one of ours and not older than ``tolerance`` seconds.

    Receivers in Python may use it; docs/notify.md has the same for others.
    """
    sent, _, claimed = headers.get(TIMESTAMP, ""), *headers.get(SIGNATURE, "").partition("v1=")[1:]
    if not sent.isascii() or not sent.isdigit() or abs(now - int(sent)) > tolerance:
        return False
    return hmac.compare_digest(signature(secret, int(sent), body).encode(), claimed.encode())


def alert_fields(alert: Alert) -> dict[str, Any]:
    """Return the alert as JSON can say it, with the fields of its schema."""
    fields: dict[str, Any] = alert.model_dump(mode="json")
    return fields
