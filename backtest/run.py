"""``newsquake backtest``: the detector's rule and code over files, without Kafka."""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import timedelta
from difflib import get_close_matches
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import typer
from rich.console import Console

from backtest import tables
from backtest.contest import MEMORY, contest
from backtest.episodes import Episode, grouped
from backtest.events import read
from backtest.scored import Scoring, signals
from backtest.seismogram import Gallery, seismogram
from backtest.source import News, Numbers, Source
from backtest.volume import FIELDS, WANTED, points
from detection.evaluation import KnownEvent, evaluate
from infra.cache_dir import user_cache_dir
from infra.input import mapping
from infra.input.messages import Form, InputMessage, read_messages
from infra.usage_error import UsageError
from nlp.classifier import ModelMissing
from nlp.score_cache import ScoreCache
from schemas.incoming.aliases import ALIASES

if TYPE_CHECKING:
    from infra.settings.model import Settings
    from nlp.classifier import Classifier
    from nlp.companies.finder import CompanyFinder
    from schemas.alert import Alert

_HEADLINES: Final = {field: ALIASES[field] for field in ("headline", "published")}
_ROWS_MEMORY: Final = timedelta(days=1)
"""What baselines remember of rows, which come by the minute, not by the quarter of a day."""

_OF_NEWS: Final = "headline=title,published=date"
_OF_NUMBERS: Final = "timestamp=time,value=count"

_WIDE: Final = 210


class Job(NamedTuple):
    """What the command line asks for."""

    files: Sequence[str]
    mapping: str = ""
    form: Form = "auto"
    events: Path | None = None
    as_json: bool = False
    plot: Path | None = None
    volume: bool = False
    subject: str = ""


def run(settings: "Settings", environ: Mapping[str, str], job: Job) -> None:
    """Print what the rule makes of the files of ``job``.

    Raises:
        UsageError: the mapping, the events, the subject or a file can't be used, or no row can.
        ModelMissing: the model can't be loaded, or what draws is not installed.
        OSError: a file can't be read to its end, or the picture not be written.
    """
    known = read(job.events) if job.events else []
    if job.plot and find_spec("matplotlib") is None:
        raise ModelMissing("--plot needs matplotlib: install newsquake[backtest]")
    with ExitStack() as stack:
        rows = _Rows()
        source = _source(settings, environ, job, rows, stack)
        gallery = Gallery(job.subject) if job.plot else None
        show = gallery.add if gallery else _unseen
        found = _told(source.alerts(settings.detect, show), job)
        rows.done(_OF_NUMBERS if job.volume else _OF_NEWS)
    _check_subject(job, source)
    _report(settings, job, source, known, found)
    if job.plot and gallery:
        _draw(job.plot, gallery, found, job.subject)


class _Rows:
    """Counts rows, and says on stderr which were skipped."""

    def __init__(self) -> None:
        self.read = self.skipped = 0

    def counted(self, rows: Iterable[InputMessage]) -> Iterator[InputMessage]:
        for row in rows:
            self.read += 1
            yield row

    def skip(self, row: InputMessage) -> None:
        self.skipped += 1
        typer.echo(f"{row.file}:{row.line}: skipped: {row.problem}", err=True)

    def done(self, example: str) -> None:
        """Say how many there were; ``example`` maps columns.

        Raises:
            UsageError: none was of use.
        """
        typer.echo(f"{self.read} rows, {self.skipped} skipped", err=True)
        if self.read == self.skipped:
            raise UsageError(
                f"no row could be used: say which columns are meant, such as --map {example}"
            )


def _source(
    settings: "Settings", environ: Mapping[str, str], job: Job, rows: _Rows, stack: ExitStack
) -> Source:
    if job.volume:
        names = mapping.parsed(job.mapping, FIELDS, "rows of numbers")
        found = read_messages(job.files, names, job.form, WANTED)
        return Numbers(points(rows.counted(found), rows.skip))
    found = read_messages(job.files, mapping.parsed(job.mapping), job.form, _HEADLINES)
    model = stack.enter_context(ScoreCache.opened(_model(settings), user_cache_dir(environ)))
    scoring = Scoring(model, _companies(settings), settings.score)
    return News(signals(rows.counted(found), scoring, rows.skip))


def _model(settings: "Settings") -> "Classifier":
    from nlp.load import load  # noqa: PLC0415

    return load(settings.nlp.model_copy(update={"shadow": ""}))


def _companies(settings: "Settings") -> "CompanyFinder | None":
    from nlp.companies.finder import CompanyFinder  # noqa: PLC0415

    return CompanyFinder.load(settings.companies)


def _unseen(_: object) -> None:
    """Nobody looks at the readings."""


def _told(alerts: "Iterable[Alert]", job: Job) -> list[Episode]:
    """The alerts asked for; with ``--json`` each change is printed when it comes."""
    kept: list[Alert] = []
    for alert in alerts:
        if job.subject and job.subject not in {alert.subject, *alert.members}:
            continue
        kept.append(alert)
        if job.as_json:
            sys.stdout.buffer.write(alert.to_bytes() + b"\n")
    sys.stdout.buffer.flush()
    return list(grouped(kept))


def _check_subject(job: Job, source: Source) -> None:
    names = source.input.names
    if job.subject and job.subject not in {*names, "market:all"}:
        meant = get_close_matches(job.subject, names, n=1) or names[:3]
        raise UsageError(
            f"--subject: nothing is about {job.subject!r}; there is {', '.join(meant)}, …"
        )


def _report(
    settings: "Settings",
    job: Job,
    source: Source,
    known: Sequence[KnownEvent],
    found: Sequence[Episode],
) -> None:
    if job.as_json:
        return
    ours = evaluate([episode.raised() for episode in found], known, source.months)
    console = _console()
    console.print(tables.alerts(found))
    if known:
        console.print(tables.events(ours))
    if not job.subject:
        memory = _ROWS_MEMORY if job.volume else MEMORY
        promise = f"{settings.detect.false_alarms_per_subject_month:g} a month"
        others = contest(source.input, ours, memory)
        console.print(tables.contest(ours, promise, others))


def _console() -> Console:
    """Into a file or a pipe lines are as long as they need to be."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=_WIDE)


def _draw(path: Path, gallery: Gallery, found: Sequence[Episode], subject: str) -> None:
    """A file is there as a whole or not at all."""
    name = subject or _loudest(found) or gallery.first
    own = [it for it in found if name in it.raised().names]
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(seismogram(name, gallery.of(name), own))
        part.replace(path)
    except OSError as error:
        raise OSError(f"--plot {path} can't be written: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)


def _loudest(found: Sequence[Episode]) -> str | None:
    alone = [it for it in found if not it.fired.members]
    best = max(alone, key=lambda it: it.peak.evidence, default=None)
    return best.fired.subject if best else None
