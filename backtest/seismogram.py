"""A subject's seismogram: what came in, what was expected, the statistic, and the alerts."""

import io
from array import array
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from backtest.episodes import Episode
from detection.trace import TracePoint
from infra.usage_error import UsageError

MOST: Final = 10_000_000
_DOTS_PER_INCH: Final = 120
_BLUE, _RED, _ORANGE = "#4878a8", "#c44e52", "#dd8452"


class Trace:
    """The readings of one subject, as columns: about 60 bytes each."""

    def __init__(self) -> None:
        self.columns = [array("d") for _ in TracePoint._fields[1:]]

    def __len__(self) -> int:
        return len(self.columns[0])

    def add(self, reading: TracePoint) -> None:
        """In order of time."""
        self.columns[0].append(reading.at.timestamp())
        for column, value in zip(self.columns[1:], reading[2:], strict=True):
            column.append(value)

    @property
    def times(self) -> list[datetime]:
        """When the bins ended, UTC."""
        return [datetime.fromtimestamp(at, UTC) for at in self.columns[0]]


class Gallery:
    """The traces of ``only`` one subject, or of all until there are `MOST` readings.

    From then on subjects that have no trace yet get none.
    """

    def __init__(self, only: str = "") -> None:
        self._only = only
        self._readings = 0
        self._traces: dict[str, Trace] = {}

    def add(self, reading: TracePoint) -> None:
        """In order of time."""
        if self._only and reading.subject != self._only:
            return
        if self._readings >= MOST and reading.subject not in self._traces:
            return
        self._readings += 1
        self._traces.setdefault(reading.subject, Trace()).add(reading)

    @property
    def first(self) -> str:
        """A subject that was seen; empty where none was."""
        return min(self._traces, default="")

    def of(self, subject: str) -> Trace:
        """What was seen of a subject.

        Raises:
            UsageError: nothing was.
        """
        if subject not in self._traces:
            raise UsageError(f"--plot: too little was read to draw {subject or 'anything'}")
        return self._traces[subject]


def seismogram(subject: str, trace: Trace, episodes: Sequence[Episode]) -> bytes:
    """A PNG of 1680 by 1080 pixels; plain numbers have no negative share."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - an extra

    draw = _PANELS if any(trace.columns[3]) else _PANELS[::2]
    figure = Figure(figsize=(14.0, 9.0), layout="constrained")
    axes: Any = figure.subplots(len(draw), 1, sharex=True)
    times = trace.times
    for panel, drawn in zip(axes, draw, strict=True):
        drawn(panel, times, trace)
        _alerts(panel, episodes, times[-1], named=panel is axes[0])
        panel.set_xlim(times[0], times[-1])
        panel.grid(axis="y", alpha=0.3)
        panel.legend(loc="upper left", fontsize=8, framealpha=0.9)
    axes[0].set_title(f"{subject}: {len(episodes)} alerts", loc="left")
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=_DOTS_PER_INCH)
    return file.getvalue()


def _volume(panel: Any, times: Sequence[datetime], trace: Trace) -> None:
    """Linear up to the largest expectation, logarithmic above: a surge is many times that."""
    panel.vlines(times, 0.0, trace.columns[1], color=_BLUE, lw=0.7, label="volume of a bin")
    panel.plot(times, trace.columns[2], color=_ORANGE, lw=1.2, label="expected")
    panel.set_yscale("symlog", linthresh=max(1.0, *trace.columns[2]))
    panel.set(ylabel="volume", ylim=(0.0, None))


def _share(panel: Any, times: Sequence[datetime], trace: Trace) -> None:
    both = zip(times, trace.columns[3], trace.columns[1], strict=True)
    seen = [(at, share) for at, share, volume in both if volume]
    xs, ys = zip(*seen, strict=True) if seen else ((), ())
    panel.plot(xs, ys, ".", ms=2, color=_RED, alpha=0.5, label="negative share of a bin")
    panel.plot(times, trace.columns[4], color=_ORANGE, lw=1.2, label="expected")
    panel.set(ylabel="negative share", ylim=(-0.02, 1.02))


def _statistic(panel: Any, times: Sequence[datetime], trace: Trace) -> None:
    panel.plot(times, trace.columns[5], color=_BLUE, lw=1.0, label="statistic")
    panel.plot(times, trace.columns[6], "--", color=_RED, lw=1.0, label="threshold")
    panel.set(ylabel="evidence, nats", ylim=(0.0, None))


_PANELS: Final = (_volume, _share, _statistic)


def _alerts(panel: Any, episodes: Sequence[Episode], until: datetime, *, named: bool) -> None:
    for place, episode in enumerate(episodes):
        label = "alert, from onset" if named and not place else None
        end = episode.last.detected_at if episode.last.status == "resolved" else until
        panel.axvspan(episode.fired.onset, end, color=_ORANGE, alpha=0.25, lw=0, label=label)
        panel.axvline(episode.fired.detected_at, color=_RED, lw=0.8)
