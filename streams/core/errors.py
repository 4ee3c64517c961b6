"""Failures by what is done about them.

::

    Failure
    ├── Rejected        set aside: the record can never succeed; it goes to the dead-letter topic
    ├── Transient       retry: with back-off and a budget, then crash
    └── Fatal           crash: the process ends, its supervisor starts it again
        ├── Fenced        another worker holds the partition now
        ├── FuseBlown     most of what comes in is dead: stop before a bad deploy drains a topic
        └── Misconfigured a person must change something first

Whatever is not in this tree is a crash too: an unknown failure is never skipped over.
"""

from enum import Enum


class Verdict(Enum):
    """What the pump does about a failure."""

    SET_ASIDE = "set aside"
    RETRY = "retry"
    CRASH = "crash"


class Failure(Exception):  # noqa: N818 - the root of a tree whose leaves are named by their policy
    """A failure with a known policy."""


class Rejected(Failure):
    """One record that no retry can help."""


class Transient(Failure):
    """A failure that is expected to pass: a network, a full GPU."""


class Fatal(Failure):
    """A failure that ends the process."""


class Fenced(Fatal):
    """Another session for the same source partition was opened since (KIP-98)."""


class FuseBlown(Fatal):
    """Most of what came in was dead."""


class Misconfigured(Fatal):
    """The cluster or the settings are not what they must be; the message says what to change."""


_POLICY = {Rejected: Verdict.SET_ASIDE, Transient: Verdict.RETRY}


def verdict(error: BaseException) -> Verdict:
    """The policy for ``error``, total over every exception.

    >>> verdict(Transient("out of memory"))
    <Verdict.RETRY: 'retry'>
    >>> verdict(ZeroDivisionError())
    <Verdict.CRASH: 'crash'>
    """
    known = (policy for kind, policy in _POLICY.items() if isinstance(error, kind))
    return next(known, Verdict.CRASH)
