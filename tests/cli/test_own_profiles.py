"""A profile of the user's own in the folder of the settings: all commands read with it."""

import asyncio
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from agents.cluster_layout import ClusterLayout
from agents.pipeline import build_stages
from backtest.scoring import Scoring, read_signals
from cli.main import app
from cli.publish import Job, usable_rows
from cli.view.progress import counter
from infra.input.messages import InputMessage, read_messages
from infra.input.options import InputOptions, parse_options
from infra.input.profile_folder import door_of, profiles_of
from infra.input.verdicts import Judge
from infra.settings.model import Settings, load
from nlp.null import NullClassifier
from schemas.article import Article
from schemas.channels import RAW
from streams.core.record import Message
from streams.testing.drain import drain
from streams.testing.memory_log import MemoryLog

PROFILE = """
shape = ["Schlagzeile", "Date"]
zone = "Asia/Tokyo"
formats = ["%d/%m/%Y %H:%M"]
source = "Tokyo Wire"
symbols = "^TSE:(.+)$"
identity = "id"
[names]
headline = ["Schlagzeile"]
companies = ["codes"]
id = ["No"]
"""
CSV = """Schlagzeile,Date,codes,No
Acme cuts,03/04/2026 08:15,TSE:7203,1
Rain,04/04/2026 09:00,X,2
"""
ROWS = [
    {"Schlagzeile": "Acme cuts", "Date": "03/04/2026 08:15", "codes": "TSE:7203", "No": "1"},
    {"Schlagzeile": "Rain", "Date": "04/04/2026 09:00", "codes": "X", "No": "2"},
]
Read = tuple[str, datetime, tuple[str, ...], str]


@pytest.fixture(params=["news.csv", "news.jsonl"])
def file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The same rows as a table and as lines of JSON."""
    file = tmp_path / str(request.param)
    file.write_text(CSV if file.suffix == ".csv" else "".join(f"{json.dumps(r)}\n" for r in ROWS))
    return file


@pytest.fixture(params=["by shape", "by setting"])
def environ(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> dict[str, str]:
    """Settings that name the folder, and perhaps the profile of all records."""
    (tmp_path / "profiles").mkdir()
    is_default = request.param == "by setting"
    profile = PROFILE.replace('shape = ["Schlagzeile", "Date"]', "") if is_default else PROFILE
    (tmp_path / "profiles" / "tokyo.toml").write_text(profile)
    environ = {
        "NEWSQUAKE_INGEST__PROFILES": str(tmp_path / "profiles"),
        "NEWSQUAKE_KAFKA__PREFIX": "eu.",
        "NEWSQUAKE_NLP__MODEL": "lexicon",
    }
    if is_default:
        environ["NEWSQUAKE_INGEST__PROFILE"] = "tokyo"
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    return environ


def messages(settings: Settings, file: Path) -> tuple[InputOptions, list[InputMessage]]:
    """Return the options as the commands make them, and the messages of a file."""
    options = parse_options(door=door_of(settings))
    return options, list(read_messages([str(file)], options))


def of_article(article: Article) -> Read:
    """Return what a profile decides."""
    return article.key, article.published, article.companies, article.source


def ingested(settings: Settings, sent: list[InputMessage]) -> list[Read]:
    """Return what the agent of a worker with the settings makes of messages."""
    log = MemoryLog()
    topic = settings.kafka.topic(RAW.topic)
    log.append([Message(topic, None, message.value, message.headers) for message in sent])
    cluster = ClusterLayout(prefix="eu.", partitions=1)
    profiles = profiles_of(settings)
    resources: Any = {"classifier": NullClassifier(), "profiles": profiles}
    (stage,) = build_stages(["ingest"], cluster=cluster, **resources)
    asyncio.run(drain(log, stage, chunk=10))
    return [of_article(Article.from_bytes(record.value)) for record in log.read("eu.news.accepted")]


def run(*arguments: object) -> Result:
    """Run a command in this process."""
    return CliRunner().invoke(app, list(map(str, arguments)))


def test_all_read_with_it_as_ingest_does(environ: dict[str, str], file: Path) -> None:
    """The commands would call unreadable what the pipeline reads, or tell another time."""
    settings = load(None, environ)
    options, sent = messages(settings, file)
    expected = ingested(settings, sent)
    assert [key[1:] for key in expected] == [
        (datetime.fromisoformat("2026-04-02T23:15:00Z"), ("7203",), "Tokyo Wire"),
        (datetime.fromisoformat("2026-04-04T00:00:00Z"), (), "Tokyo Wire"),
    ]

    checked = [json.loads(line) for line in run("check", file, "--json").stdout.splitlines()]
    assert [item["identity"] for item in checked] == [key for key, *_ in expected]
    assert [item["published"] for item in checked] == [
        f"{published:%Y-%m-%dT%H:%M:%S}Z" for _, published, *_ in expected
    ]

    job = Job([str(file)], options, None, None)
    with counter(None) as count:
        judge = Judge(options.door)
        assert len(list(usable_rows(iter(sent), judge, job, count))) == len(sent)
    assert count.tally.summary == "2 articles"

    skipped: list[InputMessage] = []
    scoring = Scoring(NullClassifier())
    signals = list(read_signals(iter(sent), scoring, skipped.append, None, options))
    companies = [signal for signal in signals if signal.subject.startswith("company:")]
    assert [(signal.key, signal.published) for signal in companies] == [expected[0][:2]]
    assert not skipped


@pytest.mark.usefixtures("environ")
def test_the_commands_take_it_from_the_settings(file: Path) -> None:
    """A user would have to name the profile to each command, and could not to a backtest."""
    result = run("backtest", file)
    assert "2 rows, 0 skipped" in result.stderr, result.output
    assert run("check", file).exit_code == 0
    assert run("check", file, "--profile", "tokyo").exit_code == 0


@pytest.mark.usefixtures("environ")
def test_publish_refuses_a_profile_that_workers_lack(tmp_path: Path, file: Path) -> None:
    """All rows would be called good and die in the pipeline, whose header names an unknown one."""
    own = tmp_path / "mine.toml"
    own.write_text(PROFILE)
    assert run("check", file, "--profile", own).exit_code == 0
    result = run("publish", file, "--profile", own)
    assert result.exit_code == 2
    assert "copy the file into the folder of ingest.profiles" in result.stderr


@pytest.mark.usefixtures("environ")
def test_the_largest_record_is_that_of_the_settings(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows that `check` calls good would be dead letters where the limit is lower."""
    monkeypatch.setenv("NEWSQUAKE_INGEST__MAX_BYTES", "80")
    result = run("check", file, "--summary")
    assert "1 article, 1 refused" in result.stdout
    assert "send at most 80" in result.stdout
