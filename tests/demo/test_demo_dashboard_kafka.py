"""The dashboard beside the demo."""

import io
import os
import time
from pathlib import Path

import httpx
import pytest
from rich.console import Console

from agents.cluster_layout import ClusterLayout
from demo.run import _dashboard, environment

pytestmark = pytest.mark.kafka


def test_the_demo_prints_where_its_dashboard_is(kafka: str, tmp_path: Path) -> None:
    """A newcomer would not find the pages, or the demo would wait for Ctrl-C in a script."""
    cluster = ClusterLayout(bootstrap=kafka)
    console = Console(file=io.StringIO(), width=200)
    with _dashboard(console, environment(os.environ, cluster), tmp_path):
        assert isinstance(console.file, io.StringIO)
        address = console.file.getvalue().split()[-1]
        end = time.monotonic() + 60
        while True:
            try:
                assert httpx.get(address, timeout=10).status_code == 200
                break
            except httpx.ConnectError:
                assert time.monotonic() < end, (tmp_path / "dashboard.log").read_text()
                time.sleep(0.2)
    with pytest.raises(httpx.ConnectError):
        httpx.get(address, timeout=10)
