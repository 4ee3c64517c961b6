"""E-mail about alerts: one a delivery, threads by alert, the same id at every attempt."""

from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from hashlib import sha256
from typing import Final

from agents.notifying.notice import Delivery
from agents.notifying.routes import EmailRoute
from agents.notifying.wording import one_line, text_of, wording

_MAX_SUBJECT: Final = 150
_DIGITS: Final = 40


def mail(route: EmailRoute, delivery: Delivery, now: datetime, page: str = "") -> EmailMessage:
    """Return the message of ``delivery``.

    Mail programs drop or join messages of one ``Message-ID``, and show those as one conversation
    that refer to another.
    """
    alerts = [notice.alert for notice in delivery.notices]
    message = EmailMessage()
    message["From"] = route.sender
    message["To"] = ", ".join(route.recipients)
    # In one line: a headline or a company's name can't add headers.
    title = one_line(wording(alerts[0]).title, _MAX_SUBJECT)
    message["Subject"] = title + (f" and {len(alerts) - 1} more" if len(alerts) > 1 else "")
    message["Date"] = format_datetime(now)
    message["Message-ID"] = _id(delivery.key, route.sender)
    if len(alerts) == 1:
        message["References"] = _id(f"{alerts[0].id}.thread", route.sender)
    message["Auto-Submitted"] = "auto-generated"  # no answers of absent people (RFC 3834)
    message["X-Newsquake-Key"] = one_line(delivery.key)
    texts = [text_of(alert, page, route.template) for alert in alerts]
    message.set_content("\n\n----\n\n".join(texts) + "\n", cte="quoted-printable")
    return message


def _id(name: str, sender: str) -> str:
    domain = sender.rpartition("@")[2]
    return f"<{sha256(name.encode()).hexdigest()[:_DIGITS]}@{domain}>"
