"""``newsquake backtest``, from files to alerts."""

import csv
import gzip
import json
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from typer.testing import Result

from backtest.report import FILE_WIDTH
from backtest.scoring import BATCH_ROWS
from demo.feed.generate import generate
from nlp.classifier import Scores
from nlp.score_cache import ScoreCache
from schemas.signal import Signal
from tests.backtest.archives import BEGIN, counts, headlines, lines, written

Backtest = Callable[..., Result]
MAP = "headline=title,companies=ticker"


def test_each_line_of_json_is_a_change_of_an_alert(backtest: Backtest, tmp_path: Path) -> None:
    """Programs that read --json would miss the subject, the status, or parseable times."""
    result = backtest(written(tmp_path / "news.jsonl"), "--map", MAP, "--json")
    assert result.exit_code == 0, result.output
    acme = [alert for alert in lines(result) if alert["subject"] == "company:ACME"]
    statuses = [alert["status"] for alert in acme]
    assert (statuses[0], statuses[-1]) == ("firing", "resolved")
    assert "firing" not in statuses[1:]
    assert "resolved" not in statuses[:-1]
    for alert in lines(result):
        assert alert["status"] in {"firing", "escalated", "updated", "resolved"}
        onset, detected = (datetime.fromisoformat(alert[name]) for name in ("onset", "detected_at"))
        assert onset.utcoffset() == detected.utcoffset() == timedelta(0)
        assert onset <= detected
    fired = datetime.fromisoformat(acme[0]["detected_at"])
    assert BEGIN + timedelta(days=60) < fired < BEGIN + timedelta(days=61)


def test_calm_news_raises_nothing(backtest: Backtest, tmp_path: Path) -> None:
    """Calm news would fire as well, so the storm in the other tests would prove nothing."""
    result = backtest(written(tmp_path / "news.jsonl", storm=False), "--map", MAP, "--json")
    assert (result.exit_code, result.stdout) == (0, "")


def test_csv_gzip_and_standard_input_give_the_same_alerts(
    backtest: Backtest, tmp_path: Path
) -> None:
    """A form of input would be read differently from the others."""
    plain = written(tmp_path / "news.jsonl")
    expected = backtest(plain, "--map", MAP, "--json").stdout
    packed = tmp_path / "news.csv.gz"
    with gzip.open(packed, "wt", encoding="utf-8", newline="") as stream:
        table = csv.DictWriter(stream, ["title", "published", "ticker"])
        table.writeheader()
        table.writerows(headlines(storm=True))
    assert _changes(backtest(packed, "--map", MAP, "--json").stdout) == _changes(expected) != []
    script = Path(sys.executable).with_name("newsquake")
    command = [str(script), "backtest", "-", "--map", MAP, "--json"]
    process = subprocess.run(command, input=plain.read_bytes(), capture_output=True, check=True)
    assert _changes(process.stdout.decode()) == _changes(expected)


def test_unordered_rows_are_sorted(backtest: Backtest, tmp_path: Path) -> None:
    """An archive that is newest first would give other alerts than the same one oldest first."""
    ordered = written(tmp_path / "news.jsonl")
    backwards = tmp_path / "backwards.jsonl"
    backwards.write_text("".join(reversed(ordered.read_text().splitlines(keepends=True))))
    expected = backtest(ordered, "--map", MAP, "--json")
    result = backtest(backwards, "--map", MAP, "--json")
    assert _changes(result.stdout) == _changes(expected.stdout) != []


def test_the_demo_feed_gives_its_planted_surges(
    backtest: Backtest, feed: Path, tmp_path: Path
) -> None:
    """Real messages (other forms, copies, broken ones) would stop the backtest."""
    events = tmp_path / "events.json"
    surges = [
        {"subject": surge.subject, "from": surge.start.isoformat(), "to": surge.end.isoformat()}
        for surge in generate(articles=3_000).surges
    ]
    events.write_text(json.dumps(surges))
    result = backtest(feed, "--events", events)
    assert result.exit_code == 0, result.output
    assert "skipped: " in result.stderr
    for name in ("known events", "ours", "Poisson", "ADWIN", "Page-Hinkley", "false"):
        assert name in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= FILE_WIDTH


