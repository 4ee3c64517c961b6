"""Messages for Slack-compatible webhooks, within the limits that Slack refuses beyond."""

from collections.abc import Sequence
from typing import Any, Final

from agents.notifying.wording import sentence_of, shortened, text_of, wording
from schemas.alert import Alert

MAX_HEADER: Final = 150
MAX_SECTION: Final = 3_000
MAX_BLOCKS: Final = 50
MAX_TOGETHER: Final = 13_200
"""Characters of all blocks together."""
_BLOCKS_PER_ALERT: Final = 2
_RESERVED: Final = 200
_MAX_FALLBACK: Final = 300


def slack_message(alerts: Sequence[Alert], page: str = "", template: str = "") -> dict[str, Any]:
    """Return the body of the webhook's request: a header and a section for each alert.

    The text beside the blocks is what notifications of a phone show, and receivers that know no
    blocks.
    """
    shown = alerts[: MAX_BLOCKS // _BLOCKS_PER_ALERT]
    room = (MAX_TOGETHER - _RESERVED) // max(1, len(shown)) - MAX_HEADER
    blocks: list[dict[str, Any]] = []
    for alert in shown:
        title = shortened(wording(alert, page).title, MAX_HEADER)
        text = shortened_escaped(text_of(alert, page, template), min(room, MAX_SECTION))
        blocks.append({"type": "header", "text": {"type": "plain_text", "text": title}})
        blocks.append({"type": "section", "text": {"type": "mrkdwn", "text": text or title}})
    sentences = [sentence_of(alert) for alert in alerts]
    fallback = " ".join(shortened(sentence, _MAX_FALLBACK) for sentence in sentences)
    return {"text": shortened_escaped(fallback, MAX_SECTION), "blocks": blocks}


def shortened_escaped(text: str, limit: int) -> str:
    """Return ``text`` of at most ``limit`` characters, as Slack wants it escaped.

    A headline with ``<!channel>`` would otherwise call everybody. What is counted is the escaped
    text, and no escape is cut.

    >>> shortened_escaped("AT&T <!channel>", 100)
    'AT&amp;T &lt;!channel&gt;'
    >>> shortened_escaped("AT&T", 7)
    'AT…'
    """
    escapes = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
    pieces = [escapes.get(sign, sign) for sign in text]
    if sum(map(len, pieces)) <= limit:
        return "".join(pieces)
    pieces_kept, length = list[str](), 1
    for piece in pieces:
        length += len(piece)
        if length > limit:
            break
        pieces_kept.append(piece)
    return "".join(pieces_kept) + "…"
