"""Alerts and silences as people and programs see them."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from agents.silencing.silence_book import SilenceBook
from agents.silencing.silence_message import acknowledge, expired, new_silence
from agents.telling.alert_filter import AlertFilter
from agents.telling.alert_history import AlertHistory, past_alerts
from cli.alerts.past_alerts import the_one
from cli.alerts.silencing import the_one_said, unknown_subject
from cli.io.moments import duration, moment
from cli.main import app
from cli.view.alerts import history_json, history_line, history_text, silence_line
from cli.view.records import alert_json, alert_line
from cli.watch import chosen
from infra.terminal import broken
from infra.usage_error import UsageError
from schemas.alert import Alert, Headline
from schemas.silence import SILENCED_HEADER
from streams.core.record import Stored

NOW = datetime(2026, 3, 3, 8, tzinfo=UTC)
DAY = timedelta(days=1)
FIRING = Alert(
    id="aa11", subject="company:ACME", status="firing", severity="major", onset=NOW,
    detected_at=NOW, volume=14, expected_volume=3, negative_share=0.8, expected_share=0.2,
    evidence=9.5, sources=3, stories=14, signals=20, model="m", rule="1",
    headlines=(Headline(key="k", text="Acme\x1b[2J falls", published=NOW, negative=0.97),),
)  # fmt: skip
SILENCE = new_silence("company:AC*", DAY, who="ada", why="merger", now=NOW)


def record(alert: Alert, silence: str = "") -> Stored:
    """Return the record of an alert."""
    headers = [(SILENCED_HEADER, silence.encode())] if silence else []
    milliseconds = int(alert.detected_at.timestamp() * 1000)
    return Stored("alerts", 0, 0, milliseconds, b"k", alert.to_bytes(), headers)


def history(*alerts: Alert, silence: str = "") -> AlertHistory:
    """Return the life-cycle of one alert."""
    (whole,) = past_alerts([record(alert, silence) for alert in alerts]).histories
    return whole


def book() -> SilenceBook:
    """Return a silence of the subject and an acknowledgement of the alert."""
    words = SilenceBook()
    for word in (SILENCE, acknowledge(FIRING, who="bob", why="I call", now=NOW)):
        words.note(word.id, word)
    return words


def test_a_followed_alert_has_its_id_local_times_a_sentence_and_its_mark() -> None:
    """People could not acknowledge it, would convert times, and act on what was silenced."""
    first, sentence, numbers, headline = alert_line(record(FIRING, "s1"), UTC).splitlines()
    assert first == ("2026-03-03 08:00 +0000 firing    major    company:ACME  aa11  silenced (s1)")
    assert sentence.startswith("    Negative news about ACME surges: 14 stories since Tuesday")
    assert numbers.startswith("    14 stories, usually 3.0; 80% negative, usually 20%; evidence")
    assert numbers.endswith("3 sources, since 2026-03-03 08:00 +0000")
    one = alert_line(record(FIRING.model_copy(update={"sources": 1})), UTC)
    assert "1 source, since 2026-03-03 08:00 +0000" in one
    assert headline == "     97%  Acme\ufffd[2J falls"


def test_on_a_narrow_terminal_no_word_is_cut() -> None:
    """Ids, times and names would be torn at the edge of a window."""
    line = history_line(history(FIRING), book(), NOW, UTC)
    lines = broken(line, 60).splitlines()
    assert max(map(len, lines)) <= 60
    assert " ".join(" ".join(lines).split()) == " ".join(line.split())
    assert all(each.startswith("    ") for each in lines[1:])


def test_json_is_the_value_with_the_mark() -> None:
    """Programs that read the value alone would tell what was silenced."""
    plain = alert_json(record(FIRING))
    assert plain.encode() == FIRING.to_bytes()
    assert json.loads(alert_json(record(FIRING, "s1"))) == {**json.loads(plain), "silenced": "s1"}


def test_a_list_says_who_takes_care_and_what_is_silenced() -> None:
    """Two people would call the same company."""
    line = history_line(history(FIRING), book(), NOW, UTC)
    assert line.startswith("aa11  open     major    company:ACME  2026-03-03 08:00 +0000")
    assert line.endswith("; acknowledged by bob; silenced by ada until 2026-03-04 08:00 +0000")
    over = FIRING.model_copy(update={"status": "resolved", "detected_at": NOW + DAY})
    line = history_line(history(FIRING, over, silence="s1"), SilenceBook(), NOW, UTC)
    assert " to 2026-03-04 08:00 +0000" in line
    assert line.endswith("; silenced when it fired")


def test_showing_an_alert_has_evidence_headlines_and_life_cycle() -> None:
    """Whoever is asked why it alerted would have to read Kafka's records."""
    worse = FIRING.model_copy(
        update={"status": "escalated", "severity": "critical", "detected_at": NOW + DAY}
    )
    text = "\n".join(history_text(history(FIRING, worse, silence=SILENCE.id), book(), NOW, UTC))
    for words in (
        "evidence 9.5",
        "14 stories in 20 signals of 3 sources",
        " 97%  2026-03-03 08:00 +0000  Acme\ufffd[2J falls",
        f"  firing    major    evidence 9.5, 14 stories; silenced ({SILENCE.id})",
        "2026-03-04 08:00 +0000  escalated critical",
        "by ada 2026-03-03 08:00 +0000, until 2026-03-04 08:00 +0000: merger",
        "by bob 2026-03-03 08:00 +0000, until it resolves: I call",
    ):
        assert words in text, (words, text)


