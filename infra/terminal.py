"""Text for terminals: what is safe to print, and an alert's numbers as a phrase."""

from schemas.alert import Alert


def alert_summary(alert: Alert) -> str:
    """Return the numbers since the onset next to those that were expected."""
    return (
        f"{alert.volume:.0f} stories, usually {alert.expected_volume:.1f}; "
        f"{alert.negative_share:.0%} negative, usually {alert.expected_share:.0%}"
    )


def printable(text: str) -> str:
    """Return ``text`` with control characters and line breaks replaced."""
    return "".join(it if it.isprintable() else "�" for it in text)
