"""What receivers refuse or take otherwise than one would guess."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.notifying.notice import Delivery, Notice, Told
from agents.notifying.receivers.alertmanager import alertmanager_alerts
from agents.notifying.receivers.mail import mail
from agents.notifying.receivers.pagerduty import dedup_key, pagerduty_event
from agents.notifying.receivers.slack import shortened_escaped, slack_message
from agents.notifying.receivers.webhook import (
    SIGNATURE,
    TIMESTAMP,
    is_signed,
    webhook_body,
    webhook_headers,
)
from agents.notifying.routes import AlertmanagerRoute, EmailRoute
from agents.notifying.wording import text_of, wording
from schemas.alert import Alert, Headline

MakeAlert = Callable[..., Alert]
NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
MS = round(NOW.timestamp() * 1000)
AM = AlertmanagerRoute.model_validate(
    {"to": "alertmanager", "url": "http://am:9093", "labels": {"team": "desk"}}
)
ROUTE = EmailRoute.model_validate(
    {"to": "email", "host": "m", "sender": "q@news.example", "recipients": ["a@desk.example"]}
)


def notice(alert: Alert, **fields: Any) -> Notice:
    """Return a notice of an alert."""
    return Notice(alert.event_id, alert, MS)._replace(**fields)


def delivery(*notices: Notice) -> Delivery:
    """Return a delivery of notices."""
    return Delivery(0, "desk", "key", notices, {}, 1)


def at(text: str) -> datetime:
    """Return the time that ``text`` says; it must have a zone."""
    moment = datetime.fromisoformat(text)
    assert moment.tzinfo is not None
    return moment


def test_alertmanager_gets_the_time_of_sending_as_the_start(alert: MakeAlert) -> None:
    """Alertmanager would skip `group_wait`, and its first page name one of six alerts."""
    (posted,) = alertmanager_alerts(AM, [notice(alert())], {}, NOW)
    assert at(posted["startsAt"]) == NOW
    assert at(posted["annotations"]["onset"]) == alert().onset


def test_alertmanager_gets_an_end_with_every_heartbeat(alert: MakeAlert) -> None:
    """The alert would be resolved at the second heartbeat without an end, while it goes on."""
    known = {"id": Told(alert(id="id"), MS, MS), "other": Told(alert(id="other"), MS, MS)}
    body = alertmanager_alerts(AM, [notice(alert(id="id"))], known, NOW)
    assert {posted["labels"]["alert_id"] for posted in body} == {"id", "other"}
    for posted in body:
        assert at(posted["endsAt"]) - NOW > 3 * AM.heartbeat


def test_alertmanager_gets_an_escalation_with_the_end_of_the_old_severity(alert: MakeAlert) -> None:
    """People would not be told that it grew worse, or be told of two alerts for hours."""
    worse = alert(status="escalated", severity="critical")
    body = alertmanager_alerts(AM, [notice(worse)], {worse.id: Told(alert(), MS, MS)}, NOW)
    ends = {posted["labels"]["severity"]: at(posted["endsAt"]) for posted in body}
    assert ends["minor"] < NOW < ends["critical"]


def test_alertmanager_gets_two_escalations_at_once_as_one(alert: MakeAlert) -> None:
    """After an outage, an alert would fire with a severity that it left long ago."""
    steps = [alert(), alert(status="escalated", severity="major")]
    steps.append(alert(status="escalated", severity="critical"))
    body = alertmanager_alerts(AM, [notice(step) for step in steps], {}, NOW)
    assert [posted["labels"]["severity"] for posted in body] == ["critical"]
    assert at(body[0]["endsAt"]) > NOW


def test_alertmanager_gets_no_end_of_a_severity_that_it_never_heard_of(alert: MakeAlert) -> None:
    """People would be told that a critical alert is over of which they knew a minor one."""
    end = alert(status="resolved", severity="critical")
    (posted,) = alertmanager_alerts(AM, [notice(end)], {end.id: Told(alert(), MS, MS)}, NOW)
    assert posted["labels"]["severity"] == "minor"
    assert at(posted["endsAt"]) < NOW


def test_alertmanager_gets_an_end_that_is_over_by_a_slow_clock_too(alert: MakeAlert) -> None:
    """A receiver ten seconds behind would hold the alert until its lease runs out."""
    end = alert(status="resolved")
    (posted,) = alertmanager_alerts(AM, [notice(end)], {end.id: Told(alert(), MS, MS)}, NOW)
    assert at(posted["startsAt"]) <= at(posted["endsAt"]) < NOW - timedelta(seconds=10)


def test_alertmanager_gets_no_empty_label(alert: MakeAlert) -> None:
    """An empty end is the year 1970 there, and an empty label is none: alerts would be one."""
    (posted,) = alertmanager_alerts(AM, [notice(alert(subject="odd"))], {}, NOW)
    assert all(posted["labels"].values())
    assert posted["endsAt"]
    assert posted["labels"]["team"] == "desk"


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=2_000)


@given(TEXTS, st.integers(1, 60), st.sampled_from(["company:", "topic:", ""]))
def test_slack_messages_are_within_the_limits(
    alert: MakeAlert, text: str, count: int, kind: str
) -> None:
    """Slack would refuse the message as a whole, and nobody be told."""
    headlines = tuple(
        Headline(key="k", text=text * 3, published=NOW, negative=0.9) for _ in range(5)
    )
    alerts = [alert(subject=f"{kind}{text}{n}", headlines=headlines) for n in range(count)]
    blocks = slack_message(alerts, "https://pages/{id}")["blocks"]
    assert len(blocks) <= 50
    texts = [block["text"]["text"] for block in blocks]
    assert all(len(text) <= (150, 3_000)[n % 2] for n, text in enumerate(texts))
    assert all(texts)
    assert sum(map(len, texts)) <= 13_200


def test_slack_does_not_call_everybody_for_a_headline(alert: MakeAlert) -> None:
    """Whoever can place a headline could call a whole channel, or hide a link behind a word."""
    evil = Headline(key="k", text="<!channel> <https://evil|Acme>", published=NOW, negative=0.9)
    text = orjson.dumps(slack_message([alert(headlines=(evil,))])).decode()
    assert "<!channel>" not in text
    assert "<https://evil" not in text


@given(TEXTS, st.integers(1, 100))
def test_escapes_are_never_cut(text: str, limit: int) -> None:
    """A reader would see `&am`, and a receiver refuse it."""
    escaped = shortened_escaped(text + "&<>", limit)
    assert len(escaped) <= limit
    assert escaped.count("&") == sum(escaped.count(name) for name in ("&amp;", "&lt;", "&gt;"))


@given(TEXTS, st.text("ab", min_size=1, max_size=600))
def test_pagerduty_events_are_within_the_limits(alert: MakeAlert, text: str, name: str) -> None:
    """PagerDuty would refuse the event, and nobody be paged."""
    event = pagerduty_event(alert(subject=f"company:{text}", id=name), "R0UTING")
    assert 1 <= len(event["payload"]["summary"]) <= 1_024
    assert 1 <= len(event["dedup_key"]) <= 255


@pytest.mark.parametrize(
    ("ours", "theirs"), [("minor", "warning"), ("major", "error"), ("critical", "critical")]
)
def test_pagerduty_knows_our_severities_by_other_names(
    alert: MakeAlert, ours: str, theirs: str
) -> None:
    """PagerDuty would refuse minor and major, and so every alert but the gravest."""
    assert pagerduty_event(alert(severity=ours), "key")["payload"]["severity"] == theirs


def test_pagerduty_changes_of_an_alert_share_an_incident(alert: MakeAlert) -> None:
    """An escalation would open a second incident, and the end close only one of them."""
    steps = [alert(), alert(status="escalated", severity="major"), alert(status="resolved")]
    events = [pagerduty_event(step, "key") for step in steps]
    assert [event["event_action"] for event in events] == ["trigger", "trigger", "resolve"]
    assert {event["dedup_key"] for event in events} == {dedup_key(alert().id)}


def test_a_signature_holds_for_its_body_and_its_time_only(alert: MakeAlert) -> None:
    """Whoever saw one message could send another, or the same again next year."""
    body, sent = webhook_body(delivery(notice(alert()))), 1_772_539_200
    headers = webhook_headers("key", body, "secret", sent)
    assert is_signed("secret", headers, body, sent + 299)
    assert not is_signed("secret", headers, body, sent + 301)
    assert not is_signed("secret", headers, body + b" ", sent)
    assert not is_signed("other", headers, body, sent)
    assert not is_signed("secret", headers | {TIMESTAMP: str(sent + 1)}, body, sent)
    assert not is_signed("secret", headers | {SIGNATURE: "v1=é"}, body, sent)
    assert not is_signed("secret", {}, body, sent)


def test_a_webhook_gets_the_same_bytes_at_every_attempt(alert: MakeAlert) -> None:
    """A receiver could not tell a duplicate by the hash of what it got."""
    first, second = (webhook_body(delivery(notice(alert()))) for _ in range(2))
    assert first == second
    heard = orjson.loads(first)["alerts"][0]
    assert Alert.from_bytes(orjson.dumps(heard["alert"])) == alert()


def test_a_message_says_what_happened_and_against_what(alert: MakeAlert) -> None:
    """A person who reads the message could not tell whether it matters."""
    text = text_of(alert(), "https://pages.example/{id}")
    assert "Negative news about ACME has surged" in text
    assert "21 stories where 4.2 were expected" in text
    assert "80% negative where 20% is usual" in text
    assert "Acme warns of losses (93% negative)" in text
    assert "https://pages.example/id-company:ACME" in text
    assert "back to normal" in wording(alert(status="resolved")).sentence
    assert "grown to critical" in wording(alert(status="escalated", severity="critical")).sentence


def test_a_template_reaches_nothing_but_its_names(alert: MakeAlert) -> None:
    """Whoever may set a template could read the worker's memory by it."""
    assert text_of(alert(), template="$severity: $sentence $$5").startswith("minor: Negative news")
    assert text_of(alert(), template="{alert.__class__}") == "{alert.__class__}"


def test_e_mail_has_one_id_at_every_attempt(alert: MakeAlert) -> None:
    """A duplicate would be shown as another alert."""
    first, second = (
        mail(ROUTE, delivery(notice(alert())), NOW + timedelta(hours=n)) for n in range(2)
    )
    assert first["Message-ID"] == second["Message-ID"]
    assert (
        first["References"]
        == mail(ROUTE, delivery(notice(alert(status="resolved"))), NOW)["References"]
    )


@given(TEXTS)
def test_a_subject_adds_no_headers(alert: MakeAlert, text: str) -> None:
    """Whoever can name a company could send our mail to everybody."""
    name = f"company:{text}\r\nBcc: all@example.com\n\nHello"
    message = mail(ROUTE, delivery(notice(alert(subject=name))), NOW)
    sent = message_from_bytes(bytes(message), policy=policy.default)
    assert sent["Bcc"] is None
    assert sent["To"] == "a@desk.example"
    assert sent.keys() == message.keys()
