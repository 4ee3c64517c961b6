"""Print alerts as a Markdown table.

``newsquake backtest … --json | python bench/alert_table.py``
"""

import sys
from collections import Counter

from table import render

from backtest.alert_history import AlertHistory, group_by_alert
from schemas.alert import Alert

HEAD = ("subject", "onset", "fired", "resolved", "severity", "volume", "negative", "evidence")


def main() -> None:
    """Print the number of alerts of each kind of subject, and one row for each alert."""
    episodes = list(group_by_alert(map(Alert.from_bytes, sys.stdin.buffer)))
    kinds = Counter(episode.fired.subject.partition(":")[0] for episode in episodes)
    print(", ".join(f"{count} {kind}" for kind, count in kinds.most_common()), end="\n\n")
    print(render(HEAD, [_row(episode) for episode in episodes]))


def _row(episode: AlertHistory) -> list[str]:
    fired, peak, last = episode.fired, episode.peak, episode.last
    escalated = sum(alert.status == "escalated" for alert in episode.changes)
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
