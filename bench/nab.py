"""NAB's Twitter volumes: ours and what people use otherwise, scored as NAB does.

``python bench/nab.py FOLDER``: CSV files of ``timestamp,value``, and ``windows.json`` with each
file's labelled windows. Every detector has one setting for all files. The others' are given twice:
as textbooks have it, and the best of a grid, chosen by the score itself, as NAB does.
"""

import argparse
import csv
import json
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Final, NamedTuple

from nab_score import File, Score, score
from table import publish, render

from detection.reference_detectors.detector_run import DetectorRun
from detection.reference_detectors.registry import REFERENCE_DETECTORS, ReferenceDetector
from detection.rule import Rule
from detection.series.series import Series

DAY_OF_ROWS: Final = 288
"""Rows of five minutes: what baselines remember, and how long their alerts are held."""
GRID: Final = 80
TOP: Final = ("detector", "score", "windows found", "false")


class Volume(NamedTuple):
    """One file."""

    name: str
    values: Sequence[float]
    file: File


Detect = Callable[[Volume], Iterable[int]]


def main() -> None:
    """Print the table."""
    asked = _arguments()
    volumes = _volumes(asked.folder)
    rows = [_row(f"ours, {rate:g} a month", volumes, _ours(rate)) for rate in asked.rates]
    others = () if asked.ours else [it for it in REFERENCE_DETECTORS if it.is_available]
    rows += chain.from_iterable(_both(volumes, it) for it in others)
    head = [*TOP, *(volume.name for volume in volumes)]
    publish(
        "NAB score, standard profile; alerts that begin count", render(head, rows), asked.markdown
    )


def _both(volumes: Sequence[Volume], baseline: ReferenceDetector) -> list[list[str]]:
    scored = {it: _total(_scores(volumes, _theirs(baseline, it))) for it in _grid(baseline)}
    best = max(scored, key=lambda it: scored[it].normalized)
    return [
        _row(f"{baseline.name}, {it:.3g}{note}", volumes, _theirs(baseline, it))
        for it, note in ((baseline.default_threshold, ""), (best, ", best in hindsight"))
    ]


def _grid(baseline: ReferenceDetector) -> list[float]:
    step = (baseline.max_threshold / baseline.min_threshold) ** (1.0 / GRID)
    return [baseline.min_threshold * step**place for place in range(GRID + 1)]


def _ours(rate: float) -> Detect:
    return lambda volume: our_detections(Rule(false_alarms_per_subject_month=rate), volume)


def our_detections(rule: Rule, volume: Volume) -> list[int]:
    """The rows at which alerts began: the first one not before the time of detection."""
    series, times = Series(rule), volume.file.times
    alerts = chain.from_iterable(map(series.count, times, volume.values))
    begun = [it.detected_at for it in alerts if it.status == "firing"]
    return [min(bisect_left(times, at), len(times) - 1) for at in begun]


def _theirs(baseline: ReferenceDetector, threshold: float) -> Detect:
    def detect(volume: Volume) -> list[int]:
        return [it.first for it in _watched(baseline, volume).alerts(threshold)]

    return detect


@cache
def _watched(baseline: ReferenceDetector, volume: Volume) -> DetectorRun:
    return DetectorRun(baseline, volume.values, DAY_OF_ROWS, DAY_OF_ROWS)


def _row(name: str, volumes: Sequence[Volume], detect: Detect) -> list[str]:
    scores = _scores(volumes, detect)
    total = _total(scores)
    found = f"{total.found} of {total.windows}"
    each = [f"{it.normalized:.1f}" for it in scores]
    return [name, f"{total.normalized:.1f}", found, str(total.false), *each]


def _scores(volumes: Sequence[Volume], detect: Detect) -> list[Score]:
    return [score(volume.file, list(detect(volume))) for volume in volumes]


def _total(scores: Iterable[Score]) -> Score:
    total = Score()
    for it in scores:
        total = total.plus(it)
    return total


def _volumes(folder: Path) -> list[Volume]:
    windows = json.loads((folder / "windows.json").read_text("utf-8"))
    return [_volume(folder / name, windows[name]) for name in sorted(windows)]


def _volume(path: Path, windows: Iterable[Sequence[str]]) -> Volume:
    with path.open(encoding="utf-8", newline="") as stream:
        rows: list[Mapping[str, str]] = list(csv.DictReader(stream))
    times = tuple(_time(row["timestamp"]) for row in rows)
    spans = tuple((_time(begin), _time(end)) for begin, end in windows)
    name = path.stem.removeprefix("Twitter_volume_")
    return Volume(name, tuple(float(row["value"]) for row in rows), File(times, spans))


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rates", type=float, nargs="+", default=[0.1], help="promised, a month")
    parser.add_argument("--ours", action="store_true", help="without the others: seconds")
    parser.add_argument("--markdown", type=Path, help="also write the table to this file")
    return parser.parse_args()


if __name__ == "__main__":
    main()
