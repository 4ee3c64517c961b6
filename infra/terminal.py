"""Text for terminals: an alert's numbers as a phrase, and text that is safe to print."""

from schemas.alert import Alert


def alert_summary(alert: Alert) -> str:
    """Return the counts since the alert's onset next to the expected ones, and how bad it is."""
    worst = alert.news_severity
    return (
        f"{alert.volume:.0f} stories, usually {alert.expected_volume:.1f}; "
        f"{alert.negative_share:.0%} negative, usually {alert.expected_share:.0%}"
        f"{'' if worst is None else f'; severity up to {worst:.1f} of 3'}"
    )


def printable(text: str) -> str:
    """Return ``text`` with each control character and line break replaced by U+FFFD."""
    return "".join(character if character.isprintable() else "�" for character in text)
