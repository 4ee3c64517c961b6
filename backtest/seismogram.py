"""Seismogram of a subject: observed and expected news, the evidence, and the alerts."""

import io
from array import array
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from backtest.alert_history import AlertHistory
from detection.trace import TracePoint
from infra.usage_error import UsageError

MAX_POINTS: Final = 10_000_000
"""Points in memory, about 60 bytes each, after which no trace of a new subject begins."""
_DOTS_PER_INCH: Final = 120
_BLUE, _RED, _ORANGE = "#4878a8", "#c44e52", "#dd8452"


class Trace:
    """The trace points of one subject, in columns.

    Attributes:
        columns: Unix time, volume, expected volume, negative share, expected share, statistic and
            threshold, one value for each bin.
    """

    def __init__(self) -> None:
        self.columns = [array("d") for _ in TracePoint._fields[1:]]

    def add(self, point: TracePoint) -> None:
        """Add a point that is later than all points before."""
        self.columns[0].append(point.at.timestamp())
        for column, value in zip(self.columns[1:], point[2:], strict=True):
            column.append(value)

    @property
    def times(self) -> list[datetime]:
        """Return the ends of the bins, UTC."""
        return [datetime.fromtimestamp(second, UTC) for second in self.columns[0]]


class Gallery:
    """The traces of one subject, ``only``, or of all subjects until there are `MAX_POINTS`.

    After that, subjects that have no trace yet get none.
    """

    def __init__(self, only: str = "") -> None:
        self._only = only
        self._points = 0
        self._traces: dict[str, Trace] = {}

    def add(self, point: TracePoint) -> None:
        """Add a point to the trace of its subject, in order of time."""
        if self._only and point.subject != self._only:
            return
        if self._points >= MAX_POINTS and point.subject not in self._traces:
            return
        self._points += 1
        self._traces.setdefault(point.subject, Trace()).add(point)

    @property
    def first(self) -> str:
        """Return the first subject with a trace, by name; empty if there is none."""
        return min(self._traces, default="")

    def trace(self, subject: str) -> Trace:
        """Return the trace of a subject.

        Raises:
            UsageError: the subject has no trace.
        """
        if subject not in self._traces:
            raise UsageError(f"--plot: too little was read to draw {subject or 'anything'}")
        return self._traces[subject]


def save_seismogram(
    path: Path, gallery: Gallery, histories: Sequence[AlertHistory], subject: str
) -> None:
    """Draw ``subject``, or else the subject with the strongest alert, to a file.

    The file is replaced at once, so it is never incomplete.

    Raises:
        UsageError: the subject has no trace.
        OSError: the file can't be written.
    """
    # An alert of the market has members. It is drawn only if it was asked for.
    of_subjects = [history for history in histories if not history.fired.members]
    strongest = max(of_subjects, key=lambda history: history.peak.evidence, default=None)
    name = subject or (strongest.fired.subject if strongest else gallery.first)
    drawn = [history for history in histories if name in history.span().names]
    temporary = path.with_name(f".{path.name}.part")
    try:
        temporary.write_bytes(draw_seismogram(name, gallery.trace(name), drawn))
        temporary.replace(path)
    except OSError as error:
        raise OSError(f"--plot {path} can't be written: {error.strerror}") from error
    finally:
        temporary.unlink(missing_ok=True)


def draw_seismogram(subject: str, trace: Trace, histories: Sequence[AlertHistory]) -> bytes:
    """Return a PNG of 1680 by 1080 pixels. Plain numbers have no panel of the negative share."""
    from matplotlib.figure import Figure

    panels = _PANELS if any(trace.columns[3]) else _PANELS[::2]
    figure = Figure(figsize=(14.0, 9.0), layout="constrained")
    axes: Any = figure.subplots(len(panels), 1, sharex=True)
    times = trace.times
    for axis, draw_panel in zip(axes, panels, strict=True):
        draw_panel(axis, times, trace)
        _draw_alerts(axis, histories, times[-1], labelled=axis is axes[0])
        axis.set_xlim(times[0], times[-1])
        axis.grid(axis="y", alpha=0.3)
        axis.legend(loc="upper left", fontsize=8, framealpha=0.9)
    axes[0].set_title(f"{subject}: {len(histories)} alerts", loc="left")
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=_DOTS_PER_INCH)
    return file.getvalue()


def _draw_volume(axis: Any, times: Sequence[datetime], trace: Trace) -> None:
    """Draw linearly up to the largest expectation, and logarithmically above: surges are large."""
    axis.vlines(times, 0.0, trace.columns[1], color=_BLUE, lw=0.7, label="volume of a bin")
    axis.plot(times, trace.columns[2], color=_ORANGE, lw=1.2, label="expected")
    axis.set_yscale("symlog", linthresh=max(1.0, *trace.columns[2]))
    axis.set(ylabel="volume", ylim=(0.0, None))


def _draw_share(axis: Any, times: Sequence[datetime], trace: Trace) -> None:
    rows = zip(times, trace.columns[3], trace.columns[1], strict=True)
    with_news = [(time, share) for time, share, volume in rows if volume]
    xs, ys = zip(*with_news, strict=True) if with_news else ((), ())
    axis.plot(xs, ys, ".", ms=2, color=_RED, alpha=0.5, label="negative share of a bin")
    axis.plot(times, trace.columns[4], color=_ORANGE, lw=1.2, label="expected")
    axis.set(ylabel="negative share", ylim=(-0.02, 1.02))


def _draw_statistic(axis: Any, times: Sequence[datetime], trace: Trace) -> None:
    axis.plot(times, trace.columns[5], color=_BLUE, lw=1.0, label="statistic")
    axis.plot(times, trace.columns[6], "--", color=_RED, lw=1.0, label="threshold")
    axis.set(ylabel="evidence, nats", ylim=(0.0, None))


_PANELS: Final = (_draw_volume, _draw_share, _draw_statistic)


def _draw_alerts(
    axis: Any, histories: Sequence[AlertHistory], until: datetime, *, labelled: bool
) -> None:
    """Shade each alert from onset to end, with a line where it fired."""
    for index, history in enumerate(histories):
        label = "alert, from onset" if labelled and not index else None
        end = history.last.detected_at if history.last.status == "resolved" else until
        axis.axvspan(history.fired.onset, end, color=_ORANGE, alpha=0.25, lw=0, label=label)
        axis.axvline(history.fired.detected_at, color=_RED, lw=0.8)
