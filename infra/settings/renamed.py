"""Settings of earlier releases, and what became of them."""

from typing import Final

from infra.settings.schema import Names

_LEARNT: Final = (
    "removed: the detector learns what is usual for each subject; "
    "detect.false_alarms_per_subject_month says how often it may be wrong"
)
_REMOVED: Final[dict[Names, str]] = {
    ("detect", name): _LEARNT
    for name in (
        "recent_half_life",
        "baseline_half_life",
        "minimum_evidence",
        "firing_surge",
        "resolving_surge",
        "firing_share",
        "firing_pace",
        "allowance",
        "prior_span",
        "prior_signals",
        "prior_share",
    )
}


def removed(path: Names) -> str | None:
    """What became of the setting at ``path``; None if there never was one."""
    return _REMOVED.get(path)
