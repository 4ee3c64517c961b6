"""Opening of the files of a backtest as a source."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from typing import TYPE_CHECKING, Final

import typer

from backtest.job import Job
from backtest.points import read_points
from backtest.scoring import MentionAccount, Scoring, read_signals
from backtest.source import News, Numbers, Source
from infra.cache_dir import user_cache_dir
from infra.input.messages import InputMessage, read_messages
from infra.input.read_share import ReadShare
from infra.input.tally import Cause, cause_of
from infra.progress.meter import Meter
from infra.terminal import print_notice
from infra.usage_error import UsageError
from nlp.score_cache import ScoreCache

if TYPE_CHECKING:
    from infra.settings.model import Settings

_NEWS_MAP_EXAMPLE: Final = "headline=title,published=date"
_NUMBERS_MAP_EXAMPLE: Final = "timestamp=time,value=count"


class RowCounter:
    """Counts rows and the companies that they name; reports on stderr what became of them.

    Attributes:
        meter: Shows how far the backtest is.
        share: The share of the files that was read.
        total: Number of rows.
        skipped: Number of rows that can't be used.
        mentions: What became of the companies that rows name.
    """

    def __init__(self, meter: Meter, share: ReadShare) -> None:
        self.meter, self.share = meter, share
        self.total = self.skipped = 0
        self.mentions = MentionAccount()
        self._causes: dict[str, Cause] = {}

    def count(self, rows: Iterable[InputMessage]) -> Iterator[InputMessage]:
        """Yield ``rows`` and count them; the meter shows how far the files are read."""
        self.meter.begin("reading", "rows")
        for row in rows:
            self.total += 1
            yield row
            self.meter.update(self.total, self.share.value)

    def skip(self, row: InputMessage) -> None:
        """Count a row that can't be used; report the first of each cause."""
        self.skipped += 1
        problem = row.problem or ""
        cause = cause_of(self._causes, problem)
        if not cause.count:
            typer.echo(f"{row.file}:{row.line}: skipped: {problem}", err=True)
        cause.add(row.file, row.line)

    def report(self, job: Job) -> None:
        """Print the numbers of rows to stderr, and what several skipped rows have in common.

        Raises:
            UsageError: no row could be used.
        """
        for cause in self._causes.values():
            if cause.count > 1:
                typer.echo(cause.line("skipped"), err=True)
        typer.echo(f"{self.total} rows, {self.skipped} skipped", err=True)
        if self.mentions.mentions:
            typer.echo(self.mentions, err=True)
        if self.total == self.skipped:
            example = _NUMBERS_MAP_EXAMPLE if job.volume else _NEWS_MAP_EXAMPLE
            raise UsageError(
                f"no row could be used: say which columns are meant, such as --map {example}"
            )


def open_source(
    settings: "Settings",
    environ: Mapping[str, str],
    job: Job,
    rows: RowCounter,
    stack: ExitStack,
) -> Source:
    """Return the source for the files of ``job``; ``stack`` closes the cache of scores.

    The headers of all files are checked before the model is loaded.

    Raises:
        UsageError: a file or its columns can't be used.
        ModelMissing: the model can't be loaded.
    """
    messages = read_messages(job.files, job.options, print_notice, rows.share.opened)
    if job.volume:
        return Numbers(read_points(rows.count(messages), rows.skip), rows.meter)

    from nlp.companies.finder import CompanyFinder
    from nlp.load import load

    folder = user_cache_dir(environ)
    model = load(
        settings.nlp.model_copy(update={"shadow": ""}),
        wrap=lambda model: stack.enter_context(ScoreCache.opened(model, folder)),
    )
    scoring = Scoring(model, CompanyFinder.load(settings.companies), settings.score)
    signals = read_signals(rows.count(messages), scoring, rows.skip, rows.mentions, job.options)
    return News(signals, rows.meter)
