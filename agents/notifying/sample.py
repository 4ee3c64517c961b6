"""A sample of an alert, to see whether a route works."""

from datetime import UTC, datetime, timedelta

from agents.notifying.notice import AlertRecord, Delivery, Notice, delivery_key, in_milliseconds
from schemas.alert import Alert, Headline


def sample_alert(now: datetime) -> Alert:
    """Return an invented alert that says that it is one."""
    return Alert(
        id=f"sample-{in_milliseconds(now)}",
        subject="company:SAMPLE",
        status="firing",
        severity="minor",
        onset=now - timedelta(hours=3),
        detected_at=now,
        volume=21.0,
        expected_volume=4.2,
        negative_share=0.81,
        expected_share=0.2,
        evidence=6.5,
        sources=5,
        stories=21,
        signals=33,
        headlines=(
            Headline(key="sample", text="This is a test of a route", published=now, negative=0.97),
        ),
        model="sample",
        rule="sample",
    )


def sample_delivery(route: str, now: datetime) -> Delivery:
    """Return a delivery of the sample to a route."""
    alert = sample_alert(now.astimezone(UTC))
    record = AlertRecord(0, in_milliseconds(now), None, alert.to_bytes(), ())
    notice = Notice(alert.event_id, alert, in_milliseconds(now), record)
    return Delivery(0, route, delivery_key([notice]), (notice,), {}, 1)
