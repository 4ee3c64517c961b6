"""Run of ``newsquake backtest``: the pipeline's rule and detector over files, without Kafka."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from difflib import get_close_matches
from importlib.util import find_spec
from typing import TYPE_CHECKING

import typer

from backtest.alert_history import AlertHistory, group_by_alert
from backtest.drawing.gallery import Gallery
from backtest.drawing.pictures import check_writable, save_all, save_seismogram
from backtest.events import read_events
from backtest.job import Job
from backtest.open_source import RowCounter, open_source
from backtest.report import print_report
from detection.evaluation import evaluate
from infra.input.read_share import ReadShare
from infra.progress.meter import Meter
from infra.usage_error import UsageError
from nlp.classifier import ModelMissing
from schemas.alert import MARKET

if TYPE_CHECKING:
    from infra.settings.model import Settings
    from schemas.alert import Alert


def run(settings: "Settings", environ: Mapping[str, str], job: Job) -> None:
    """Run the detector over the files of ``job``, and print what it found.

    Raises:
        UsageError: the mapping, the events, the subject or a file can't be used, or no row can.
        ModelMissing: the model can't be loaded, or the package that draws is not installed.
        OSError: a file can't be read to its end, or the picture can't be written.
    """
    events = read_events(job.events) if job.events else []
    harmless = read_events(job.harmless, "--harmless") if job.harmless else []
    if job.plot:
        check_writable(job.plot)
    if job.draws and find_spec("matplotlib") is None:
        raise ModelMissing("--plot and --plots need matplotlib: install newsquake[backtest]")

    gallery, has_bar = Gallery(job.subject), not (job.as_json and sys.stdout.isatty())
    with ExitStack() as stack:
        meter = stack.enter_context(Meter(is_shown=has_bar))
        rows = RowCounter(meter, ReadShare(job.files))
        source = open_source(settings, environ, job, rows, stack)
        trace = gallery.add if job.draws else lambda _: None
        histories = _read_alerts(source.alerts(settings.detect, trace), job)
        meter.end()
        rows.report(job)

        names = source.series.names
        if job.subject and job.subject not in {*names, MARKET}:
            similar = get_close_matches(job.subject, names, n=1) or names[:3]
            raise UsageError(
                f"--subject: nothing is about {job.subject!r}; there is {', '.join(similar)}, …"
            )
        if not job.as_json:
            spans = [history.span() for history in histories]
            ours = evaluate(spans, events, source.months, harmless)
            print_report(settings.detect, job, source, ours, histories)
        draw(job, gallery, histories, meter)


def draw(job: Job, gallery: Gallery, histories: Sequence[AlertHistory], meter: Meter) -> None:
    """Draw the pictures that ``job`` asks for, and say where they are.

    Raises:
        UsageError: The subject has no trace.
        OSError: A picture can't be written.
    """
    if job.plot:
        save_seismogram(job.plot, gallery, histories, job.subject)
        typer.echo(f"drew {job.plot}", err=True)
    if job.plots:
        subjects = {history.fired.subject for history in histories}
        meter.begin("drawing", "pictures", len(subjects))
        files = []
        for file in save_all(job.plots, gallery, histories, "svg" if job.svg else "png"):
            files.append(file)
            meter.advance()
        meter.end()
        typer.echo(f"drew {len(files)} pictures into {job.plots}", err=True)


def _read_alerts(alerts: "Iterable[Alert]", job: Job) -> list[AlertHistory]:
    """Return the histories of the alerts that ``job`` asks for.

    With ``--json`` each change is printed as soon as it is found.
    """
    wanted: list[Alert] = []
    for alert in alerts:
        if job.subject and job.subject not in {alert.subject, *alert.members}:
            continue
        wanted.append(alert)
        if job.as_json:
            sys.stdout.buffer.write(alert.to_bytes() + b"\n")
    sys.stdout.buffer.flush()
    return group_by_alert(wanted)
