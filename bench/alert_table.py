"""Alerts as a Markdown table: ``newsquake backtest … --json | python bench/alert_table.py``."""

import sys
from collections import Counter
from collections.abc import Iterable

from table import render

from backtest.alert_history import AlertHistory, group_by_alert
from schemas.alert import Alert

HEAD = ("subject", "onset", "fired", "resolved", "severity", "volume", "negative", "evidence")


def main() -> None:
    """Count the alerts by their kind of subject, and print one row for each."""
    found = group_by_alert(map(Alert.from_bytes, sys.stdin.buffer))
    print(", ".join(f"{count} {kind}" for kind, count in _kinds(found)), end="\n\n")
    print(render(HEAD, [_row(it) for it in found]))


def _kinds(found: Iterable[AlertHistory]) -> list[tuple[str, int]]:
    return Counter(it.fired.subject.partition(":")[0] for it in found).most_common()


def _row(episode: AlertHistory) -> list[str]:
    fired, peak, last = episode.fired, episode.peak, episode.last
    escalated = sum(it.status == "escalated" for it in episode.changes)
    return [
        fired.subject,
        f"{fired.onset:%Y-%m-%d %H:%M}",
        f"{fired.detected_at:%Y-%m-%d %H:%M}",
        f"{last.detected_at:%Y-%m-%d %H:%M}" if last.status == "resolved" else "",
        f"{last.severity}{' after escalating' * bool(escalated)}",
        f"{peak.volume:.0f} for {peak.expected_volume:.1f}",
        f"{peak.negative_share:.0%} for {peak.expected_share:.0%}",
        f"{peak.evidence:.1f}",
    ]


if __name__ == "__main__":
    main()
