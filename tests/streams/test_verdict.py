"""Every failure has a policy, and an unknown one is never skipped over."""

import builtins

import pytest

from streams.core import errors
from streams.core.errors import Failure, Rejected, Transient, Verdict, verdict

BUILTIN = [kind for kind in vars(builtins).values() if isinstance(kind, type)]
CRASHES = [
    kind
    for kind in BUILTIN
    if issubclass(kind, BaseException) and not issubclass(kind, BaseExceptionGroup)
]


class _Timeout(Transient):
    pass


@pytest.mark.parametrize("kind", CRASHES)
def test_unknown_failures_crash(kind: type[BaseException]) -> None:
    """A bug in a handler would lose articles in silence."""
    assert verdict(kind.__new__(kind)) is Verdict.CRASH


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (Rejected(), Verdict.SET_ASIDE),
        (Transient(), Verdict.RETRY),
        (_Timeout(), Verdict.RETRY),
        (Failure(), Verdict.CRASH),
        (errors.Fenced(), Verdict.CRASH),
        (errors.FuseBlown(), Verdict.CRASH),
        (errors.Misconfigured(), Verdict.CRASH),
    ],
)
def test_the_type_is_the_policy(error: Failure, expected: Verdict) -> None:
    """A fenced worker would go on, or a passing network failure would end one."""
    assert verdict(error) is expected
