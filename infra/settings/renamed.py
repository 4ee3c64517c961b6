"""Settings of earlier releases that were removed, and what replaces them."""

from typing import Final

from infra.settings.schema import SettingPath

_LEARNT: Final = (
    "removed: the detector learns what is usual for each subject; "
    "detect.false_alarms_per_subject_month says how often it may be wrong"
)
_REMOVED: Final[dict[SettingPath, str]] = {
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


def explain_removal(path: SettingPath) -> str | None:
    """Return why the setting at ``path`` was removed; None if there never was such a setting."""
    return _REMOVED.get(path)
