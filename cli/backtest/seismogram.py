"""A subject's seismogram: what came in, what was expected, the statistic, and the alerts."""

import io
from array import array
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from cli.backtest.episodes import Episode
from detection.reading import Reading

MOST: Final = 10_000_000
_DOTS_PER_INCH: Final = 120
_BLUE, _RED, _GREY, _ORANGE = "#4878a8", "#c44e52", "#555555", "#dd8452"


class Trace:
    """The readings of one subject, as columns: about 60 bytes each."""

    def __init__(self) -> None:
        self.columns = [array("d") for _ in Reading._fields[1:]]

    def __len__(self) -> int:
        return len(self.columns[0])

    def add(self, reading: Reading) -> None:
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
        self.traces: dict[str, Trace] = {}

    def add(self, reading: Reading) -> None:
        """In order of time."""
        if self._only and reading.subject != self._only:
            return
        if self._readings >= MOST and reading.subject not in self.traces:
            return
        self._readings += 1
        self.traces.setdefault(reading.subject, Trace()).add(reading)


def seismogram(subject: str, trace: Trace, episodes: Sequence[Episode]) -> bytes:
    """A PNG of 1680 by 1080 pixels."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - an extra

    figure = Figure(figsize=(14.0, 9.0), layout="constrained")
    axes: Any = figure.subplots(3, 1, sharex=True, height_ratios=(3, 2, 3))
    times = trace.times
    _volume(axes[0], times, trace)
    _share(axes[1], times, trace)
    _statistic(axes[2], times, trace)
    for place, panel in enumerate(axes):
        _alerts(panel, episodes, times[-1], named=place == 0)
        panel.margins(x=0.01)
        panel.grid(axis="y", alpha=0.3)
        panel.legend(loc="upper left", fontsize=8, framealpha=0.9)
    axes[0].set_title(f"{subject}: {len(episodes)} alerts", loc="left")
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=_DOTS_PER_INCH)
    return file.getvalue()


def _volume(panel: Any, times: Sequence[datetime], trace: Trace) -> None:
    panel.fill_between(
        times, trace.columns[1], step="pre", color=_BLUE, alpha=0.6, lw=0, label="volume in a bin"
    )
    panel.plot(times, trace.columns[2], color=_GREY, lw=1.0, label="expected")
    panel.set_ylabel("volume")


def _share(panel: Any, times: Sequence[datetime], trace: Trace) -> None:
    seen = [(at, it) for at, it, volume in zip(times, trace.columns[3], trace.columns[1], strict=True) if volume]
    panel.plot(*zip(*seen, strict=True) if seen else ((), ()), ".", ms=2, color=_RED, alpha=0.5, label="negative share of a bin")
    panel.plot(times, trace.columns[4], color=_GREY, lw=1.0, label="expected")
    panel.set(ylabel="negative share", ylim=(-0.02, 1.02))


def _statistic(panel: Any, times: Sequence[datetime], trace: Trace) -> None:
    panel.plot(times, trace.columns[5], color=_BLUE, lw=1.0, label="statistic")
    panel.plot(times, trace.columns[6], "--", color=_RED, lw=1.0, label="threshold")
    panel.set_ylabel("evidence, nats")


def _alerts(panel: Any, episodes: Sequence[Episode], until: datetime, *, named: bool) -> None:
    for place, episode in enumerate(episodes):
        label = "alert, from onset" if named and not place else None
        end = episode.last.detected_at if episode.last.status == "resolved" else until
        panel.axvspan(episode.fired.onset, end, color=_ORANGE, alpha=0.25, lw=0, label=label)
        panel.axvline(episode.fired.detected_at, color=_RED, lw=0.8)