def test_the_report_tells_sizes_kinds_and_false_alarms_in_harmless_times(
    backtest: Backtest, tmp_path: Path
) -> None:
    """A detector that finds small crises only, or fires at launches, would look like any other."""
    storm = BEGIN + timedelta(days=60)
    row = {
        "subject": "company:ACME",
        "from": storm.isoformat(),
        "to": (storm + timedelta(days=3)).isoformat(),
        "kind": "recall",
        "size": 1,
        "source": "company statement",
        "dates": "about",
    }
    events = tmp_path / "events.json"
    events.write_text(json.dumps([row, {**row, "subject": "company:NONE", "size": 3}]))
    harmless = tmp_path / "harmless.json"
    harmless.write_text(json.dumps([{**row, "kind": "launch", "note": "much ado"}]))
    news = written(tmp_path / "news.jsonl")
    result = backtest(news, "--map", MAP, "--events", events, "--harmless", harmless)
    assert result.exit_code == 0, result.output
    rows = [re.split(r"\s{2,}", line.strip()) for line in result.stdout.splitlines()]
    found = {row[0]: row[1:4] for row in rows}
    assert found["size 1"] == ["1", "1", "100%"]
    assert found["size 3"] == ["1", "0", "0%"]
    assert ["recall", "2", "1", "50%"] in [row[:4] for row in rows]
    assert "false alarms in 1 of 1 harmless times" in result.stdout
    assert next(row[-1] for row in rows if row[0].startswith("ours")) == "1"
    assert "much ado" in result.stdout


def test_the_report_shows_the_headlines_of_each_alert_and_explains_its_words(
    backtest: Backtest, tmp_path: Path
) -> None:
    """A newcomer would see numbers under words that nobody explains, and not why it fired."""
    result = backtest(written(tmp_path / "news.jsonl"), "--map", MAP)
    assert result.exit_code == 0, result.output
    title, *blocks = result.stdout.split("\n\n")
    assert re.fullmatch(r"\d alerts?, 1 of them discoveries; times are UTC", title)
    (block,) = (block for block in blocks if "company:ACME" in block)
    first, numbers, times, *headlines_shown = block.splitlines()
    assert re.match(
        r"2026-03-06 \d\d:\d\d  \w+ +company:ACME  evidence [\d.]+, a discovery$", first
    )
    assert "stories, usually" in numbers
    assert re.fullmatch(r"  onset [\d: -]+, escalated [\d: -]+, resolved [\d: -]+", times)
    assert len(headlines_shown) == 3
    assert all(re.match(r"  [ \d]{3}%  Fraud \d+ and bankruptcy", line) for line in headlines_shown)
    _, _, words = result.stdout.partition("\nwords")
    for word in ("stories", "usually", "evidence", "severity", "onset", "discovery", "setting"):
        assert f"\n{word} " in words, word


def test_signals_give_the_alerts_of_their_headlines(backtest: Backtest, tmp_path: Path) -> None:
    """The signals that ``watch signals --json`` prints would be scored again, or refused."""
    signals = [
        Signal(
            subject="company:ACME",
            key=f"k{number}",
            published=datetime.fromisoformat(row["published"]),
            negative=0.95 if "Fraud" in row["title"] else 0.1,
            neutral=0.0,
            positive=0.0,
            headline=row["title"],
            source="s",
            model="m",
        )
        for number, row in enumerate(headlines(storm=True))
    ]
    file = tmp_path / "signals.jsonl"
    file.write_bytes(b"".join(signal.to_bytes() + b"\n" for signal in signals))
    alerts = lines(backtest(file, "--json"))
    fired = [alert["subject"] for alert in alerts if alert["status"] == "firing"]
    assert fired == ["company:ACME"]
    assert {alert["model"] for alert in alerts} == {"m"}