def test_showing_an_open_alert_says_why_its_subject_is_silenced_by_now() -> None:
    """Nobody would know why an alert that fired loudly is told to nobody any more."""
    text = "\n".join(history_text(history(FIRING), book(), NOW, UTC))
    assert "silence  company:AC*  by ada 2026-03-03 08:00 +0000, until" in text
    over = FIRING.model_copy(update={"status": "resolved", "detected_at": NOW})
    assert ": merger" not in "\n".join(history_text(history(FIRING, over), book(), NOW, UTC))


def test_programs_get_all_of_an_alert() -> None:
    """A page would lack what the command shows."""
    document = json.loads(history_json(history(FIRING, silence="s1"), book(), NOW))
    assert (document["id"], document["open"], document["ended"]) == ("aa11", True, None)
    assert document["alert"] == json.loads(FIRING.to_bytes())
    assert document["silenced"]["who"] == "ada"
    assert {word["kind"] for word in document["words"]} == {"acknowledgement", "silence"}
    assert document["changes"][0]["silence"] == "s1"
    assert document["began"] == document["changes"][0]["written"] == "2026-03-03T08:00:00Z"


def test_a_silence_line_says_who_when_why_and_how_it_ended() -> None:
    """Nobody would know whom to ask, or why nobody was told."""
    assert silence_line(SILENCE, NOW, UTC) == (
        f"{SILENCE.id}  silence  company:AC*  by ada 2026-03-03 08:00 +0000, "
        "until 2026-03-04 08:00 +0000: merger"
    )
    assert ", ended 2026-03-04 08:00 +0000: merger" in silence_line(SILENCE, NOW + 2 * DAY, UTC)
    ended = silence_line(expired(SILENCE, who="bob", now=NOW), NOW, UTC)
    assert ", ended by bob 2026-03-03 08:00 +0000: merger" in ended


def test_followed_alerts_are_filtered_and_what_is_unreadable_is_never_left_out() -> None:
    """A filter would hide that records can't be read."""
    broken = Stored("alerts", 0, 1, 0, b"k", b"\xff", ())
    records = [record(FIRING), broken]
    assert list(chosen(records, None)) == records
    assert list(chosen(records, AlertFilter("company:AC*", severity="major"))) == records
    assert list(chosen(records, AlertFilter("company:B*"))) == [broken]
    assert list(chosen(records, AlertFilter(severity="critical"))) == [broken]


@pytest.mark.parametrize("text", ["", "soon", "0", "-1h", "2y", "400d"])
def test_a_duration_that_nobody_means_is_refused(text: str) -> None:
    """A silence would last for a second, or for ever."""
    with pytest.raises(UsageError, match=r"--for.*24h"):
        duration(text, "--for")


def test_times_are_durations_before_now_or_dates() -> None:
    """People would have to count hours, or write seconds since 1970."""
    assert moment("2d", "--since", NOW) == NOW - 2 * DAY
    assert moment("2026-03-03T10:00+02:00", "--since", NOW) == NOW
    assert moment("2026-03-03", "--since", NOW) == datetime(2026, 3, 3).astimezone()
    with pytest.raises(UsageError, match=r"--since.*2026-03-03"):
        moment("yesterday", "--since", NOW)


def test_an_unknown_alert_is_refused_with_those_that_are_open() -> None:
    """An acknowledgement of nothing would be taken without a word."""
    with pytest.raises(UsageError, match=r"no alert 'zz': open are aa11 \(company:ACME\)"):
        the_one([history(FIRING)], "zz")
    other = history(FIRING.model_copy(update={"id": "aa22"}))
    with pytest.raises(UsageError, match="any of aa11, aa22"):
        the_one([history(FIRING), other], "aa")
    with pytest.raises(UsageError, match="none is open"):
        the_one([], "")


def test_what_somebody_said_is_named_by_id_or_subject_and_otherwise_refused() -> None:
    """The wrong silence would be ended, or none without a word."""
    ack = acknowledge(FIRING, who="bob", why="I call", now=NOW)
    held = [SILENCE, ack]
    assert the_one_said(held, SILENCE.id[:5]) == the_one_said(held, "company:AC*") == SILENCE
    assert the_one_said(held, ack.id) == ack
    for wrong in ("", "zz", "company:ACME"):
        with pytest.raises(UsageError, match=f"those that hold are {SILENCE.id} .silence of"):
            the_one_said(held, wrong)
    with pytest.raises(UsageError, match="none holds"):
        the_one_said([], "zz")
    twice = [SILENCE, new_silence("company:AC*", DAY, who="eve", why="", now=NOW)]
    with pytest.raises(UsageError, match="name one by its id"):
        the_one_said(twice, "company:AC*")


def test_a_misspelt_subject_is_refused_with_the_nearest_names() -> None:
    """A silence of TSLA would be taken without a word, and silence nothing."""
    error = unknown_subject("TSLA", {"company:TSLA", "topic:macro"})
    assert str(error).endswith("nothing would be silenced: did you mean company:TSLA?")
    assert "company:TICKER" in str(unknown_subject("company:QQQQ", {"company:TSLA"}))


def test_the_subject_may_stand_where_a_command_would() -> None:
    """`newsquake silence company:ACME` is what the page says, and what people type."""
    runner = CliRunner()
    for arguments in (["silence", "company:ACME", "--for", "soon"], ["silence", "--for", "soon"]):
        result = runner.invoke(app, arguments)
        assert result.exit_code == 2
        assert "No such command" not in result.output
    listed = runner.invoke(app, ["silence", "--help"]).output
    assert all(name in listed for name in ("set", "list", "expire"))
