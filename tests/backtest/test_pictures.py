"""Pictures of a backtest, as files that viewers open."""

import io
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import matplotlib.image
import pytest
from matplotlib.colors import to_rgb
from typer.testing import Result

from backtest.alert_history import AlertHistory
from backtest.drawing.gallery import Gallery
from backtest.drawing.pictures import save_all
from backtest.drawing.seismogram import ALERT, BAR, draw_seismogram
from detection.trace import TracePoint
from schemas.alert import Alert
from tests.backtest.archives import BEGIN, lines, written

Backtest = Callable[..., Result]
MAP = "headline=title,companies=ticker"
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.mark.parametrize("name", ["company:ACME", ""])
def test_the_seismogram_is_a_complete_png(backtest: Backtest, tmp_path: Path, name: str) -> None:
    """--plot would write something that no viewer opens, or leave a half-written file behind."""
    picture = tmp_path / "acme.png"
    subject = ["--subject", name] if name else []
    news = written(tmp_path / "news.jsonl")
    result = backtest(news, "--map", MAP, "--json", "--plot", picture, *subject)
    assert result.exit_code == 0, result.output
    data = picture.read_bytes()
    assert data[:8] == PNG
    width, height = (int.from_bytes(data[start : start + 4], "big") for start in (16, 20))
    assert (width, height) == (1680, 1080)
    assert len(data) > 20_000
    assert list(tmp_path.glob(".*.part")) == []


def test_every_subject_that_alerts_is_drawn_on_request(backtest: Backtest, tmp_path: Path) -> None:
    """A user would have to run the archive once for each subject, and know their names."""
    news, folder = written(tmp_path / "news.jsonl"), tmp_path / "new" / "pictures"
    result = backtest(news, "--map", MAP, "--json", "--plots", folder)
    assert result.exit_code == 0, result.output
    subjects = {alert["subject"] for alert in lines(result)}
    assert {path.name for path in folder.iterdir()} == {
        f"{subject.replace(':', '-')}.png" for subject in subjects
    }
    assert all(path.read_bytes()[:8] == PNG for path in folder.iterdir())


def test_svg_is_drawn_when_asked_for(backtest: Backtest, tmp_path: Path) -> None:
    """A picture for a page or a slide could not be enlarged, or its words not be searched."""
    news, picture, folder = written(tmp_path / "news.jsonl"), tmp_path / "a.svg", tmp_path / "all"
    arguments = [news, "--map", MAP, "--json", "--plot", picture, "--plots", folder, "--svg"]
    assert backtest(*arguments).exit_code == 0
    first = picture.read_bytes()
    for file in (picture, folder / "company-ACME.svg"):
        drawing = file.read_text("utf-8")
        assert drawing.rstrip().endswith("</svg>")
        assert "company:ACME: 1 alert" in re.findall(r"<text[^>]*>([^<]*)</text>", drawing)
    assert backtest(*arguments).exit_code == 0
    assert picture.read_bytes() == first


def test_a_picture_of_an_unknown_form_is_refused_at_once(
    backtest: Backtest, tmp_path: Path
) -> None:
    """Minutes of work would end in an error, or a file that is not what its name says."""
    result = backtest(tmp_path / "no-such-file.jsonl", "--plot", tmp_path / "a.jpg")
    assert result.exit_code == 2
    assert "must end with .png or .svg" in result.stderr


def alert(subject: str, hour: int, status: str = "firing") -> Alert:
    """Return a change of an alert at an hour since `BEGIN`."""
    at = BEGIN + timedelta(hours=hour)
    return Alert.model_validate(
        {
            "id": f"a-{subject}",
            "subject": subject,
            "status": status,
            "severity": "major",
            "onset": at - timedelta(hours=1),
            "detected_at": at,
            "volume": 100.0,
            "expected_volume": 1.0,
            "negative_share": 0.9,
            "expected_share": 0.1,
            "evidence": 9.0,
            "sources": 1,
            "stories": 100,
            "signals": 100,
            "model": "m",
            "rule": "r",
        }
    )


def gallery(*subjects: str, surge: int = 100, hours: int = 200) -> Gallery:
    """Return traces of some hours, with the tallest bar in the bin that ends at hour ``surge``."""
    traces = Gallery()
    for subject in subjects:
        for hour in range(1, hours):
            at, volume = BEGIN + timedelta(hours=hour), 100.0 if hour == surge else 1.0
            traces.add(TracePoint(subject, at, volume, 1.0, 0.5, 0.4, 1.0, 5.0))
    return traces


def test_the_tallest_bar_is_not_hidden_behind_the_line_of_its_alert() -> None:
    """The bar that raised the alert is the one that a reader looks for."""
    history = AlertHistory((alert("company:ACME", 2_000), alert("company:ACME", 2_100, "resolved")))
    # So many bars are as thin as the line of the alert.
    traces = gallery("company:ACME", surge=2_000, hours=4_000)
    data = draw_seismogram("company:ACME", traces.trace("company:ACME"), [history])
    pixels = matplotlib.image.imread(io.BytesIO(data))[:, :, :3]
    top = pixels[60:150, 400:-50]  # far above all bars but the tallest, beside the legend
    bar, line = to_rgb(BAR)[0], to_rgb(ALERT)[0]
    assert (top[:, :, 0].min(axis=1) < (bar + line) / 2 + 0.1).all()


def test_the_axis_of_volumes_says_how_tall_the_tallest_bars_are() -> None:
    """A surge of seven stories would stand above the only label of the axis, 1."""
    data = draw_seismogram("a", gallery("a", surge=20, hours=40).trace("a"), [], "svg")
    labels = re.findall(r"<text[^>]*>([^<]*)</text>", data.decode())
    assert {"20", "50", "100"} <= set(labels)


def test_subjects_whose_names_differ_in_signs_only_get_files_of_their_own(tmp_path: Path) -> None:
    """One picture would replace the other, and the folder would show one subject less."""
    subjects = ("company:A/B", "company:A?B", "company:a-b", "company:../../x")
    histories = [AlertHistory((alert(subject, 100),)) for subject in subjects]
    files = list(save_all(tmp_path / "all", gallery(*subjects), histories, "svg"))
    assert len({file.name.lower() for file in files}) == len(subjects)
    assert {file.parent for file in files} == {tmp_path / "all"}
    assert len(list((tmp_path / "all").iterdir())) == len(subjects)
