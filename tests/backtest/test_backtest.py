"""``newsquake backtest`` from files to alerts."""

import csv
import gzip
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import orjson
import pytest
from made import BEGIN, counts, headlines, lines
from typer.testing import Result

from demo.feed.generate import generate

Backtest = Callable[..., Result]
MAP = "headline=title,companies=ticker"


def written(path: Path, *, storm: bool = True) -> Path:
    """Headlines as JSONL."""
    path.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in headlines(storm=storm)))
    return path


def test_each_line_of_json_is_a_change_of_an_alert(backtest: Backtest, tmp_path: Path) -> None:
    """Programs that read --json find no subject, no status, or times they can't parse."""
    result = backtest(written(tmp_path / "news.jsonl"), "--map", MAP, "--json")
    assert result.exit_code == 0, result.output
    acme = [it for it in lines(result) if it["subject"] == "company:ACME"]
    assert [it["status"] for it in acme if it["status"] != "escalated"] == ["firing", "resolved"]
    for it in lines(result):
        assert it["status"] in {"firing", "escalated", "resolved"}
        onset, detected = (datetime.fromisoformat(it[name]) for name in ("onset", "detected_at"))
        assert onset.utcoffset() == detected.utcoffset() == timedelta(0)
        assert onset <= detected
    fired = datetime.fromisoformat(acme[0]["detected_at"])
    assert BEGIN + timedelta(days=60) < fired < BEGIN + timedelta(days=61)


def test_calm_news_raises_nothing(backtest: Backtest, tmp_path: Path) -> None:
    """Everything fires, so that the storm in the other tests proves nothing."""
    result = backtest(written(tmp_path / "news.jsonl", storm=False), "--map", MAP, "--json")
    assert (result.exit_code, result.stdout) == (0, "")


def test_csv_gzip_and_standard_input_say_the_same(backtest: Backtest, tmp_path: Path) -> None:
    """A form of input is read differently from the others."""
    plain = written(tmp_path / "news.jsonl")
    expected = backtest(plain, "--map", MAP, "--json").stdout
    packed = tmp_path / "news.csv.gz"
    with gzip.open(packed, "wt", encoding="utf-8", newline="") as stream:
        table = csv.DictWriter(stream, ["title", "published", "ticker"])
        table.writeheader()
        table.writerows(headlines(storm=True))
    assert _known(backtest(packed, "--map", MAP, "--json").stdout) == _known(expected) != []
    script = Path(sys.executable).with_name("newsquake")
    command = [script, "backtest", "-", "--map", MAP, "--json"]
    given = subprocess.run(command, input=plain.read_bytes(), capture_output=True, check=True)
    assert _known(given.stdout.decode()) == _known(expected)


def test_rows_out_of_order_are_put_in_order(backtest: Backtest, tmp_path: Path) -> None:
    """An archive that is newest first finds other surges than the same one oldest first."""
    ordered = written(tmp_path / "news.jsonl")
    backwards = tmp_path / "backwards.jsonl"
    backwards.write_text("".join(reversed(ordered.read_text().splitlines(keepends=True))))
    expected = backtest(ordered, "--map", MAP, "--json")
    found = backtest(backwards, "--map", MAP, "--json")
    assert _known(found.stdout) == _known(expected.stdout) != []


def test_the_demo_feed_gives_its_planted_surges(
    backtest: Backtest, feed: Path, tmp_path: Path
) -> None:
    """What producers really send (forms, copies, broken messages) stops the backtest."""
    events = tmp_path / "events.json"
    surges = [
        {"subject": it.subject, "from": it.start.isoformat(), "to": it.end.isoformat()}
        for it in generate(articles=3_000).surges
    ]
    events.write_text(json.dumps(surges))
    result = backtest(feed, "--events", events)
    assert result.exit_code == 0, result.output
    assert "skipped: " in result.stderr
    for name in ("known events", "ours", "Poisson", "ADWIN", "Page-Hinkley", "false a month"):
        assert name in result.stdout


