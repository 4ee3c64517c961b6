"""The suite of benchmarks makes the tables of docs/benchmarks.md, and nothing else of it."""

import json
import subprocess
import sys
from pathlib import Path

from page import names, render, with_tables
from suite import BENCHMARKS, PAGE, RESULTS

SUITE = Path(__file__).parents[2] / "bench/suite.py"
BEFORE = """\
Speed, in words.

<!-- table detector -->
an old table
<!-- end -->

Why it is so.

<!-- table runtimes -->
another old table
<!-- end -->
"""


def run(*arguments: str | Path) -> "subprocess.CompletedProcess[str]":
    """Run the suite for a first look."""
    argv = [sys.executable, str(SUITE), *map(str, arguments)]
    return subprocess.run(argv, capture_output=True, text=True, check=False)


def test_a_first_look_fills_its_table_and_leaves_the_rest(tmp_path: Path) -> None:
    """The words around a table would be lost with each measurement."""
    page, kept = tmp_path / "page.md", tmp_path / "kept"
    page.write_text(BEFORE)
    done = run("--quick", "--only", "detector", "--results", kept, "--page", page)
    assert done.returncode == 0, done.stderr
    found = json.loads((kept / "detector.json").read_text())
    assert found["runs"][0]["all of it"] > 0
    assert found["machine"]["cores"] >= 1
    assert found["versions"]["Python"].startswith(f"{sys.version_info.major}.")
    text = page.read_text()
    table = text.partition("<!-- table detector -->\n")[2].partition("<!-- end -->")[0]
    assert table == render(found)
    assert "`python bench/detector.py --count 1000 --repetitions 1`" in table
    assert "A first look: the figures mean nothing." in table
    assert "| all of it | " in table
    assert text.replace(table, "an old table\n") == BEFORE
    again = run("--quick", "--render", "--results", kept, "--page", page)
    assert again.returncode == 0, again.stderr
    assert page.read_text() == text


def test_a_benchmark_that_fails_is_named_and_the_others_go_on(tmp_path: Path) -> None:
    """One missing file would cost the figures of two hours, or leave a table without figures."""
    page, kept = tmp_path / "page.md", tmp_path / "kept"
    page.write_text(BEFORE)
    options = ("--results", kept, "--page", page, "--headlines", tmp_path / "missing.csv")
    done = run("--quick", "--only", "runtimes", "detector", *options)
    assert done.returncode == 1
    assert done.stderr.endswith("failed: runtimes\n")
    assert [path.name for path in kept.iterdir()] == ["detector.json"]
    assert "another old table" in page.read_text()
    assert "| all of it | " in page.read_text()


def test_reading_is_measured_too(tmp_path: Path) -> None:
    """The page would promise tables whose scripts write no figures."""
    done = run("--quick", "--only", "reading", "files", "--results", tmp_path)
    assert done.returncode == 0, done.stderr
    kept = {path.stem: json.loads(path.read_text()) for path in tmp_path.glob("*.json")}
    assert kept["reading"]["runs"][0]["rates"][0] > 0
    assert {(run["file"], run["work"]) for run in kept["files"]["runs"]} == {
        (file, work) for file in ("news.csv", "news.jsonl") for work in ("read", "judge")
    }
    assert "| news.csv, 0 MB | " in kept["files"]["table"]


def test_a_curve_stands_below_its_table(tmp_path: Path) -> None:
    """The page would name a limit and show no curve, or a curve that nobody drew."""
    done = run("--quick", "--only", "growth-subjects", "--results", tmp_path)
    assert done.returncode == 0, done.stderr
    found = json.loads((tmp_path / "growth-subjects.json").read_text())
    assert (tmp_path / "growth-subjects.svg").exists()
    assert "![the curve](../bench/results/growth-subjects.svg)" in render(found)
    assert [point["subjects"] for point in found["runs"]] == [100, 1000]
    assert "**Limit.** A signal costs" in render(found)


def test_what_was_not_measured_says_so_and_how() -> None:
    """A reader would take an empty section for a figure that was left out on purpose."""
    page = PAGE.read_text("utf-8")
    kept = {path.stem for path in RESULTS.glob("*.json")}
    for name in names(page):
        table = page.partition(f"<!-- table {name} -->\n")[2].partition("<!-- end -->")[0]
        if "Not measured" in table:
            assert name not in kept
            command = "make soak MINUTES=30" if name == "soak" else f"make bench ONLY={name}"
            assert table == f"Not measured on this machine yet: `{command}`.\n"


def test_a_short_soak_is_a_first_look(tmp_path: Path) -> None:
    """A minute's soak would be published as half an hour's."""
    done = run("--only", "soak", "--minutes", "1", "--results", tmp_path, "--page", tmp_path / "p")
    assert done.returncode == 2
    assert "a soak below 30 minutes is a first look: add --quick" in done.stderr


def test_a_first_look_never_becomes_a_published_figure(tmp_path: Path) -> None:
    """Figures of a few seconds would stand in the documentation."""
    before = PAGE.read_text("utf-8")
    cases: list[list[str | Path]]
    cases = [[], ["--results", RESULTS], ["--results", tmp_path, "--page", PAGE]]
    for arguments in cases:
        done = run("--quick", "--only", "detector", *arguments)
        assert done.returncode == 2
    assert PAGE.read_text("utf-8") == before


def test_the_page_has_a_place_for_each_benchmark() -> None:
    """A benchmark would run for minutes, and its figures would not be shown."""
    assert sorted(names(PAGE.read_text("utf-8"))) == sorted(BENCHMARKS)
    missing = [
        each.script for each in BENCHMARKS.values() if not (SUITE.parent / each.script).exists()
    ]
    assert missing == []


def test_the_page_shows_the_figures_that_are_kept() -> None:
    """A table would be changed by hand, and no command would give its figures."""
    page = PAGE.read_text("utf-8")
    kept = {path.stem: json.loads(path.read_text()) for path in RESULTS.glob("*.json")}
    assert with_tables(page, {name: render(found) for name, found in kept.items()}) == page
    assert not any(found["quick"] for found in kept.values())