def test_numbers_need_no_text(backtest: Backtest, tmp_path: Path) -> None:
    """A series of counts could not be watched, or its alerts would have no name."""
    file = tmp_path / "counts.csv"
    file.write_text("\n".join(counts(storm=True)))
    alerts = lines(backtest(file, "--volume", "--json"))
    assert {alert["subject"] for alert in alerts} == {"series"}
    surge = BEGIN + timedelta(minutes=5 * 2_400)
    fired = datetime.fromisoformat(alerts[0]["detected_at"])
    assert surge <= fired < surge + timedelta(hours=2)


def test_a_calm_series_raises_nothing(backtest: Backtest, tmp_path: Path) -> None:
    """Every series would fire sooner or later."""
    file = tmp_path / "counts.csv"
    file.write_text("\n".join(counts(storm=False)))
    assert backtest(file, "--volume", "--json").stdout == ""


def test_columns_of_numbers_can_be_named(backtest: Backtest, tmp_path: Path) -> None:
    """A user would have to rewrite a file because its columns have other names."""
    file = tmp_path / "counts.csv"
    rows = "\n".join(counts(storm=True)).replace("timestamp,value", "when,tweets")
    file.write_text(rows)
    result = backtest(file, "--volume", "--json", "--map", "timestamp=when,value=tweets")
    assert [alert["status"] for alert in lines(result)].count("firing") == 1


def test_scored_texts_are_not_scored_again(backtest: Backtest, tmp_path: Path) -> None:
    """A second backtest of an archive would take as long as the first one."""
    news = written(tmp_path / "news.jsonl")
    first = backtest(news, "--map", MAP, "--json")
    with ScoreCache.opened(_NeverAsked(), tmp_path / "cache" / "newsquake") as cache:
        texts = [row["title"] for row in headlines(storm=True)]
        assert len(cache.classify(texts)) == len(texts)
    assert _changes(backtest(news, "--map", MAP, "--json").stdout) == _changes(first.stdout)


class _NeverAsked:
    """A model with the name of the word lists, which fails when it is asked."""

    model_id = "lexicon-2"

    def classify(self, texts: Sequence[str]) -> list[Scores]:
        raise AssertionError(f"asked about {len(texts)} texts")


def _changes(printed: str) -> list[tuple[str, str, str]]:
    alerts = [json.loads(line) for line in printed.splitlines()]
    return [(alert["subject"], alert["status"], alert["detected_at"]) for alert in alerts]


def test_mentions_in_a_language_that_no_model_reads_are_in_the_account(
    backtest: Backtest, tmp_path: Path
) -> None:
    """They would be called lost, and a user would look for a defect."""
    file = tmp_path / "rows.csv"
    german = "Nordbau senkt Prognose nach schwachem Quartal"
    rows = [f"{german},2026-03-03T08:00:00Z,NBAU,https://w.example/de"]
    rows += [f"Acme opens office {n},2026-03-03T08:00:00Z,ACME," for n in range(BATCH_ROWS)]
    rows += [f"{german},2026-03-03T08:00:00Z,BAUN,https://w.example/de"]
    file.write_text("\n".join(["headline,published,ticker,url", *rows]))
    result = backtest(file, "--map", "companies=ticker", "--json")
    assert f"{BATCH_ROWS + 2} company mentions in rows = {BATCH_ROWS} signals" in result.stderr
    assert "+ 0 exact duplicates + 2 unread" in result.stderr
    assert "LOST" not in result.stderr


def test_the_account_of_company_mentions_closes(backtest: Backtest, tmp_path: Path) -> None:
    """Rows of one article for each company would lose all companies but the first, unnoticed."""
    file = tmp_path / "rows.csv"
    tickers = ("AAL", "DAL", "UAL", "DAL")
    rows = [f"Stocks that fell,https://w.example/1,2026-03-03T08:00:00Z,{it}" for it in tickers]
    file.write_text("\n".join(["headline,url,published,ticker", *rows]))
    result = backtest(file, "--map", "companies=ticker", "--json")
    assert "4 company mentions in rows = 3 signals + 1 exact duplicates" in result.stderr
    assert "LOST" not in result.stderr
