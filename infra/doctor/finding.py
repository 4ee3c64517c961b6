"""What a check found: a status, a sentence, and what to do."""

import re
from typing import Final, Literal, NamedTuple

Status = Literal["ok", "warning", "fault", "not checked"]
_WORDS_OF_CLIENT: Final = re.compile(r"(.*) (\(\w*(?:Error|Exception)\b.*\))", re.DOTALL)
"""An explanation, and the client's own words behind it."""


class Finding(NamedTuple):
    """One line of ``newsquake doctor``.

    Attributes:
        status: A fault stops the pipeline or loses records; a warning may do so later.
        detail: The state that was found, with its place.
        remedy: A command, a setting or another thing to do; empty if there is none.
    """

    status: Status
    detail: str
    remedy: str = ""


def ok(detail: str) -> Finding:
    """Return a finding that all is well."""
    return Finding("ok", detail)


def warning(detail: str, remedy: str) -> Finding:
    """Return a finding with which the pipeline runs."""
    return Finding("warning", detail, remedy)


def fault(detail: str, remedy: str) -> Finding:
    """Return a finding with which the pipeline stops, or loses records."""
    return Finding("fault", detail, remedy)


def not_checked(detail: str, remedy: str = "") -> Finding:
    """Return a finding that nothing could be found out."""
    return Finding("not checked", detail, remedy)


def explained(explanation: str) -> Finding:
    """Return the fault that ``explanation`` names, as "cause: remedy".

    >>> explained("no Kafka at kafka:9: start it (ConnectionRefusedError: [Errno 111])")
    Finding(status='fault', detail='no Kafka at kafka:9 (ConnectionRefusedError: [Errno 111])', \
remedy='start it')
    """
    match = _WORDS_OF_CLIENT.fullmatch(explanation)
    text, words = match.groups() if match else (explanation, "")
    cause, _, remedy = text.partition(": ")
    return fault(f"{cause} {words}".rstrip(), remedy or "look into the log of the broker")
