"""Compare our detector with reference detectors on NAB's Twitter volumes, by NAB's score.

``python bench/nab.py FOLDER``: the folder has CSV files of ``timestamp,value``, and
``windows.json`` with each file's labelled windows. A detector has one threshold for all files. The
reference detectors are shown with two: the textbooks', and the best of a grid by the score itself,
like NAB chooses it.
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
"""Rows of five minutes in a day: the memory of reference detectors, and the hold of an alert."""
GRID: Final = 80
TOP: Final = ("detector", "score", "windows found", "false")


class Volume(NamedTuple):
    """A file of NAB."""

    name: str
    values: Sequence[float]
    file: File


Detect = Callable[[Volume], Iterable[int]]


def main() -> None:
    """Print the table."""
    options = _arguments()
    volumes = _volumes(options.folder)
    rows = [_row(f"ours, {rate:g} a month", volumes, _ours(rate)) for rate in options.rates]
    others = (
        ()
        if options.ours
        else [detector for detector in REFERENCE_DETECTORS if detector.is_available]
    )
    rows += chain.from_iterable(_reference_rows(volumes, detector) for detector in others)
    head = [*TOP, *(volume.name for volume in volumes)]
    publish(
        "NAB score, standard profile; alerts that begin count", render(head, rows), options.markdown
    )


def _reference_rows(volumes: Sequence[Volume], baseline: ReferenceDetector) -> list[list[str]]:
    """Return a row for the usual threshold, and one for the best of the grid."""
    scores = {
        threshold: _total(_scores(volumes, _theirs(baseline, threshold)))
        for threshold in _grid(baseline)
    }
    best = max(scores, key=lambda threshold: scores[threshold].normalized)
    return [
        _row(f"{baseline.name}, {threshold:.3g}{note}", volumes, _theirs(baseline, threshold))
        for threshold, note in ((baseline.default_threshold, ""), (best, ", best in hindsight"))
    ]


def _grid(baseline: ReferenceDetector) -> list[float]:
    step = (baseline.max_threshold / baseline.min_threshold) ** (1.0 / GRID)
    return [baseline.min_threshold * step**index for index in range(GRID + 1)]


def _ours(rate: float) -> Detect:
    return lambda volume: our_detections(Rule(false_alarms_per_subject_month=rate), volume)


def our_detections(rule: Rule, volume: Volume) -> list[int]:
    """Return the rows at which alerts began: for each, the first row at or after its detection."""
    series, times = Series(rule), volume.file.times
    alerts = chain.from_iterable(map(series.count, times, volume.values))
    starts = [alert.detected_at for alert in alerts if alert.status == "firing"]
    return [min(bisect_left(times, start), len(times) - 1) for start in starts]


def _theirs(baseline: ReferenceDetector, threshold: float) -> Detect:
    def detect(volume: Volume) -> list[int]:
        return [episode.first for episode in _watched(baseline, volume).alerts(threshold)]

    return detect


@cache
def _watched(baseline: ReferenceDetector, volume: Volume) -> DetectorRun:
    return DetectorRun(baseline, volume.values, DAY_OF_ROWS, DAY_OF_ROWS)


def _row(name: str, volumes: Sequence[Volume], detect: Detect) -> list[str]:
    scores = _scores(volumes, detect)
    total = _total(scores)
    windows = f"{total.found} of {total.windows}"
    by_volume = [f"{volume_score.normalized:.1f}" for volume_score in scores]
    return [name, f"{total.normalized:.1f}", windows, str(total.false), *by_volume]


def _scores(volumes: Sequence[Volume], detect: Detect) -> list[Score]:
    return [score(volume.file, list(detect(volume))) for volume in volumes]


def _total(scores: Iterable[Score]) -> Score:
    total = Score()
    for volume_score in scores:
        total = total.plus(volume_score)
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
    parser.add_argument(
        "--ours", action="store_true", help="leave out the reference detectors; takes seconds"
    )
    parser.add_argument("--markdown", type=Path, help="also write the table to this file")
    return parser.parse_args()


if __name__ == "__main__":
    main()