def test_signals_scored_before_give_the_alerts_of_their_headlines(
    backtest: Backtest, tmp_path: Path
) -> None:
    """The signals that ``watch signals --json`` prints are scored anew, or not understood."""
    from schemas.signal import Signal  # noqa: PLC0415

    made = [
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
    file.write_bytes(b"".join(it.to_bytes() + b"\n" for it in made))
    found = lines(backtest(file, "--json"))
    assert [it["subject"] for it in found if it["status"] == "firing"] == ["company:ACME"]
    assert {it["model"] for it in found} == {"m"}


def test_numbers_need_no_text(backtest: Backtest, tmp_path: Path) -> None:
    """A series of counts can't be watched, or its alerts have no name."""
    file = tmp_path / "counts.csv"
    file.write_text("\n".join(counts(storm=True)))
    found = lines(backtest(file, "--volume", "--json"))
    assert {it["subject"] for it in found} == {"series"}
    surge = BEGIN + timedelta(minutes=5 * 2_400)
    fired = datetime.fromisoformat(found[0]["detected_at"])
    assert surge <= fired < surge + timedelta(hours=2)


def test_a_constant_or_calm_series_raises_nothing(backtest: Backtest, tmp_path: Path) -> None:
    """Every series fires sooner or later."""
    file = tmp_path / "counts.csv"
    file.write_text("\n".join(counts(storm=False)))
    assert backtest(file, "--volume", "--json").stdout == ""


def test_columns_of_numbers_can_be_named(backtest: Backtest, tmp_path: Path) -> None:
    """Somebody's file has to be rewritten because its columns are called something else."""
    file = tmp_path / "counts.csv"
    rows = "\n".join(counts(storm=True)).replace("timestamp,value", "when,tweets")
    file.write_text(rows)
    result = backtest(file, "--volume", "--json", "--map", "timestamp=when,value=tweets")
    assert [it["status"] for it in lines(result)].count("firing") == 1


@pytest.mark.parametrize("name", ["company:ACME", ""])
def test_the_picture_is_a_picture(backtest: Backtest, tmp_path: Path, name: str) -> None:
    """--plot writes something that no viewer opens, or nothing at all."""
    picture = tmp_path / "acme.png"
    subject = ["--subject", name] if name else []
    news = written(tmp_path / "news.jsonl")
    result = backtest(news, "--map", MAP, "--json", "--plot", picture, *subject)
    assert result.exit_code == 0, result.output
    data = picture.read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = (int.from_bytes(data[at : at + 4], "big") for at in (16, 20))
    assert (width, height) == (1680, 1080)
    assert len(data) > 20_000
    assert [it.name for it in tmp_path.glob(".*.part")] == []


def test_texts_read_once_are_not_read_again(backtest: Backtest, tmp_path: Path) -> None:
    """A second look at an archive costs a slow model as much as the first one did."""
    from nlp.score_cache import ScoreCache  # noqa: PLC0415

    news = written(tmp_path / "news.jsonl")
    first = backtest(news, "--map", MAP, "--json")
    with ScoreCache.opened(_Deaf(), tmp_path / "cache" / "newsquake") as kept:
        texts = [row["title"] for row in headlines(storm=True)]
        assert len(kept.classify(texts)) == len(texts)
    assert _known(backtest(news, "--map", MAP, "--json").stdout) == _known(first.stdout)


class _Deaf:
    """The word lists' name on a model that reads nothing."""

    model_id = "lexicon-1"

    def classify(self, texts: list[str]) -> list[object]:
        raise AssertionError(f"asked about {len(texts)} texts")


def _known(printed: str) -> list[tuple[str, str, str]]:
    found = [json.loads(line) for line in printed.splitlines()]
    return [(it["subject"], it["status"], it["detected_at"]) for it in found]
