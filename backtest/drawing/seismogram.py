"""Seismogram of a subject: observed and expected news, the evidence, and the alerts."""

import io
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from math import ceil, log, log10
from typing import Any, Final, Literal

from backtest.alert_history import AlertHistory
from backtest.drawing.gallery import Trace

Form = Literal["png", "svg"]
_DOTS_PER_INCH: Final = 120
_WIDTH_INCHES, _HEIGHT_INCHES = 14.0, 9.0
_POINTS: Final = 900.0
"""Width of a panel in points, about; a bar is as wide as its bin, but not less than a hair."""
_HAIR: Final = 0.7
_MARKER_AREA: Final = 45.0
_MAX_TICKS: Final = 10
_NATS: Final = log(10.0)
"""Alerts tell evidence as a decimal logarithm, the trace as a natural one."""
BAR, _DOT, _EVIDENCE = "#4b5a54", "#96154a", "#17201d"
_EXPECTED, ALERT = "#1d5da6", "#bf3d0a"
_BEHIND, _LINE, _BARS, _ABOVE = 0.5, 1.0, 2.0, 3.0
"""Layers: what is shaded, where an alert fired, what was observed, what was expected."""


def draw_seismogram(
    subject: str, trace: Trace, histories: Sequence[AlertHistory], form: Form = "png"
) -> bytes:
    """Return a picture of 1680 by 1080 pixels. Plain numbers have no panel of negative shares."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    panels = _PANELS if any(trace.columns[3]) else _PANELS[::2]
    figure = Figure(figsize=(_WIDTH_INCHES, _HEIGHT_INCHES), layout="constrained")
    axes: Any = figure.subplots(len(panels), 1, sharex=True)
    times = trace.times
    for axis, draw_panel in zip(axes, panels, strict=True):
        draw_panel(axis, trace)
        _draw_alerts(axis, histories, times[-1], is_first=axis is axes[0])
        axis.set_xlim(times[0] - trace.bin, times[-1])
        axis.grid(axis="y", alpha=0.3, zorder=0.0)
        axis.legend(loc="upper left", fontsize=8, framealpha=0.9)
    noun = "alert" if len(histories) == 1 else "alerts"
    axes[0].set_title(f"{subject}: {len(histories)} {noun}", loc="left")
    axes[-1].set_xlabel("end of the bin, UTC")
    file = io.BytesIO()
    # Text in an SVG stays text, and equal input gives equal bytes.
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "newsquake"}):
        metadata = {"Date": None} if form == "svg" else None
        figure.savefig(file, format=form, dpi=_DOTS_PER_INCH, metadata=metadata)
    return file.getvalue()


def _held(trace: Trace, values: Sequence[float]) -> tuple[list[datetime], list[float]]:
    """Return times and values of a line that stays where it is while there are no bins."""

    def points() -> Iterator[tuple[datetime, float]]:
        rows, bin_length = list(zip(trace.times, values, strict=True)), trace.bin
        yield from rows[:1]
        for (earlier, before), (later, value) in pairwise(rows):
            if later - earlier > bin_length:
                yield later - bin_length, before
            yield later, value

    times, held = zip(*points(), strict=True)
    return list(times), list(held)


def _draw_volume(axis: Any, trace: Trace) -> None:
    """Draw linearly up to the largest expectation, and logarithmically above: surges are large."""
    times, bin_length = trace.times, trace.bin
    middles = [time - bin_length / 2 for time in times]
    bins = max(1.0, (times[-1] - times[0]) / bin_length)
    axis.vlines(
        middles,
        0.0,
        trace.columns[1],
        color=BAR,
        lw=max(_HAIR, 0.8 * _POINTS / bins),
        label="volume of a bin",
        zorder=_BARS,
        capstyle="butt",
    )
    held = _held(trace, trace.columns[2])
    axis.plot(*held, color=_EXPECTED, lw=1.4, label="expected", zorder=_ABOVE)
    linear = max(1.0, *trace.columns[2])
    axis.set_yscale("symlog", linthresh=linear)
    axis.yaxis.set_major_formatter("{x:g}")
    ticks = volume_ticks(linear, max(1.0, *trace.columns[1]))
    axis.set_yticks(ticks)
    axis.set_yticks([], minor=True)
    axis.set(ylabel="volume", ylim=(0.0, None))


def volume_ticks(linear: float, largest: float) -> list[float]:
    """Return where the axis of volumes is labelled, up to the largest bar.

    >>> volume_ticks(1.0, 7.0)
    [0.0, 1.0, 2.0, 5.0]
    >>> volume_ticks(12.0, 3_000.0)
    [0.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0]
    """
    steps = [
        step * 10.0**exponent
        for exponent in range(ceil(log10(max(largest, 1.0))) + 1)
        for step in (1.0, 2.0, 5.0)
    ]
    first = max((step for step in steps if step <= linear), default=1.0)
    ticks = [0.0, *(step for step in steps if first <= step <= largest)]
    every = ceil(len(ticks) / _MAX_TICKS)
    return ticks if every == 1 else [tick for tick in ticks if not tick or log10(tick) % 1 == 0]


def _draw_share(axis: Any, trace: Trace) -> None:
    rows = zip(trace.times, trace.columns[3], trace.columns[1], strict=True)
    half = trace.bin / 2
    with_news = [(time - half, share) for time, share, volume in rows if volume]
    xs, ys = zip(*with_news, strict=True) if with_news else ((), ())
    label = "negative share of a bin"
    axis.plot(xs, ys, ".", ms=4, color=_DOT, alpha=0.6, label=label, zorder=_BARS)
    held = _held(trace, trace.columns[4])
    axis.plot(*held, color=_EXPECTED, lw=1.4, label="expected", zorder=_ABOVE)
    axis.set(ylabel="negative share", ylim=(-0.02, 1.02))


def _draw_evidence(axis: Any, trace: Trace) -> None:
    evidence, threshold = (
        _held(trace, [value / _NATS for value in column]) for column in trace.columns[5:7]
    )
    axis.plot(*evidence, color=_EVIDENCE, lw=1.2, label="evidence", zorder=_BARS)
    axis.plot(*threshold, "--", color=_EXPECTED, lw=1.2, label="threshold", zorder=_ABOVE)
    axis.set(ylabel="evidence, decimal logarithm", ylim=(0.0, None))


_PANELS: Final = (_draw_volume, _draw_share, _draw_evidence)


def _draw_alerts(
    axis: Any, histories: Sequence[AlertHistory], until: datetime, *, is_first: bool
) -> None:
    """Shade each alert from onset to end, behind all else; a line and a mark say when it fired."""
    for index, history in enumerate(histories):
        label = "alert, from onset to end" if is_first and not index else None
        end = history.last.detected_at if history.last.status == "resolved" else until
        axis.axvspan(
            history.fired.onset, end, color=ALERT, alpha=0.16, lw=0, label=label, zorder=_BEHIND
        )
        axis.axvline(history.fired.detected_at, color=ALERT, lw=0.8, zorder=_LINE)
        if is_first:
            axis.scatter(
                [history.fired.detected_at],
                [1.0],
                s=_MARKER_AREA,
                color=ALERT,
                marker="v",
                transform=axis.get_xaxis_transform(),
                clip_on=False,
                zorder=_ABOVE + 1.0,
                label=None if index else "fired",
            )
