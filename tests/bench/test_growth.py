"""The limits that the benchmarks of growth name, and their curves."""

import argparse
import json
from pathlib import Path
from xml.etree import ElementTree as ET

import growth
import growth_backlog
import growth_restore
import growth_subjects
import growth_workers
from growth import Axis


def test_the_table_the_curve_and_the_limit_are_written(tmp_path: Path) -> None:
    """The page would show a curve of other figures than its table, or none."""
    points = [{"n": 1.0, "rate": 100.0}, {"n": 1000.0, "rate": 50.0}]
    image, file = tmp_path / "curve.svg", tmp_path / "found.json"
    options = argparse.Namespace(image=image, json=file, markdown=None)
    axes = [Axis("n", "size"), Axis("rate", "a second")]
    growth.publish("Title.", points, axes, "None.", options)
    found = json.loads(file.read_text())
    assert found["runs"] == points
    assert "| 1 000 | 50 |" in found["table"]
    assert "**Limit.** None." in found["table"]
    svg = image.read_text()
    words = [text.text for text in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]  # noqa: S314 - written just now
    assert "size" in words
    assert "a second" in words
    growth.draw(points, axes, image)
    assert image.read_text() == svg, "the same points must give the same bytes"


def test_the_backlog_never_calls_an_extrapolation_a_measurement() -> None:
    """A page would claim that ten million articles were worked off."""
    point = {"done": 500_000.0, "rate": 10_000.0, "resident": 300.0, "seconds": 50.0}
    points = [point, {**point, "done": 1_000_000.0, "rate": 9_000.0, "resident": 500.0}]
    few = growth_backlog.limit(points, 1_000_000)
    assert "Extrapolated, not measured: 10,000,000 would take 17 minutes" in few
    assert "0.90 of the first third's rate" in few
    assert "Extrapolated" not in growth_backlog.limit(points, 10_000_000)


def test_restoring_says_whether_the_goal_was_reached() -> None:
    """A goal that was missed would be told as reached, or a guess as a figure."""
    small = {"subjects": 100.0, "seconds": 4.0, "resident": 100.0}

    def limit(subjects: float, seconds: float) -> str:
        large = {"subjects": subjects, "seconds": seconds, "resident": 9_000.0}
        return growth_restore.limit(growth_restore.with_rates([small, large]))

    assert "reached, with 29.0 s" in limit(1e6, 29.0)
    assert "missed, with 31.0 s" in limit(1e6, 31.0)
    assert "Extrapolated, not measured: 1,000,000 would take 104 s" in limit(100_100, 14.0)
    assert "too few to say" in limit(2_000, 5.0)


def test_the_changelog_that_is_restored_has_all_subjects() -> None:
    """Restoring nothing would be measured, and be fast."""
    from agents.detecting.detector_state import DetectorState
    from detection.rule import Rule

    entries = [(item.key, item.value) for item in growth_restore.entries(50)]
    state = DetectorState(Rule(), 16, entries)
    names = {key.decode() for key, _ in entries if key.startswith(b"d|subject|")}
    assert len(names) == 50
    assert "d|subject|company:S0000049" in names
    assert min(len(value) for key, value in entries if key.decode() in names) > 900
    assert state.oldest is None


def test_workers_and_partitions_name_their_limit() -> None:
    """A reader would have to read it off a curve."""
    points = [
        {"size": 1.0, "rate": 5_000.0, "cpu": 200.0, "resident": 300.0},
        {"size": 2.0, "rate": 9_500.0, "cpu": 200.0, "resident": 600.0},
        {"size": 4.0, "rate": 10_000.0, "cpu": 220.0, "resident": 1_200.0},
    ]
    workers = growth_workers.limit(points, "workers", cores=2)
    assert workers.startswith("2 workers reach 9,500 articles/s, 4 reach 10,000.")
    assert "1.9 of the machine's 2 cores" in workers
    partitions = growth_workers.limit(points, "partitions", cores=2)
    assert "220 µs of processor time an article with 4, 200 with 1" in partitions


def test_subjects_for_which_there_is_no_memory_are_said_to_be_left_out() -> None:
    """The machine would swap, or a size would be missing without a word."""
    point = {"subjects": 1e5, "step": 30.0, "close": 50.0, "memory": 8_000.0, "state": 1_200.0}
    words = growth_subjects.limit([{**point, "subjects": 100.0, "step": 20.0}, point], [10**9])
    assert "1.5 times as much with 100,000 subjects as with 100" in words
    assert "0.8 GB" in words
    assert "1,000,000,000 were not measured: this machine has too little memory" in words
