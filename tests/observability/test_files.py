"""The files of Grafana and Alertmanager, as far as they can be checked without these programs."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from schemas.metrics.condition import ALL_METRICS
from tests.debian import debian_program
from tests.infra.notifying.alertmanager import PACKAGE
from tests.observability.files import ALERTMANAGER, BOARDS, PROVISIONING, board, queries, rules

SUFFIXES = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_sum", "_count")}
OF_OTHERS = {"up", "process_cpu_seconds_total", "process_resident_memory_bytes"}
COLUMNS = 24
UNITS = {"none", "short", "ops", "s", "percentunit", "bytes"}


def served() -> set[str]:
    """Return the names of the series that workers serve."""
    return {metric.name + suffix for metric in ALL_METRICS for suffix in SUFFIXES[metric.kind]}


def asked(expression: str) -> set[str]:
    """Return the names of series in an expression."""
    return set(re.findall(r"\b(?:newsquake_\w+|process_\w+|up)\b", expression))


def test_panels_and_rules_ask_for_series_that_are_served_and_for_all_of_them() -> None:
    """A renamed metric would leave an empty panel, and a new one be seen by nobody."""
    expressions = [*(query for _, query in queries()), *(rule["expr"] for rule in rules())]
    names = set[str]().union(*map(asked, expressions))
    assert names - served() - OF_OTHERS == set()
    looked_at = [
        metric.name for metric in ALL_METRICS if any(metric.name in name for name in names)
    ]
    unseen = {metric.name for metric in ALL_METRICS} - set(looked_at)
    assert unseen <= {"newsquake_shadow_negative_difference"}


@pytest.mark.parametrize("file", BOARDS, ids=lambda file: file.stem)
def test_a_dashboard_is_whole(file: Path) -> None:
    """Grafana leaves out a dashboard with a fault, and says so in its log alone."""
    document = board(file)
    (source,) = yaml.safe_load((PROVISIONING / "datasources/prometheus.yml").read_text("utf-8"))[
        "datasources"
    ]
    panels = document["panels"]
    assert document["uid"] == f"newsquake-{file.stem}"
    assert len({panel["id"] for panel in panels}) == len(panels)
    cells = set[tuple[int, int]]()
    for panel in panels:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= COLUMNS
        own = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not own & cells, panel["title"]
        cells |= own
        if panel["type"] == "row":
            continue
        assert panel["type"] in {"timeseries", "stat", "table"}
        assert panel["fieldConfig"]["defaults"]["unit"] in UNITS
        assert panel["targets"]
        for asking in (panel, *panel["targets"]):
            assert asking["datasource"] == {"type": source["type"], "uid": source["uid"]}


def test_each_rule_says_what_is_wrong_and_how_bad_it_is() -> None:
    """Somebody who is called at night would have to look for what it means."""
    names = [rule["alert"] for rule in rules()]
    assert len(set(names)) == len(names)
    for rule in rules():
        assert rule["labels"]["severity"] in {"warning", "critical"}
        assert len(rule["annotations"]["summary"]) > 20


@pytest.mark.alertmanager
def test_alertmanager_accepts_its_file() -> None:
    """It would not start, and nobody be told of anything."""
    program = debian_program(PACKAGE, ("amtool",))
    checked = subprocess.run(
        [program, "check-config", str(ALERTMANAGER)], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
