"""What an attempt came to, and when the next one is made. Nothing here waits.

The attempts of one message go on over restarts, and between two of them the worker does other
things. So they are not a loop, such as tenacity would run, but numbers in the memory.
"""

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Final, Literal, NamedTuple

from agents.retry_after import retry_after

Verdict = Literal["delivered", "retry", "refused"]

FIRST_SECONDS: Final = 1.0
LONGEST_SECONDS: Final = 300.0
_MAX_DOUBLINGS: Final = 16
_MAY_PASS: Final = frozenset(
    {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT, HTTPStatus.LOCKED, HTTPStatus.TOO_EARLY}
    | {HTTPStatus.TOO_MANY_REQUESTS}
)


class Outcome(NamedTuple):
    """The end of one attempt.

    Attributes:
        verdict: Delivered; to be tried again; or refused, so that the same would fail again.
        problem: The cause in words, without secrets; empty if it was delivered.
        retry_after: Seconds that the receiver asks to wait; 0 if it does not.
        is_of_content: Whether something in the message was refused, so that the others in it may
            be taken without that.
    """

    verdict: Verdict
    problem: str = ""
    retry_after: float = 0.0
    is_of_content: bool = False


DELIVERED: Final = Outcome("delivered")
_OF_CONTENT: Final = frozenset(
    {HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNPROCESSABLE_ENTITY}
)


def outcome_of_status(
    status: int, headers: Mapping[str, str], excerpt: str, now: datetime
) -> Outcome:
    """Return what an answer's status means; ``excerpt`` is the beginning of its body.

    A redirect is refused: the secret would go where the settings do not say.

    >>> from datetime import UTC
    >>> outcome_of_status(503, {"Retry-After": "7"}, "", datetime(2026, 1, 1, tzinfo=UTC))
    Outcome(verdict='retry', problem='status 503', retry_after=7.0, is_of_content=False)
    """
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return DELIVERED
    problem = f"status {status}" + (f": {excerpt}" if excerpt else "")
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return Outcome("refused", f"status {status}: redirects are not followed, set the address")
    if status in _MAY_PASS or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Outcome("retry", problem, retry_after(headers.get("Retry-After", ""), now))
    return Outcome("refused", problem, is_of_content=status in _OF_CONTENT)


def outcome_of_smtp(code: int, text: str) -> Outcome:
    """Return what a reply code of SMTP means: 4xx may pass, 5xx will not (RFC 5321, 4.2.1).

    >>> outcome_of_smtp(421, "too busy").verdict, outcome_of_smtp(550, "no such user").verdict
    ('retry', 'refused')
    """
    problem = f"SMTP {code}: {text}"
    return Outcome("refused" if 500 <= code < 600 else "retry", problem)  # noqa: PLR2004 - 5yz


def pause(attempts: int, asked: float, luck: float) -> float:
    """Return the seconds until the next attempt, after ``attempts`` in vain.

    It doubles, and half of it is luck (from 0 to 1): a thousand workers that lost one receiver do
    not come back in the same second. What the receiver asks for is kept, and spread likewise.

    >>> pause(1, 0, luck=1.0), pause(4, 0, luck=0.0), pause(99, 0, luck=1.0), pause(1, 60, luck=0.5)
    (1.0, 4.0, 300.0, 60.5)
    """
    longest = min(LONGEST_SECONDS, FIRST_SECONDS * 2.0 ** min(attempts - 1, _MAX_DOUBLINGS))
    return max(longest * (1.0 + luck) / 2.0, asked + luck if asked else 0.0)
